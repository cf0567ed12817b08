//! What is asked of the appender. Every write goes through it, so that none has to fight for the file.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use crate::{Advance, Appended, Fence, JournalError, SignedCheckpoint, Snapshot, prepare::Prepared};

pub(super) type Reply = Result<Done, JournalError>;

#[derive(Debug)]
pub(super) enum Message {
    Job(Box<Job>),
    /// Finish what is queued, take nothing more.
    Close,
}

#[derive(Debug)]
pub(super) struct Job {
    pub(super) task: Task,
    pub(super) reply: oneshot::Sender<Reply>,
}

#[derive(Debug)]
pub(super) enum Task {
    Append(Prepared),
    PurgeReceipts { now: DateTime<Utc> },
    PutContent { digest: String, bytes: Vec<u8> },
    Lease { name: String, holder: String, ttl: Duration },
    Advance(Advance),
    PutSnapshot(Snapshot),
    PutSignedCheckpoint(SignedCheckpoint),
}

#[derive(Debug)]
pub(super) enum Done {
    Appended(Appended),
    Counted(u64),
    Leased(Option<Fence>),
    Stored,
}

impl Done {
    pub(super) fn appended(self) -> Result<Appended, JournalError> {
        if let Self::Appended(appended) = self { Ok(appended) } else { Err(JournalError::Unknown) }
    }

    pub(super) fn counted(self) -> Result<u64, JournalError> {
        if let Self::Counted(count) = self { Ok(count) } else { Err(JournalError::Unknown) }
    }

    pub(super) fn leased(self) -> Result<Option<Fence>, JournalError> {
        if let Self::Leased(fence) = self { Ok(fence) } else { Err(JournalError::Unknown) }
    }
}
