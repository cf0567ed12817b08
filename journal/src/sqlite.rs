//! The journal in one `SQLite` file: the embedded default, for one process.

mod copy;
mod engine;
mod history;
mod import;
mod open;
mod reader;
mod row;
#[cfg(test)]
mod tests;
mod upkeep;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use tokio::sync::{oneshot, watch};
use uuid::Uuid;

pub use self::{
    copy::copy,
    history::SqliteHistory,
    import::SqliteImport,
    open::{Durability, Synchronous},
};
use self::{engine::SqliteEngine, open::Opening, reader::Reader, upkeep::Upkeep};
use crate::{
    Advance, Append, Appended, Fence, History, Journal, JournalError, Link, Parked, Position, RawEvent, Receipt, Recorded,
    SignedCheckpoint, Snapshot, StreamId, Succession, Timer, UsageHistory, UsagePoint, UsageSample, UsageSpan,
    appender::{
        Appender,
        task::{Queue, Reply, Task},
    },
    front::Front,
    prepare::{Prepared, prepare},
    rows::{self, VERIFIED_AT_START},
    vault::Vault,
};

/// Where the journal is and how it is kept.
#[derive(Clone)]
pub struct SqliteOptions {
    /// The database. The lock file is beside it, with `.lock` appended to the name.
    pub path: PathBuf,
    /// Seals personal values.
    pub vault: Arc<dyn Vault>,
    /// Whether a setting that can lose acknowledged events is refused.
    pub durability: Durability,
    /// `PRAGMA synchronous`, if it was configured; FULL otherwise.
    pub synchronous: Option<Synchronous>,
}

impl SqliteOptions {
    /// A durable journal.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, vault: Arc<dyn Vault>) -> Self {
        Self { path: path.into(), vault, durability: Durability::Full, synchronous: None }
    }
}

impl std::fmt::Debug for SqliteOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, durability, synchronous, .. } = self;
        f.debug_struct("SqliteOptions")
            .field("path", path)
            .field("durability", durability)
            .field("synchronous", synchronous)
            .finish_non_exhaustive()
    }
}

/// A journal in one file. Use [`SqliteJournal::init`]. If it is dropped without [`Journal::close`], what was accepted is
/// still written and the file is released some time later.
pub struct SqliteJournal {
    id: Uuid,
    vault: Arc<dyn Vault>,
    queue: Queue<Upkeep>,
    /// The appender owns the sender: when it is gone, the appender has released the files.
    head: watch::Receiver<Position>,
    reader: Reader,
    front: Front,
}

impl std::fmt::Debug for SqliteJournal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteJournal").field("id", &self.id).finish_non_exhaustive()
    }
}

impl SqliteJournal {
    /// Opens the journal, and creates it if there is no such file.
    ///
    /// # Errors
    /// [`JournalError::Locked`], [`JournalError::Path`], [`JournalError::NotDurable`], [`JournalError::Schema`],
    /// [`JournalError::Corrupt`], or a fault.
    pub async fn init(options: SqliteOptions) -> Result<Self, JournalError> {
        let opening = Opening { path: options.path, durability: options.durability, synchronous: options.synchronous.unwrap_or_default() };
        let lock = opening.lock()?;
        let (connection, id) = opening.init().await?;
        let reader = Reader::init(&opening, id).await?;
        let tip = reader.tip().await?;
        let from = reader.link(Position((tip.position - VERIFIED_AT_START).max(0))).await?;
        reader.verify(from, u32::MAX).await?;
        let (head, watching) = watch::channel(Position(tip.position));
        let (queue, jobs) = Queue::new();
        tokio::spawn(Appender::new(SqliteEngine::new(opening, connection, lock), id, tip, head).run(jobs));
        Ok(Self { id, vault: options.vault, queue, head: watching, reader, front: Front::default() })
    }

    async fn upkeep(&self, task: Upkeep) -> Reply {
        self.queue.submit(Task::Upkeep(task), None).await
    }

    /// Appends, after others of a succession if it is one of it.
    async fn write(&self, append: Append, following: Option<(Succession, oneshot::Sender<()>)>) -> Result<Appended, JournalError> {
        let started = Instant::now();
        let (succession, queued) = following.unzip();
        let prepared = Prepared { succession, ..prepare(&*self.vault, append).await? };
        let done = self.queue.submit(Task::Append(prepared), queued).await?;
        metrics::histogram!("nalabo_journal_append_seconds").record(started.elapsed().as_secs_f64());
        done.appended()
    }
}

#[async_trait::async_trait]
impl History for SqliteJournal {
    async fn load(&self, stream: &StreamId, after: i64) -> Result<Vec<Recorded>, JournalError> {
        self.reader.load(stream, after).await
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        self.reader.read(after, limit).await
    }

    async fn read_raw(&self, after: Position, limit: u32) -> Result<Vec<RawEvent>, JournalError> {
        self.reader.rows(after, limit).await
    }

    async fn read_back(&self, before: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        self.reader.read_back(before, limit).await
    }

    async fn head(&self) -> Result<Position, JournalError> {
        Ok(*self.head.borrow())
    }

    async fn content(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        self.reader.content(digest).await
    }

    async fn signed_checkpoint(&self, at: Position) -> Result<Option<SignedCheckpoint>, JournalError> {
        self.reader.signed_checkpoint(at).await
    }

    async fn verify(&self, from: Link, limit: u32) -> Result<Link, JournalError> {
        let head = *self.head.borrow();
        let reached = self.reader.verify(from, limit).await?;
        // Events that were acknowledged and are gone from the end break no link.
        if reached == from && from.position < head && limit > 0 {
            return Err(rows::missing(from.position.0 + 1));
        }
        Ok(reached)
    }

    fn id(&self) -> Uuid {
        self.id
    }
}

#[async_trait::async_trait]
impl UsageHistory for SqliteJournal {
    async fn keep_usage(&self, sample: UsageSample) -> Result<(), JournalError> {
        self.upkeep(Upkeep::KeepUsage(sample)).await.map(drop)
    }

    async fn usage(&self, span: UsageSpan) -> Result<Vec<UsagePoint>, JournalError> {
        self.reader.usage(&span).await
    }

    async fn thin_usage(&self, now: DateTime<Utc>) -> Result<u64, JournalError> {
        self.upkeep(Upkeep::ThinUsage { now }).await?.counted()
    }
}

#[async_trait::async_trait]
impl Journal for SqliteJournal {
    async fn append(&self, append: Append) -> Result<Appended, JournalError> {
        self.write(append, None).await
    }

    async fn append_after(&self, append: Append, succession: Succession, queued: oneshot::Sender<()>) -> Result<Appended, JournalError> {
        self.write(append, Some((succession, queued))).await
    }

    async fn follow(&self, after: Position, limit: u32) -> Result<Vec<Arc<Recorded>>, JournalError> {
        let head = *self.head.borrow();
        self.front.read(after, limit, head, self.reader.read(after, limit)).await
    }

    fn watch_head(&self) -> watch::Receiver<Position> {
        self.head.clone()
    }

    async fn receipt(&self, actor: &str, operation: &str, key: &str) -> Result<Option<Receipt>, JournalError> {
        self.reader.receipt(actor, operation, key, Utc::now()).await
    }

    async fn purge_receipts(&self, now: DateTime<Utc>) -> Result<u64, JournalError> {
        self.upkeep(Upkeep::PurgeReceipts { now }).await?.counted()
    }

    async fn put_content(&self, bytes: &[u8]) -> Result<String, JournalError> {
        let digest = hex::encode(Sha256::digest(bytes));
        self.upkeep(Upkeep::PutContent { digest: digest.clone(), bytes: bytes.to_vec() }).await?;
        Ok(digest)
    }

    async fn lease(&self, name: &str, holder: &str, ttl: Duration) -> Result<Option<Fence>, JournalError> {
        self.upkeep(Upkeep::Lease { name: name.to_owned(), holder: holder.to_owned(), ttl }).await?.leased()
    }

    async fn checkpoint(&self, subscriber: &str) -> Result<Position, JournalError> {
        self.reader.checkpoint(subscriber).await
    }

    async fn advance(&self, advance: Advance) -> Result<(), JournalError> {
        self.upkeep(Upkeep::Advance(advance)).await.map(drop)
    }

    async fn due_timers(&self, subscriber: &str, now: DateTime<Utc>, limit: u32) -> Result<Vec<Timer>, JournalError> {
        self.reader.due_timers(subscriber, now, limit).await
    }

    async fn parked(&self, subscriber: &str) -> Result<Vec<Parked>, JournalError> {
        self.reader.parked(subscriber).await
    }

    async fn snapshot(&self, stream: &StreamId, version: u32) -> Result<Option<Snapshot>, JournalError> {
        self.reader.snapshot(stream, version).await
    }

    async fn put_snapshot(&self, snapshot: Snapshot) -> Result<(), JournalError> {
        self.upkeep(Upkeep::PutSnapshot(snapshot)).await.map(drop)
    }

    async fn put_signed_checkpoint(&self, checkpoint: SignedCheckpoint) -> Result<(), JournalError> {
        self.upkeep(Upkeep::PutSignedCheckpoint(checkpoint)).await.map(drop)
    }

    async fn close(&self) {
        self.queue.close().await;
        let mut head = self.head.clone();
        while head.changed().await.is_ok() {}
        self.reader.close().await;
    }
}
