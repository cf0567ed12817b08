//! The append-only event store: append to several streams at once, load one, read all in one order, tail.
//!
//! It knows no domain type. What an acknowledged append promises is written at [`Journal::append`]; every engine
//! passes the same contract suite (`tests/contract/`).

mod append;
mod chain;
mod database;
mod error;
mod prepare;
mod recorded;
pub mod seal;
pub mod sqlite;
mod stored;
mod tail;
pub mod vault;

pub use append::{Append, Appended, Fence, Metadata, NewEvent, NewReceipt, StreamWrite};
pub use chain::Link;
pub use error::JournalError;
pub use recorded::{Position, Receipt, Recorded, StreamId};
pub use tail::tail;

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

/// An engine that keeps events. Engines are shared as `Arc<dyn Journal>`.
#[async_trait::async_trait]
pub trait Journal: Send + Sync + 'static {
    /// Writes to one or several streams, all or nothing. When this returns `Ok`, the events and the receipt have been
    /// flushed to disk and will survive the loss of power. Dropping the future never cancels a write half-way.
    ///
    /// # Errors
    /// [`JournalError::Conflict`] if a stream is not at the expected sequence, [`JournalError::Receipt`] if the same
    /// request was answered before, [`JournalError::Fenced`] if the lease has passed to another,
    /// [`JournalError::TooLarge`], or a fault. In none of these cases has anything been written.
    async fn append(&self, append: Append) -> Result<Appended, JournalError>;

    /// The events of a stream whose sequence is greater than `after` (0: all), in order.
    async fn load(&self, stream: &StreamId, after: i64) -> Result<Vec<Recorded>, JournalError>;

    /// At most `limit` events of all streams after `after`, in the one global order without gaps.
    async fn read(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, JournalError>;

    /// At most `limit` events before `before`, latest first.
    async fn read_back(&self, before: Position, limit: u32) -> Result<Vec<Recorded>, JournalError>;

    /// The position of the last event; 0 in an empty journal.
    async fn head(&self) -> Result<Position, JournalError>;

    /// Sees the head each time it moves in this process. A tail waits on it and reads.
    fn watch_head(&self) -> watch::Receiver<Position>;

    /// What a request under this key was answered, unless it has expired.
    async fn receipt(&self, actor: &str, operation: &str, key: &str) -> Result<Option<Receipt>, JournalError>;

    /// Removes receipts that expired before `now`; how many there were.
    async fn purge_receipts(&self, now: DateTime<Utc>) -> Result<u64, JournalError>;

    /// Keeps bytes under their SHA-256 and returns it in lower-case hexadecimal. Keeping the same twice is no change.
    async fn put_content(&self, bytes: &[u8]) -> Result<String, JournalError>;

    /// The bytes kept under a digest.
    async fn content(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError>;

    /// Takes or renews a lease for `ttl`. A take-over raises the epoch; renewing keeps it. `None`: another holds it.
    async fn lease(&self, name: &str, holder: &str, ttl: Duration) -> Result<Option<Fence>, JournalError>;

    /// How far a durable subscriber has come; 0 if it never ran.
    async fn checkpoint(&self, subscriber: &str) -> Result<Position, JournalError>;

    /// Moves a subscriber's checkpoint and changes its timers in one transaction.
    async fn advance(&self, subscriber: &str, to: Position, timers: &[TimerChange]) -> Result<(), JournalError>;

    /// Timers of a subscriber due at `now`, the earliest first, at most `limit`.
    async fn due_timers(&self, subscriber: &str, now: DateTime<Utc>, limit: u32) -> Result<Vec<Timer>, JournalError>;

    /// Hashes at most `limit` stored events after `from` again, and returns the link reached: `from` itself at the end.
    ///
    /// # Errors
    /// [`JournalError::Corrupt`] at the first event that is missing or not as it was written, or a fault.
    async fn verify(&self, from: Link, limit: u32) -> Result<Link, JournalError>;

    /// Names this journal, wherever its files are moved.
    fn id(&self) -> uuid::Uuid;

    /// Finishes what was accepted, refuses the rest, and releases the files.
    async fn close(&self);
}

/// A promise to do something at an instant. It may fire twice or late: handlers look at the state again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// Unique within the subscriber.
    pub key: String,
    /// When.
    pub due: DateTime<Utc>,
}

/// A change of a subscriber's timers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimerChange {
    /// Sets a timer, or moves the one with the same key.
    Set(Timer),
    /// Removes it, if it is there.
    Cancel(String),
}
