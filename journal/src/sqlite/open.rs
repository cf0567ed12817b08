//! How the file is locked, opened and checked.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::PathBuf,
    str::FromStr,
};

use chrono::Utc;
use serde::{Deserialize, Serialize};
use sqlx::{
    ConnectOptions, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteSynchronous},
};
use uuid::Uuid;

use crate::{JournalError, database};

/// Whether an acknowledged event must survive the loss of power.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// It must: any other setting of the database is refused.
    #[default]
    Full,
    /// The operator accepts that it may not.
    Unsafe,
}

/// `PRAGMA synchronous`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Synchronous {
    /// Leaves it to the operating system.
    Off,
    /// Flushes at checkpoints only.
    Normal,
    /// Flushes at each commit.
    #[default]
    Full,
    /// As `Full`, and the directory as well.
    Extra,
}

impl FromStr for Synchronous {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "off" => Ok(Self::Off),
            "normal" => Ok(Self::Normal),
            "full" => Ok(Self::Full),
            "extra" => Ok(Self::Extra),
            _ => Err(format!("`{text}` is no level of synchronous: expected off, normal, full or extra")),
        }
    }
}

impl From<Synchronous> for SqliteSynchronous {
    fn from(level: Synchronous) -> Self {
        match level {
            Synchronous::Off => Self::Off,
            Synchronous::Normal => Self::Normal,
            Synchronous::Full => Self::Full,
            Synchronous::Extra => Self::Extra,
        }
    }
}

/// All that is needed to open the file, and to open it again.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    pub(super) path: PathBuf,
    pub(super) durability: Durability,
    pub(super) synchronous: Synchronous,
}

impl Opening {
    /// Takes the file for this process; dropping the lock releases it.
    pub(super) fn lock(&self) -> Result<File, JournalError> {
        let directory = database::directory(&self.path);
        let unusable = |source| JournalError::Path { path: directory.to_owned(), source };
        database::ensure_directory(&self.path).map_err(unusable)?;
        let mut path = self.path.clone().into_os_string();
        path.push(".lock");
        let path = PathBuf::from(path);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(JournalError::Locked { path }),
            Err(TryLockError::Error(source)) => Err(JournalError::Path { path, source }),
        }
    }

    /// Brings the tables up to date; the writer's connection and the journal's id.
    pub(super) async fn init(&self) -> Result<(SqliteConnection, Uuid), JournalError> {
        let mut connection = self.connect().await?;
        sqlx::migrate!("../migrations/sqlite").run(&mut connection).await.map_err(|error| match database::migration_fault(error) {
            Ok(what) => JournalError::Schema { path: self.path.clone(), what },
            Err(error) => self.fault(error),
        })?;
        let id = self.start(&mut connection).await.map_err(|error| self.fault(error))?;
        // A file that was just made must be found again after the loss of power.
        let directory = database::directory(&self.path);
        let flushed = File::open(directory).and_then(|directory| directory.sync_all());
        flushed.map_err(|source| JournalError::Path { path: directory.to_owned(), source })?;
        Ok((connection, parse_id(&id)?))
    }

    /// The id of a journal that exists, which is not changed by looking.
    pub(super) async fn journal_id(&self) -> Result<Uuid, JournalError> {
        let mut connection = self.read_only().connect().await.map_err(|error| self.fault(error))?;
        let id: String =
            sqlx::query_scalar("SELECT id FROM journal").fetch_one(&mut connection).await.map_err(|error| self.fault(error))?;
        parse_id(&id)
    }

    async fn start(&self, connection: &mut SqliteConnection) -> Result<String, sqlx::Error> {
        sqlx::query("INSERT INTO journal (one, id, created_at) VALUES (1, ?, ?) ON CONFLICT DO NOTHING")
            .bind(Uuid::now_v7().to_string())
            .bind(Utc::now().timestamp_micros())
            .execute(&mut *connection)
            .await?;
        // Whoever held a lease was in the process that had the file before.
        sqlx::query("UPDATE leases SET expires_at = 0 WHERE expires_at <> 0").execute(&mut *connection).await?;
        sqlx::query_scalar("SELECT id FROM journal").fetch_one(connection).await
    }

    /// A connection that writes; refused if the database does not flush as it should.
    pub(super) async fn connect(&self) -> Result<SqliteConnection, JournalError> {
        let mut connection = self.options().connect().await.map_err(|error| self.fault(error))?;
        self.check(&mut connection).await?;
        Ok(connection)
    }

    fn options(&self) -> SqliteConnectOptions {
        database::options(&self.path, self.synchronous.into())
    }

    pub(super) fn read_only(&self) -> SqliteConnectOptions {
        self.options().read_only(true).create_if_missing(false)
    }

    /// Asks the database what it does rather than trusting what it was told.
    async fn check(&self, connection: &mut SqliteConnection) -> Result<(), JournalError> {
        let ask = async |connection: &mut SqliteConnection| {
            let mode: String = sqlx::query("PRAGMA journal_mode").fetch_one(&mut *connection).await?.try_get(0)?;
            let level: i64 = sqlx::query("PRAGMA synchronous").fetch_one(&mut *connection).await?.try_get(0)?;
            Ok((mode, level))
        };
        let (mode, level) = ask(connection).await.map_err(|error| self.fault(error))?;
        if self.durability == Durability::Unsafe {
            return Ok(());
        }
        let not_durable = |setting: String, wanted: &str| Err(JournalError::NotDurable { setting, wanted: wanted.to_owned() });
        match (mode.as_str(), level) {
            ("wal", 2..) => Ok(()),
            ("wal", level) => not_durable(format!("synchronous={}", ["OFF", "NORMAL"][usize::from(level == 1)]), "synchronous=FULL"),
            (mode, _) => not_durable(format!("journal_mode={mode}"), "journal_mode=wal"),
        }
    }

    /// What a database error means.
    pub(super) fn fault(&self, error: sqlx::Error) -> JournalError {
        match database::fault(error, &self.path) {
            database::Fault::Corrupt(what) => JournalError::Corrupt { at: self.path.display().to_string(), what },
            database::Fault::Path(source) => JournalError::Path { path: self.path.clone(), source },
            database::Fault::Other(error) => JournalError::Unavailable(error),
        }
    }
}

fn parse_id(text: &str) -> Result<Uuid, JournalError> {
    Uuid::try_parse(text).map_err(|_| JournalError::Corrupt { at: "journal".into(), what: "its id is no UUID".into() })
}
