//! The operations of a socket. Each runs in a task of its own: one whose answer nobody takes yet must not keep hold of
//! what others wait for, such as a connection to the database.

use std::collections::HashMap;

use async_graphql::Response;
use futures_util::{Stream, StreamExt, pin_mut};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::AbortHandle,
};

/// An answer of an operation; none after the last.
struct Answer {
    id: String,
    /// Tells it from another operation that had the same id before.
    serial: u64,
    response: Option<Response>,
}

struct Running {
    serial: u64,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Operations by id. Dropping it ends them.
pub(super) struct Operations {
    running: HashMap<String, Running>,
    serial: u64,
    sender: Sender<Answer>,
    receiver: Receiver<Answer>,
}

impl Operations {
    pub(super) fn new() -> Self {
        // An operation goes on only when its answer is taken, so that what is not taken does not pile up.
        let (sender, receiver) = mpsc::channel(1);
        Self { running: HashMap::new(), serial: 0, sender, receiver }
    }

    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.running.contains_key(id)
    }

    pub(super) fn begin(&mut self, id: String, answers: impl Stream<Item = Response> + Send + 'static) {
        self.serial += 1;
        let (serial, sender, name) = (self.serial, self.sender.clone(), id.clone());
        let run = async move {
            pin_mut!(answers);
            loop {
                let response = answers.next().await;
                let ended = response.is_none();
                if sender.send(Answer { id: name.clone(), serial, response }).await.is_err() || ended {
                    return;
                }
            }
        };
        self.running.insert(id, Running { serial, task: tokio::spawn(run).abort_handle() });
    }

    pub(super) fn end(&mut self, id: &str) {
        self.running.remove(id);
    }

    /// The next answer of any that runs; none after its last. Nothing is lost if it is not waited for to the end.
    pub(super) async fn next(&mut self) -> (String, Option<Response>) {
        loop {
            let Some(Answer { id, serial, response }) = self.receiver.recv().await else {
                // It has a sender itself, so this does not happen; waiting is right for what would have nothing to say.
                std::future::pending().await
            };
            if self.running.get(&id).is_some_and(|running| running.serial == serial) {
                return (id, response);
            }
        }
    }
}
