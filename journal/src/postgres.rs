//! The journal in a `PostgreSQL` database, for any number of processes.

mod access;
mod engine;
mod head;
mod history;
mod import;
mod reader;
mod row;
mod setup;
mod sheet;
mod upkeep;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use sha2::{Digest, Sha256};
use tokio::sync::{oneshot, watch};
use uuid::Uuid;

use self::{access::Access, engine::PostgresEngine, reader::Reader, upkeep::Upkeep};
pub use self::{history::PostgresHistory, import::PostgresImport};
use crate::{
    Advance, Append, Appended, Durability, Fence, History, Journal, JournalError, Link, Parked, Position, RawEvent, Receipt, Recorded,
    SignedCheckpoint, Snapshot, StreamId, Succession, Timer, UsageHistory, UsagePoint, UsageSample, UsageSpan,
    appender::{
        Appender,
        task::{Queue, Task},
    },
    front::Front,
    prepare::{Prepared, prepare},
    rows::{self, VERIFIED_AT_START},
    vault::Vault,
};

/// How long a write waits for the appender to take it up.
const QUEUED_LIMIT: Duration = Duration::from_secs(1);

/// Where the journal is and how it is kept.
#[derive(Clone)]
pub struct PostgresOptions {
    /// The database: `postgres://user:password@host:port/database?sslmode=…`.
    pub url: String,
    /// Seals personal values.
    pub vault: Arc<dyn Vault>,
    /// Whether a setting that can lose acknowledged events is refused.
    pub durability: Durability,
}

impl PostgresOptions {
    /// A durable journal.
    #[must_use]
    pub fn new(url: impl Into<String>, vault: Arc<dyn Vault>) -> Self {
        Self { url: url.into(), vault, durability: Durability::Full }
    }
}

impl std::fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = Access::new(&self.url).map(|access| access.place);
        f.debug_struct("PostgresOptions").field("place", &place.ok()).field("durability", &self.durability).finish_non_exhaustive()
    }
}

/// A journal in the schema `journal` of a database. Use [`PostgresJournal::init`]. If it is dropped without
/// [`Journal::close`], what was accepted is still written.
pub struct PostgresJournal {
    id: Uuid,
    vault: Arc<dyn Vault>,
    queue: Queue<std::convert::Infallible>,
    head: watch::Receiver<Position>,
    reader: Reader,
    front: Front,
    /// Ends the tasks beside the appender when it is dropped, or told.
    closing: watch::Sender<()>,
}

impl std::fmt::Debug for PostgresJournal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresJournal").field("id", &self.id).finish_non_exhaustive()
    }
}

impl PostgresJournal {
    /// Opens the journal; makes the tables and the role `nalabo_app`, or brings them up to date, if that is needed and the
    /// connecting role may.
    ///
    /// # Errors
    /// [`JournalError::Unusable`] if the server is older than 15 or the rights do not suffice, [`JournalError::NotDurable`],
    /// [`JournalError::Schema`], [`JournalError::Corrupt`], or a fault.
    pub async fn init(options: PostgresOptions) -> Result<Self, JournalError> {
        Self::open(options).await
    }

    /// Boxed: the compiler cannot tell otherwise that it may move between threads.
    fn open(options: PostgresOptions) -> BoxFuture<'static, Result<Self, JournalError>> {
        Box::pin(Self::open_tables(options))
    }

    async fn open_tables(options: PostgresOptions) -> Result<Self, JournalError> {
        let access = Access::new(&options.url)?;
        let id = setup::prepare(&access, options.durability).await?;
        let reader = Reader::new(&access, id);
        let tip = reader.tip().await?;
        let from = reader.link(Position((tip.position - VERIFIED_AT_START).max(0))).await?;
        reader.verify(from, u32::MAX).await?;
        let (head, watching) = watch::channel(Position(tip.position));
        let (closing, closed) = watch::channel(());
        let (queue, jobs) = Queue::new();
        tokio::spawn(head::listen(access.clone(), reader.clone(), head.clone(), closed.clone()));
        tokio::spawn(head::notify(access.clone(), head.subscribe(), closed));
        tokio::spawn(Appender::new(PostgresEngine::new(access), id, tip, head).run(jobs));
        Ok(Self { id, vault: options.vault, queue, head: watching, reader, front: Front::default(), closing })
    }

    async fn upkeep(&self, task: Upkeep) -> Result<Option<i64>, JournalError> {
        upkeep::run(self.reader.pool.clone(), task).await
    }

    /// Appends, after others of a succession if it is one of it.
    async fn write(&self, append: Append, following: Option<(Succession, oneshot::Sender<()>)>) -> Result<Appended, JournalError> {
        let started = Instant::now();
        let (succession, queued) = following.unzip();
        let prepared = Prepared { succession, ..prepare(&*self.vault, append).await? };
        let done = self.queue.submit_within(Task::Append(prepared), queued, QUEUED_LIMIT).await?;
        metrics::histogram!("nalabo_journal_append_seconds").record(started.elapsed().as_secs_f64());
        done.appended()
    }
}

#[async_trait::async_trait]
impl History for PostgresJournal {
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

    /// As the database has it: another process may have moved it just now.
    async fn head(&self) -> Result<Position, JournalError> {
        Ok(Position(self.reader.tip().await?.position))
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
impl UsageHistory for PostgresJournal {
    async fn keep_usage(&self, sample: UsageSample) -> Result<(), JournalError> {
        self.upkeep(Upkeep::KeepUsage(sample)).await.map(drop)
    }

    async fn usage(&self, span: UsageSpan) -> Result<Vec<UsagePoint>, JournalError> {
        self.reader.usage(&span).await
    }

    async fn thin_usage(&self, now: DateTime<Utc>) -> Result<u64, JournalError> {
        let removed = self.upkeep(Upkeep::ThinUsage { now }).await?;
        Ok(removed.and_then(|removed| u64::try_from(removed).ok()).unwrap_or_default())
    }
}

#[async_trait::async_trait]
impl Journal for PostgresJournal {
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
        let purged = self.upkeep(Upkeep::PurgeReceipts { now }).await?;
        Ok(purged.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    }

    async fn put_content(&self, bytes: &[u8]) -> Result<String, JournalError> {
        let digest = hex::encode(Sha256::digest(bytes));
        self.upkeep(Upkeep::PutContent { digest: digest.clone(), bytes: bytes.to_vec() }).await?;
        Ok(digest)
    }

    async fn lease(&self, name: &str, holder: &str, ttl: Duration) -> Result<Option<Fence>, JournalError> {
        let epoch = self.upkeep(Upkeep::Lease { name: name.to_owned(), holder: holder.to_owned(), ttl }).await?;
        Ok(epoch.map(|epoch| Fence { lease: name.to_owned(), epoch }))
    }

    async fn checkpoint(&self, subscriber: &str) -> Result<Position, JournalError> {
        self.reader.checkpoint(subscriber).await
    }

    async fn advance(&self, advance: Advance) -> Result<(), JournalError> {
        let lease = advance.fence.as_ref().map(|fence| fence.lease.clone()).unwrap_or_default();
        self.upkeep(Upkeep::Advance(advance)).await?.map(drop).ok_or(JournalError::Fenced(lease))
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
        let _ = self.closing.send(());
        let mut head = self.head.clone();
        while head.changed().await.is_ok() {}
        self.reader.pool.close().await;
    }
}
