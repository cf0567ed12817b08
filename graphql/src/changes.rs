//! Tells subscriptions that something happened. One tail of the journal serves all of them; what happened, each reads
//! for itself from the read models.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, pin_mut};
use journal::{Journal, Position, StreamId, tail};
use tokio::{
    sync::broadcast::{self, error::RecvError, error::TryRecvError},
    task::AbortHandle,
};

/// How many changes a slow subscription may be behind before it is told only that it missed some.
const BACKLOG: usize = 1024;
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Clone, Debug)]
struct Change {
    stream: StreamId,
    position: Position,
}

/// Follows the journal for as long as it is kept.
pub(crate) struct Changes {
    journal: Arc<dyn Journal>,
    sender: broadcast::Sender<Change>,
    following: AbortHandle,
}

impl Drop for Changes {
    fn drop(&mut self) {
        self.following.abort();
    }
}

impl Changes {
    /// Begins to follow. Must be called within a Tokio runtime.
    pub(crate) fn of(journal: Arc<dyn Journal>) -> Self {
        let sender = broadcast::Sender::new(BACKLOG);
        let from = *journal.watch_head().borrow();
        let following = tokio::spawn(follow(journal.clone(), from, sender.clone())).abort_handle();
        Self { journal, sender, following }
    }

    /// What happens from now on.
    pub(crate) fn watch(&self) -> Watch {
        Watch { receiver: self.sender.subscribe(), journal: self.journal.clone() }
    }
}

async fn follow(journal: Arc<dyn Journal>, mut seen: Position, sender: broadcast::Sender<Change>) {
    loop {
        let events = tail(journal.clone(), seen);
        pin_mut!(events);
        loop {
            match events.next().await {
                Some(Ok(event)) => {
                    seen = event.position;
                    // Nobody listens, or somebody does: both are fine.
                    let _ = sender.send(Change { stream: event.stream.clone(), position: event.position });
                }
                Some(Err(error)) => {
                    tracing::warn!(%error, "subscriptions fall behind; trying again");
                    tokio::time::sleep(PAUSE).await;
                    break;
                }
                None => return,
            }
        }
    }
}

/// One subscription's view of what happens.
pub(crate) struct Watch {
    receiver: broadcast::Receiver<Change>,
    journal: Arc<dyn Journal>,
}

impl Watch {
    /// Waits until something happens to a stream of interest, and takes in all that happened until then. The position
    /// of the last; none once the journal is closed.
    pub(crate) async fn next(&mut self, is_of_interest: impl Fn(&StreamId) -> bool) -> Option<Position> {
        let mut last = None;
        while last.is_none() {
            match self.receiver.recv().await {
                Ok(change) if is_of_interest(&change.stream) => last = Some(change.position),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => last = Some(*self.journal.watch_head().borrow()),
                Err(RecvError::Closed) => return None,
            }
        }
        loop {
            match self.receiver.try_recv() {
                Ok(change) if is_of_interest(&change.stream) => last = Some(change.position),
                Ok(_) => {}
                Err(TryRecvError::Lagged(_)) => last = Some(*self.journal.watch_head().borrow()),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return last,
            }
        }
    }
}
