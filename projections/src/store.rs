//! The file that holds one generation of read models.

use std::path::{Path, PathBuf};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbErr,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use crate::ProjectionError;

/// One generation: a connection that writes, and a pool that only reads.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) writer: DatabaseConnection,
    pub(crate) reader: DatabaseConnection,
}

impl Store {
    /// Opens the file, or makes it.
    pub(crate) async fn init(path: &Path, readers: u32) -> Result<Self, ProjectionError> {
        let failed = |source| ProjectionError::Open { path: path.to_owned(), source };
        let writer = connect(path, 1, false).await.map_err(failed)?;
        let reader = connect(path, readers.max(1), true).await.map_err(failed)?;
        Ok(Self { writer, reader })
    }

    pub(crate) async fn close(&self) {
        for connection in [&self.reader, &self.writer] {
            if let Err(error) = connection.close_by_ref().await {
                tracing::warn!(%error, "the read models were not closed in order");
            }
        }
    }
}

async fn connect(path: &Path, connections: u32, reads_only: bool) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new("sqlite::memory:");
    let path = path.to_owned();
    options.max_connections(connections).min_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(move |sqlite| {
        let sqlite = sqlite
            .filename(&path)
            .in_memory(false)
            .shared_cache(false)
            .create_if_missing(!reads_only)
            .journal_mode(SqliteJournalMode::Wal)
            // What a loss of power may take is folded again.
            .synchronous(SqliteSynchronous::Normal)
            .pragma("secure_delete", "ON")
            .busy_timeout(std::time::Duration::from_secs(10));
        if reads_only { sqlite.pragma("query_only", "ON") } else { sqlite }
    });
    Database::connect(options).await
}

/// What names a generation's file: anything that makes the same events give other rows.
pub(crate) fn file_name<'a>(parts: impl IntoIterator<Item = (&'a str, u32, String)>) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for (name, version, shape) in parts {
        for part in [name.as_bytes(), &version.to_be_bytes(), shape.as_bytes()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    format!("read-models-{}.db", &hex::encode(hash.finalize())[..16])
}

/// Removes the files of generations other than the one in `current`; how many there were.
pub(crate) fn remove_others(current: &Path) -> std::io::Result<usize> {
    let (Some(directory), Some(name)) = (current.parent(), current.file_name().and_then(|name| name.to_str())) else {
        return Ok(0);
    };
    let of_another = |path: &PathBuf| {
        path.file_name().and_then(|file| file.to_str()).is_some_and(|file| {
            let database = file.strip_suffix("-wal").or(file.strip_suffix("-shm")).unwrap_or(file);
            let generation = database.strip_prefix("read-models-").and_then(|rest| rest.strip_suffix(".db"));
            database != name && generation.is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
        })
    };
    let mut removed = 0;
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if of_another(&path) {
            std::fs::remove_file(&path)?;
            removed += 1;
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests;
