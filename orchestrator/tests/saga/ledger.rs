//! The journal under the saga: the real one, but reading can be made to fail or to wait.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use journal::{
    Advance, Append, Appended, Fence, History, Journal, JournalError, Link, Parked, Position, RawEvent, Receipt, Recorded,
    SignedCheckpoint, Snapshot, StreamId, Timer, UsageHistory, UsagePoint, UsageSample, UsageSpan,
};
use tokio::sync::watch;

pub(crate) struct Ledger {
    journal: Arc<dyn Journal>,
    /// How many of the next reads in global order fail.
    pub(crate) failing: Arc<AtomicU32>,
    /// While true, contents are not handed out.
    pub(crate) held: Arc<watch::Sender<bool>>,
    /// How often contents were asked for.
    pub(crate) asked: Arc<watch::Sender<usize>>,
}

impl Ledger {
    pub(crate) fn new(journal: Arc<dyn Journal>) -> Arc<Self> {
        Arc::new(Self { journal, failing: Arc::default(), held: Arc::default(), asked: Arc::default() })
    }

    /// The journal as another process has it, failing and waiting as this one does.
    pub(crate) fn of_another_process(&self, journal: Arc<dyn Journal>) -> Arc<Self> {
        let (failing, held, asked) = (Arc::clone(&self.failing), Arc::clone(&self.held), Arc::clone(&self.asked));
        Arc::new(Self { journal, failing, held, asked })
    }
}

#[async_trait::async_trait]
impl History for Ledger {
    async fn load(&self, stream: &StreamId, after: i64) -> Result<Vec<Recorded>, JournalError> {
        self.journal.load(stream, after).await
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        let failing = self.failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if failing.is_ok() {
            return Err(JournalError::Unknown);
        }
        self.journal.read(after, limit).await
    }

    async fn read_raw(&self, after: Position, limit: u32) -> Result<Vec<RawEvent>, JournalError> {
        self.journal.read_raw(after, limit).await
    }

    async fn read_back(&self, before: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        self.journal.read_back(before, limit).await
    }

    async fn head(&self) -> Result<Position, JournalError> {
        self.journal.head().await
    }

    async fn content(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        self.asked.send_modify(|asked| *asked += 1);
        drop(self.held.subscribe().wait_for(|held| !held).await);
        self.journal.content(digest).await
    }

    async fn signed_checkpoint(&self, at: Position) -> Result<Option<SignedCheckpoint>, JournalError> {
        self.journal.signed_checkpoint(at).await
    }

    async fn verify(&self, from: Link, limit: u32) -> Result<Link, JournalError> {
        self.journal.verify(from, limit).await
    }

    fn id(&self) -> uuid::Uuid {
        self.journal.id()
    }
}

#[async_trait::async_trait]
impl UsageHistory for Ledger {
    async fn keep_usage(&self, sample: UsageSample) -> Result<(), JournalError> {
        self.journal.keep_usage(sample).await
    }

    async fn usage(&self, span: UsageSpan) -> Result<Vec<UsagePoint>, JournalError> {
        self.journal.usage(span).await
    }

    async fn thin_usage(&self, now: DateTime<Utc>) -> Result<u64, JournalError> {
        self.journal.thin_usage(now).await
    }
}

#[async_trait::async_trait]
impl Journal for Ledger {
    async fn append(&self, append: Append) -> Result<Appended, JournalError> {
        self.journal.append(append).await
    }

    fn watch_head(&self) -> watch::Receiver<Position> {
        self.journal.watch_head()
    }

    async fn receipt(&self, actor: &str, operation: &str, key: &str) -> Result<Option<Receipt>, JournalError> {
        self.journal.receipt(actor, operation, key).await
    }

    async fn purge_receipts(&self, now: DateTime<Utc>) -> Result<u64, JournalError> {
        self.journal.purge_receipts(now).await
    }

    async fn put_content(&self, bytes: &[u8]) -> Result<String, JournalError> {
        self.journal.put_content(bytes).await
    }

    async fn lease(&self, name: &str, holder: &str, ttl: Duration) -> Result<Option<Fence>, JournalError> {
        self.journal.lease(name, holder, ttl).await
    }

    async fn checkpoint(&self, subscriber: &str) -> Result<Position, JournalError> {
        self.journal.checkpoint(subscriber).await
    }

    async fn advance(&self, advance: Advance) -> Result<(), JournalError> {
        self.journal.advance(advance).await
    }

    async fn due_timers(&self, subscriber: &str, now: DateTime<Utc>, limit: u32) -> Result<Vec<Timer>, JournalError> {
        self.journal.due_timers(subscriber, now, limit).await
    }

    async fn parked(&self, subscriber: &str) -> Result<Vec<Parked>, JournalError> {
        self.journal.parked(subscriber).await
    }

    async fn snapshot(&self, stream: &StreamId, version: u32) -> Result<Option<Snapshot>, JournalError> {
        self.journal.snapshot(stream, version).await
    }

    async fn put_snapshot(&self, snapshot: Snapshot) -> Result<(), JournalError> {
        self.journal.put_snapshot(snapshot).await
    }

    async fn put_signed_checkpoint(&self, checkpoint: SignedCheckpoint) -> Result<(), JournalError> {
        self.journal.put_signed_checkpoint(checkpoint).await
    }

    async fn close(&self) {
        self.journal.close().await;
    }
}
