//! Looking at a journal that another process has open.

use std::path::PathBuf;

use super::{
    open::{Durability, Opening, Synchronous},
    reader::Reader,
};
use crate::{JournalError, Position, Recorded};

/// Reads a journal without taking it: a server may have it open, and goes on writing.
#[derive(Debug)]
pub struct SqliteHistory(Reader);

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
        // The id matters only where hashes are made or checked, which is not done here.
        Ok(Self(Reader::init(&opening, uuid::Uuid::nil()).await?))
    }

    /// As [`Journal::read`](crate::Journal::read).
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn read(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        self.0.read(after, limit).await
    }

    /// The position of the last event; 0 in an empty journal.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn head(&self) -> Result<Position, JournalError> {
        Ok(Position(self.0.tip().await?.position))
    }
}
