//! The append-only event store: append to several streams at once, load one, read all in one order, tail.
//!
//! It knows no domain type. What an acknowledged append promises is written at [`Journal::append`]; every engine
//! passes the same contract suite (`tests/contract/`).

mod append;
mod appender;
mod batches;
mod chain;
mod database;
mod error;
pub mod evidence;
mod front;
mod import;
pub mod postgres;
mod prepare;
mod recorded;
mod rows;
pub mod seal;
mod snapshot;
pub mod sqlite;
mod stored;
mod subscriber;
mod succession;
mod tail;
mod usage;
pub mod vault;

pub use append::{Append, Appended, Fence, Metadata, NewEvent, NewReceipt, StreamWrite};
pub use chain::Link;
pub use error::JournalError;
pub use import::Import;
pub use recorded::{Payload, Position, Receipt, Recorded, StreamId};
pub use snapshot::{SignedCheckpoint, Snapshot};
pub use sqlite::Durability;
pub use stored::RawEvent;
pub use subscriber::{Advance, ParkChange, Parked, Timer, TimerChange};
pub use succession::Succession;
pub use tail::tail;
pub use usage::{Amounts, RefusedSpan, UsageHistory, UsagePoint, UsageSample, UsageSpan};

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::sync::{oneshot, watch};

/// Reads what has been recorded, here or by another process. Shared as `Arc<dyn History>`.
#[async_trait::async_trait]
pub trait History: Send + Sync + 'static {
    /// The events of a stream whose sequence is greater than `after` (0: all), in order.
    async fn load(&self, stream: &StreamId, after: i64) -> Result<Vec<Recorded>, JournalError>;

    /// At most `limit` events of all streams after `after`, in the one global order without gaps.
    async fn read(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, JournalError>;

    /// As [`History::read`], exactly as stored and not looked into.
    async fn read_raw(&self, after: Position, limit: u32) -> Result<Vec<RawEvent>, JournalError>;

    /// At most `limit` events before `before`, latest first.
    async fn read_back(&self, before: Position, limit: u32) -> Result<Vec<Recorded>, JournalError>;

    /// The position of the last event; 0 in an empty journal.
    async fn head(&self) -> Result<Position, JournalError>;

    /// The bytes kept under a digest.
    async fn content(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError>;

    /// The latest signed checkpoint at or before a position.
    async fn signed_checkpoint(&self, at: Position) -> Result<Option<SignedCheckpoint>, JournalError>;

    /// Hashes at most `limit` stored events after `from` again, and returns the link reached: `from` itself at the end.
    ///
    /// # Errors
    /// [`JournalError::Corrupt`] at the first event that is missing or not as it was written, or a fault.
    async fn verify(&self, from: Link, limit: u32) -> Result<Link, JournalError>;

    /// Names this journal, wherever its files are moved.
    fn id(&self) -> uuid::Uuid;

    /// The position of the last event recorded at or before an instant; 0 if there is none.
    async fn position_at(&self, at: DateTime<Utc>) -> Result<Position, JournalError> {
        // Times never go back along the positions.
        let (mut before, mut after) = (0, self.head().await?.0 + 1);
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            match self.read_raw(Position(middle - 1), 1).await?.first() {
                Some(event) if event.recorded_at <= at.timestamp_micros() => before = middle,
                _ => after = middle,
            }
        }
        Ok(Position(before))
    }
}

/// An engine that keeps events. Engines are shared as `Arc<dyn Journal>`.
#[async_trait::async_trait]
pub trait Journal: History + UsageHistory {
    /// Writes to one or several streams, all or nothing. When this returns `Ok`, the events and the receipt have been
    /// flushed to disk and will survive the loss of power. Dropping the future never cancels a write half-way.
    ///
    /// # Errors
    /// [`JournalError::Conflict`] if a stream is not at the expected sequence, [`JournalError::Receipt`] if the same
    /// request was answered before, [`JournalError::Fenced`] if the lease has passed to another,
    /// [`JournalError::TooLarge`], or a fault. In none of these cases has anything been written.
    async fn append(&self, append: Append) -> Result<Appended, JournalError>;

    /// As [`Journal::append`], of one that was decided on others of its succession, all of which were queued before. `queued` is told once
    /// it is certain that whatever is appended from then on comes after it; an engine that never is leaves that out.
    ///
    /// # Errors
    /// As [`Journal::append`]; and a [`JournalError::Conflict`] at the very sequence that is expected, if one before it was not written.
    async fn append_after(&self, append: Append, succession: Succession, queued: oneshot::Sender<()>) -> Result<Appended, JournalError> {
        drop(queued);
        let appended = self.append(append).await;
        if appended.is_err() {
            succession.fail();
        }
        appended
    }

    /// Sees the head each time it moves, whichever process moved it. A tail waits on it and reads.
    fn watch_head(&self) -> watch::Receiver<Position>;

    /// As [`History::read`], for those who follow the journal and find much the same: read once for all who come to it at about the
    /// same time. What was recorded elsewhere, and the head does not show yet, may be missing.
    async fn follow(&self, after: Position, limit: u32) -> Result<Vec<Arc<Recorded>>, JournalError> {
        Ok(front::shared(self.read(after, limit).await?))
    }

    /// What a request under this key was answered, unless it has expired.
    async fn receipt(&self, actor: &str, operation: &str, key: &str) -> Result<Option<Receipt>, JournalError>;

    /// Removes receipts that expired before `now`; how many there were.
    async fn purge_receipts(&self, now: DateTime<Utc>) -> Result<u64, JournalError>;

    /// Keeps bytes under their SHA-256 and returns it in lower-case hexadecimal. Keeping the same twice is no change.
    async fn put_content(&self, bytes: &[u8]) -> Result<String, JournalError>;

    /// Takes or renews a lease for `ttl`. A take-over raises the epoch; renewing keeps it. `None`: another holds it.
    async fn lease(&self, name: &str, holder: &str, ttl: Duration) -> Result<Option<Fence>, JournalError>;

    /// How far a durable subscriber has come; 0 if it never ran.
    async fn checkpoint(&self, subscriber: &str) -> Result<Position, JournalError>;

    /// Moves a subscriber's checkpoint and changes its timers and what it set aside, in one transaction.
    ///
    /// # Errors
    /// [`JournalError::Fenced`] if the lease has passed to another; nothing was written then. Or a fault.
    async fn advance(&self, advance: Advance) -> Result<(), JournalError>;

    /// Timers of a subscriber due at `now`, the earliest first, at most `limit`.
    async fn due_timers(&self, subscriber: &str, now: DateTime<Utc>, limit: u32) -> Result<Vec<Timer>, JournalError>;

    /// What a subscriber has set aside, the longest first.
    async fn parked(&self, subscriber: &str) -> Result<Vec<Parked>, JournalError>;

    /// The snapshot of a stream, if there is one of this version.
    async fn snapshot(&self, stream: &StreamId, version: u32) -> Result<Option<Snapshot>, JournalError>;

    /// Keeps a snapshot in place of the stream's older one. One of a lower sequence and the same version changes nothing.
    async fn put_snapshot(&self, snapshot: Snapshot) -> Result<(), JournalError>;

    /// Keeps a signed checkpoint. Keeping one of the same position twice leaves the first.
    async fn put_signed_checkpoint(&self, checkpoint: SignedCheckpoint) -> Result<(), JournalError>;

    /// Finishes what was accepted, refuses the rest, and releases the files.
    async fn close(&self);
}
