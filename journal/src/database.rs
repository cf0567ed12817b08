//! What the journal and the vault have in common: how an `SQLite` file is opened, and what its errors mean.

use std::{
    io::{Error as IoError, ErrorKind},
    path::Path,
    time::Duration,
};

use sqlx::{
    SqlitePool,
    migrate::MigrateError,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Statements of one shape differ in their number of rows.
const CACHED_STATEMENTS: usize = 300;

/// How a file is opened. What is deleted is overwritten.
pub(crate) fn options(path: &Path, synchronous: SqliteSynchronous) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("secure_delete", "ON")
        // Where a plain fsync stops at the drive's cache, these do not.
        .pragma("fullfsync", "ON")
        .pragma("checkpoint_fullfsync", "ON")
        .statement_cache_capacity(CACHED_STATEMENTS)
}

/// Connections that stay.
pub(crate) async fn pool(options: SqliteConnectOptions, size: u32) -> Result<SqlitePool, sqlx::Error> {
    let pool = SqlitePoolOptions::new().max_connections(size).idle_timeout(None).max_lifetime(None).test_before_acquire(false);
    pool.connect_with(options).await
}

/// The directory that a file is in.
pub(crate) fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes the directory of a file, if there is none.
pub(crate) fn ensure_directory(path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(directory(path))
}

/// What a database error means to an operator.
pub(crate) enum Fault {
    Corrupt(String),
    Path(IoError),
    Other(sqlx::Error),
}

/// Tells damage and missing rights from what may pass by itself.
pub(crate) fn fault(error: sqlx::Error, path: &Path) -> Fault {
    let (code, message) = match &error {
        sqlx::Error::Database(database) => (primary_code(&**database), database.message().to_owned()),
        _ => return Fault::Other(error),
    };
    match code {
        Some(11 | 26) => Fault::Corrupt(message),
        Some(8 | 14) => {
            // SQLite does not say why; the system does.
            let reason = std::fs::OpenOptions::new().read(true).write(true).open(path).err();
            Fault::Path(reason.unwrap_or_else(|| IoError::new(ErrorKind::PermissionDenied, message)))
        }
        _ => Fault::Other(error),
    }
}

/// `SQLite`'s primary result code; an extended code carries it in its low byte.
pub(crate) fn primary_code(error: &dyn sqlx::error::DatabaseError) -> Option<i32> {
    error.code()?.parse::<i32>().ok().map(|code| code & 0xff)
}

/// `Ok`: how the tables differ from this build's. `Err`: the database failed.
pub(crate) fn migration_fault(error: MigrateError) -> Result<String, sqlx::Error> {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Err(error),
        MigrateError::VersionMissing(version) => Ok(format!("a newer build has applied migration {version}")),
        other => Ok(other.to_string()),
    }
}
