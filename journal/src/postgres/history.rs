//! Looking at a journal that servers have open.

use uuid::Uuid;

use super::{access::Access, reader::Reader, setup};
use crate::{History, JournalError, Link, Position, RawEvent, Recorded, SignedCheckpoint, StreamId};

/// Reads a journal and changes nothing: neither tables nor roles.
#[derive(Debug)]
pub struct PostgresHistory(Reader, Uuid);

impl PostgresHistory {
    /// Opens a journal that exists.
    ///
    /// # Errors
    /// [`JournalError::Schema`] if there is none of this version, [`JournalError::Unusable`], or a fault.
    pub async fn init(url: &str) -> Result<Self, JournalError> {
        let access = Access::new(url)?;
        let id = setup::journal_id(&access).await?;
        Ok(Self(Reader::new(&access, id), id))
    }
}

#[async_trait::async_trait]
impl History for PostgresHistory {
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
