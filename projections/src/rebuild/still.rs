//! A history that stands still, where a journal is expected.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use journal::{
    Advance, Append, Appended, Fence, History, Journal, JournalError, Link, Parked, Position, RawEvent, Receipt, Recorded,
    SignedCheckpoint, Snapshot, StreamId, Timer,
};
use tokio::sync::watch;
use uuid::Uuid;

/// Reads what there is; everything else is closed.
pub(super) struct Still(pub(super) Arc<dyn History>);

#[async_trait::async_trait]
impl History for Still {
    async fn load(&self, stream: &StreamId, after: i64) -> Result<Vec<Recorded>, JournalError> {
        self.0.load(stream, after).await
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        self.0.read(after, limit).await
    }

    async fn read_raw(&self, after: Position, limit: u32) -> Result<Vec<RawEvent>, JournalError> {
        self.0.read_raw(after, limit).await
    }

    async fn read_back(&self, before: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        self.0.read_back(before, limit).await
    }

    async fn head(&self) -> Result<Position, JournalError> {
        self.0.head().await
    }

    async fn content(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        self.0.content(digest).await
    }

    async fn signed_checkpoint(&self, at: Position) -> Result<Option<SignedCheckpoint>, JournalError> {
        self.0.signed_checkpoint(at).await
    }

    async fn verify(&self, from: Link, limit: u32) -> Result<Link, JournalError> {
        self.0.verify(from, limit).await
    }

    fn id(&self) -> Uuid {
        self.0.id()
    }
}

#[async_trait::async_trait]
impl Journal for Still {
    async fn append(&self, _: Append) -> Result<Appended, JournalError> {
        Err(JournalError::Closed)
    }

    fn watch_head(&self) -> watch::Receiver<Position> {
        watch::channel(Position::default()).1
    }

    async fn receipt(&self, _: &str, _: &str, _: &str) -> Result<Option<Receipt>, JournalError> {
        Err(JournalError::Closed)
    }

    async fn purge_receipts(&self, _: DateTime<Utc>) -> Result<u64, JournalError> {
        Err(JournalError::Closed)
    }

    async fn put_content(&self, _: &[u8]) -> Result<String, JournalError> {
        Err(JournalError::Closed)
    }

    async fn lease(&self, _: &str, _: &str, _: Duration) -> Result<Option<Fence>, JournalError> {
        Err(JournalError::Closed)
    }

    async fn checkpoint(&self, _: &str) -> Result<Position, JournalError> {
        Err(JournalError::Closed)
    }

    async fn advance(&self, _: Advance) -> Result<(), JournalError> {
        Err(JournalError::Closed)
    }

    async fn due_timers(&self, _: &str, _: DateTime<Utc>, _: u32) -> Result<Vec<Timer>, JournalError> {
        Err(JournalError::Closed)
    }

    async fn parked(&self, _: &str) -> Result<Vec<Parked>, JournalError> {
        Err(JournalError::Closed)
    }

    async fn snapshot(&self, _: &StreamId, _: u32) -> Result<Option<Snapshot>, JournalError> {
        Err(JournalError::Closed)
    }

    async fn put_snapshot(&self, _: Snapshot) -> Result<(), JournalError> {
        Err(JournalError::Closed)
    }

    async fn put_signed_checkpoint(&self, _: SignedCheckpoint) -> Result<(), JournalError> {
        Err(JournalError::Closed)
    }

    async fn close(&self) {}
}
