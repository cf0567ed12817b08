//! What is asked of the appender.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::{mpsc, oneshot};

use crate::{Appended, Fence, JournalError, prepare::Prepared};

/// How many writes may wait for the appender before their callers do.
const QUEUE: usize = 4096;

pub(crate) type Reply = Result<Done, JournalError>;

#[derive(Debug)]
pub(crate) enum Message<U> {
    Job(Box<Job<U>>),
    /// Finish what is queued, take nothing more.
    Close,
}

#[derive(Debug)]
pub(crate) struct Job<U> {
    pub(crate) task: Task<U>,
    pub(crate) reply: oneshot::Sender<Reply>,
    pub(crate) since: Instant,
    taken: Arc<AtomicBool>,
}

impl<U> Job<U> {
    pub(crate) fn new(task: Task<U>) -> (Self, oneshot::Receiver<Reply>) {
        let (reply, answer) = oneshot::channel();
        (Self { task, reply, since: Instant::now(), taken: Arc::default() }, answer)
    }

    pub(crate) const fn append(&self) -> Option<&Prepared> {
        if let Task::Append(append) = &self.task { Some(append) } else { None }
    }

    /// Once, before it is done. `false`: the caller has given up, and has been told that nothing was written.
    pub(crate) fn take(&self) -> bool {
        let is_wanted = !self.taken.swap(true, Ordering::AcqRel);
        if let Some(append) = self.append().filter(|_| !is_wanted) {
            append.was_not_written();
        }
        is_wanted
    }
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a job is boxed as a whole, and most are appends")]
pub(crate) enum Task<U> {
    Append(Prepared),
    /// What the engine writes beside events.
    Upkeep(U),
}

#[derive(Debug)]
pub(crate) enum Done {
    Appended(Appended),
    Counted(u64),
    Leased(Option<Fence>),
    Stored,
}

impl Done {
    pub(crate) fn appended(self) -> Result<Appended, JournalError> {
        if let Self::Appended(appended) = self { Ok(appended) } else { Err(JournalError::Unknown) }
    }

    pub(crate) fn counted(self) -> Result<u64, JournalError> {
        if let Self::Counted(count) = self { Ok(count) } else { Err(JournalError::Unknown) }
    }

    pub(crate) fn leased(self) -> Result<Option<Fence>, JournalError> {
        if let Self::Leased(fence) = self { Ok(fence) } else { Err(JournalError::Unknown) }
    }
}

/// The way to the appender.
#[derive(Debug)]
pub(crate) struct Queue<U>(mpsc::Sender<Message<U>>);

impl<U> Queue<U> {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Message<U>>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self(sender), receiver)
    }

    /// Waits for the answer, however long it takes; tells `queued` once it is in line.
    pub(crate) async fn submit(&self, task: Task<U>, queued: Option<oneshot::Sender<()>>) -> Reply {
        let (job, answer) = Job::new(task);
        self.0.send(Message::Job(Box::new(job))).await.map_err(|_| JournalError::Closed)?;
        tell(queued);
        // The appender answers whatever it has taken; if it cannot any more, the outcome is open.
        answer.await.unwrap_or(Err(JournalError::Unknown))
    }

    /// As [`Queue::submit`], but withdraws what the appender has not taken up after `patience`.
    pub(crate) async fn submit_within(&self, task: Task<U>, queued: Option<oneshot::Sender<()>>, patience: Duration) -> Reply {
        let (job, mut answer) = Job::new(task);
        let taken = job.taken.clone();
        let until = tokio::time::Instant::now() + patience;
        match tokio::time::timeout_at(until, self.0.send(Message::Job(Box::new(job)))).await {
            Ok(sent) => sent.map_err(|_| JournalError::Closed)?,
            Err(_) => return Err(JournalError::timed_out()),
        }
        tell(queued);
        if let Ok(reply) = tokio::time::timeout_at(until, &mut answer).await {
            return reply.unwrap_or(Err(JournalError::Unknown));
        }
        if !taken.swap(true, Ordering::AcqRel) {
            return Err(JournalError::timed_out());
        }
        answer.await.unwrap_or(Err(JournalError::Unknown))
    }

    pub(crate) async fn close(&self) {
        // Fails only if the appender is closing already.
        let _ = self.0.send(Message::Close).await;
    }
}

fn tell(queued: Option<oneshot::Sender<()>>) {
    if let Some(queued) = queued {
        // Whoever asked may have gone away.
        let _ = queued.send(());
    }
}
