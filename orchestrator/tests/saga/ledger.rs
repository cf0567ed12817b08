//! The journal under the saga: the real one, but reading can be made to fail or to wait.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use journal::{Append, Appended, Fence, Journal, JournalError, Link, Position, Receipt, Recorded, StreamId, Timer, TimerChange};
use tokio::sync::watch;

pub(crate) struct Ledger {
    journal: Arc<dyn Journal>,
    /// How many of the next reads in global order fail.
    pub(crate) failing: AtomicU32,
    /// While true, contents are not handed out.
    pub(crate) held: watch::Sender<bool>,
    /// How often contents were asked for.
    pub(crate) asked: watch::Sender<usize>,
}

impl Ledger {
    pub(crate) fn new(journal: Arc<dyn Journal>) -> Arc<Self> {
        Arc::new(Self { journal, failing: AtomicU32::new(0), held: watch::Sender::default(), asked: watch::Sender::default() })
    }
}

#[async_trait::async_trait]
impl Journal for Ledger {
    async fn append(&self, append: Append) -> Result<Appended, JournalError> {
        self.journal.append(append).await
    }

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

    async fn read_back(&self, before: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        self.journal.read_back(before, limit).await
    }

    async fn head(&self) -> Result<Position, JournalError> {
        self.journal.head().await
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

    async fn content(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        self.asked.send_modify(|asked| *asked += 1);
        drop(self.held.subscribe().wait_for(|held| !held).await);
        self.journal.content(digest).await
    }

    async fn lease(&self, name: &str, holder: &str, ttl: Duration) -> Result<Option<Fence>, JournalError> {
        self.journal.lease(name, holder, ttl).await
    }

    async fn checkpoint(&self, subscriber: &str) -> Result<Position, JournalError> {
        self.journal.checkpoint(subscriber).await
    }

    async fn advance(&self, subscriber: &str, to: Position, timers: &[TimerChange]) -> Result<(), JournalError> {
        self.journal.advance(subscriber, to, timers).await
    }

    async fn due_timers(&self, subscriber: &str, now: DateTime<Utc>, limit: u32) -> Result<Vec<Timer>, JournalError> {
        self.journal.due_timers(subscriber, now, limit).await
    }

    async fn verify(&self, from: Link, limit: u32) -> Result<Link, JournalError> {
        self.journal.verify(from, limit).await
    }

    fn id(&self) -> uuid::Uuid {
        self.journal.id()
    }

    async fn close(&self) {
        self.journal.close().await;
    }
}
