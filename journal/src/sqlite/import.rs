//! A whole history into a fresh file, which takes the journal's name only when it is complete.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use sqlx::{Connection, SqliteConnection};
use uuid::Uuid;

use super::{
    engine,
    open::{Durability, Opening, Synchronous},
    upkeep,
};
use crate::{
    History, Import, JournalError, Position, RawEvent, SignedCheckpoint,
    appender::engine::{EventRow, Rows},
    database,
};

/// What is appended to the name of a file that is not complete.
const UNFINISHED: &str = ".importing";

/// An import into an `SQLite` file. Use [`SqliteImport::begin`].
#[derive(Debug)]
pub struct SqliteImport {
    place: Place,
    connection: SqliteConnection,
}

impl SqliteImport {
    /// Begins at the path of a journal that does not exist or is empty, and that nobody has open.
    ///
    /// # Errors
    /// [`JournalError::Malformed`] if it has events, [`JournalError::Locked`], [`JournalError::Path`], or a fault.
    pub async fn begin(path: impl Into<PathBuf>, journal: Uuid) -> Result<Self, JournalError> {
        let path = path.into();
        let opening = Opening { path: path.clone(), durability: Durability::Full, synchronous: Synchronous::Full };
        let lock = opening.lock()?;
        refuse_events(&path).await?;
        let place = Place { unfinished: with(&path, UNFINISHED), path, done: false, _lock: lock };
        place.clear();
        // Its durability is that of the flush at the end.
        let writing = Opening { path: place.unfinished.clone(), durability: Durability::Unsafe, synchronous: Synchronous::Off };
        let (mut connection, _) = writing.init().await?;
        let fault = |error| writing.fault(error);
        sqlx::query("UPDATE journal SET id = ?").bind(journal.to_string()).execute(&mut connection).await.map_err(fault)?;
        Ok(Self { place, connection })
    }

    fn fault(&self, error: sqlx::Error) -> JournalError {
        self.place.fault(error)
    }
}

#[async_trait::async_trait]
impl Import for SqliteImport {
    async fn take(&mut self, events: Vec<RawEvent>) -> Result<(), JournalError> {
        let rows = events.iter().map(|event| Ok(EventRow { columns: event.columns(), hash: event.hash()? }));
        let rows = Rows { events: rows.collect::<Result<_, JournalError>>()?, receipts: vec![] };
        let written = async {
            let mut transaction = self.connection.begin().await?;
            engine::insert_events(&mut transaction, &rows).await?;
            transaction.commit().await
        };
        written.await.map_err(|error| self.place.fault(error))
    }

    async fn content(&mut self, bytes: Vec<u8>) -> Result<(), JournalError> {
        let digest = hex::encode(Sha256::digest(&bytes));
        let put = upkeep::put_content(&mut self.connection, &digest, &bytes).await;
        put.map_err(|error| self.fault(error))
    }

    async fn signed_checkpoint(&mut self, checkpoint: SignedCheckpoint) -> Result<(), JournalError> {
        let put = upkeep::put_signed_checkpoint(&mut self.connection, &checkpoint).await;
        put.map_err(|error| self.fault(error))
    }

    async fn finish(self: Box<Self>) -> Result<(), JournalError> {
        let Self { mut place, mut connection } = *self;
        let closed = async {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(&mut connection).await?;
            connection.close().await
        };
        closed.await.map_err(|error| place.fault(error))?;
        place.finish().map_err(|source| JournalError::Path { path: place.path.clone(), source })
    }
}

/// Where it is written and where it goes. Dropped unfinished, it leaves nothing behind.
#[derive(Debug)]
struct Place {
    path: PathBuf,
    unfinished: PathBuf,
    done: bool,
    _lock: File,
}

impl Place {
    fn finish(&mut self) -> std::io::Result<()> {
        File::open(&self.unfinished)?.sync_all()?;
        // Of the empty journal that makes room.
        remove(&with(&self.path, "-wal"));
        remove(&with(&self.path, "-shm"));
        std::fs::rename(&self.unfinished, &self.path)?;
        self.done = true;
        File::open(database::directory(&self.path))?.sync_all()
    }

    fn clear(&self) {
        for suffix in ["", "-wal", "-shm"] {
            remove(&with(&self.unfinished, suffix));
        }
    }

    fn fault(&self, error: sqlx::Error) -> JournalError {
        match database::fault(error, &self.unfinished) {
            database::Fault::Corrupt(what) => JournalError::Corrupt { at: self.unfinished.display().to_string(), what },
            database::Fault::Path(source) => JournalError::Path { path: self.unfinished.clone(), source },
            database::Fault::Other(error) => JournalError::Unavailable(error),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.done {
            self.clear();
        }
    }
}

async fn refuse_events(path: &Path) -> Result<(), JournalError> {
    if !path.exists() {
        return Ok(());
    }
    let history = super::SqliteHistory::init(path).await?;
    let head = history.head().await?;
    history.close().await;
    if head == Position(0) {
        return Ok(());
    }
    Err(JournalError::Malformed(format!("{} has {head} events, and an import needs an empty journal", path.display())))
}

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.to_owned().into_os_string();
    path.push(suffix);
    path.into()
}

fn remove(path: &Path) {
    let _ = std::fs::remove_file(path); // Mostly it is not there.
}
