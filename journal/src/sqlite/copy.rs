//! A consistent copy of a database, while others read and write it.

use std::{fs::File, io::ErrorKind, os::unix::fs::OpenOptionsExt, path::Path};

use sqlx::{ConnectOptions, Connection, sqlite::SqliteSynchronous};

use crate::{
    JournalError,
    database::{self, Fault},
};

/// Writes what the database at `from` holds now, of a journal or of a vault, into a new file that its owner alone can read,
/// flushed to disk. Who writes to the database is not held up.
///
/// # Errors
/// [`JournalError::Path`] if `into` exists or cannot be written or `from` is not there, [`JournalError::Corrupt`], or a fault.
/// Then nothing is left of `into`.
pub async fn copy(from: &Path, into: &Path) -> Result<(), JournalError> {
    std::fs::metadata(from).map_err(|source| JournalError::Path { path: from.to_owned(), source })?;
    let unusable = |source| JournalError::Path { path: into.to_owned(), source };
    // SQLite takes an empty file for a new one.
    File::options().write(true).create_new(true).mode(0o600).open(into).map_err(unusable)?;
    let copied = write(from, into).await;
    if copied.is_err() {
        let _ = std::fs::remove_file(into); // The first error is the one to tell.
    }
    copied
}

async fn write(from: &Path, into: &Path) -> Result<(), JournalError> {
    let text = into.to_str().ok_or_else(|| JournalError::Path {
        path: into.to_owned(),
        source: std::io::Error::new(ErrorKind::InvalidInput, "the name is not UTF-8"),
    })?;
    let source = async {
        let options = database::options(from, SqliteSynchronous::Full).read_only(true).create_if_missing(false);
        let mut connection = options.connect().await?;
        sqlx::query("VACUUM INTO ?").bind(text).execute(&mut connection).await?;
        connection.close().await
    };
    source.await.map_err(|error| told(error, from))?;
    // The copy begins without a write-ahead log; whoever only reads it could not turn that on.
    let target = async {
        let mut connection = database::options(into, SqliteSynchronous::Full).create_if_missing(false).connect().await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_all(&mut connection).await?;
        connection.close().await
    };
    target.await.map_err(|error| told(error, into))?;
    let flushed = File::open(into).and_then(|file| file.sync_all());
    flushed.map_err(|source| JournalError::Path { path: into.to_owned(), source })
}

fn told(error: sqlx::Error, path: &Path) -> JournalError {
    match database::fault(error, path) {
        Fault::Corrupt(what) => JournalError::Corrupt { at: path.display().to_string(), what },
        Fault::Path(source) => JournalError::Path { path: path.to_owned(), source },
        Fault::Other(error) => JournalError::Unavailable(error),
    }
}
