//! Looking at a journal that another process has open.

use std::path::PathBuf;

use uuid::Uuid;

use super::{
    open::{Durability, Opening, Synchronous},
    reader::Reader,
};
use crate::{History, JournalError, Link, Position, RawEvent, Recorded, SignedCheckpoint, StreamId};

/// Reads a journal without taking it: a server may have it open, and goes on writing.
#[derive(Debug)]
pub struct SqliteHistory(Reader, Uuid);

impl SqliteHistory {
    /// Opens a journal that exists.
    ///
    /// # Errors
    /// [`JournalError::Path`] if there is none, [`JournalError::Corrupt`], or a fault.
    pub async fn init(path: impl Into<PathBuf>) -> Result<Self, JournalError> {
        let path = path.into();
        if let Err(source) = std::fs::metadata(&path) {
            return Err(JournalError::Path { path, source });
        }
        let opening = Opening { path, durability: Durability::Full, synchronous: Synchronous::Full };
        let id = opening.journal_id().await?;
        Ok(Self(Reader::init(&opening, id).await?, id))
    }

    /// Releases the file.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

#[async_trait::async_trait]
impl History for SqliteHistory {
    async fn load(&self, stream: &StreamId, after: i64) -> Result<Vec<Recorded>, JournalError> {
        self.0.load(stream, after).await
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        self.0.read(after, limit).await
    }

    async fn read_raw(&self, after: Position, limit: u32) -> Result<Vec<RawEvent>, JournalError> {
        self.0.rows(after, limit).await
    }

    async fn read_back(&self, before: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        self.0.read_back(before, limit).await
    }

    async fn head(&self) -> Result<Position, JournalError> {
        Ok(Position(self.0.tip().await?.position))
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
        self.1
    }
}
