//! Connections to one generation: some that write, and a pool that only reads.

mod others;

use std::{path::Path, time::Duration};

pub(crate) use others::{remove_file, remove_others};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use crate::{ProjectionError, place::Generation};

/// How long a query waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(2);
/// A connection that was used since is taken for whole without being asked.
const IDLE: Duration = Duration::from_secs(1);
/// Kept prepared on each connection to a file: those of one shape differ in their number of rows.
const STATEMENTS: usize = 400;
/// Whoever makes or drops a generation holds this, so that two nodes do not do it at once.
const CREATION: i64 = 0x6e61_6c61_626f_0012;

/// One generation.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) writer: DatabaseConnection,
    pub(crate) reader: DatabaseConnection,
}

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be followed and asked at once.
    Serving,
    /// To be filled once, and thrown away if that fails.
    Filling,
    /// To be looked at beside whoever serves it.
    Looking,
}

impl Store {
    /// Opens the generation. A file is made if it is not there; a schema is made by [`prepare`].
    pub(crate) async fn init(generation: &Generation, readers: u32, purpose: Purpose) -> Result<Self, ProjectionError> {
        let failed = |source| ProjectionError::Open { generation: generation.to_string(), source };
        let (writer, reader) = match generation {
            Generation::File(path) => {
                (file(path, 1, false, purpose).await.map_err(failed)?, file(path, readers.max(1), true, purpose).await.map_err(failed)?)
            }
            // Two, because a connection that broke is still in the pool for a moment.
            Generation::Schema { url, name } => {
                (schema(url, name, 2, false).await.map_err(failed)?, schema(url, name, readers.max(1), true).await.map_err(failed)?)
            }
        };
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

/// What [`check`] says of a file with a page that does not fit the others.
pub(crate) const DAMAGED: &str = "a page is damaged";

/// Reads a file through, if there is one, and sees that its pages fit together.
pub(crate) async fn check(path: &Path) -> Result<(), DbErr> {
    if !path.exists() {
        return Ok(());
    }
    let db = file(path, 1, false, Purpose::Serving).await?;
    let answer = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA quick_check(1)")).await;
    let found: Option<String> = match answer {
        Ok(row) => row.map(|row| row.try_get_by_index(0)).transpose()?,
        Err(error) => {
            let _ = db.close().await; // It is damaged: there is nothing to be kept.
            return Err(error);
        }
    };
    db.close().await?;
    if found.as_deref() == Some("ok") { Ok(()) } else { Err(DbErr::Custom(DAMAGED.into())) }
}

async fn file(path: &Path, connections: u32, reads_only: bool, purpose: Purpose) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new("sqlite::memory:");
    let path = path.to_owned();
    options.max_connections(connections).min_connections(1).sqlx_logging(false).test_before_acquire(false);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        let sqlite = sqlite
            .filename(&path)
            .in_memory(false)
            .shared_cache(false)
            .create_if_missing(!reads_only && purpose != Purpose::Looking)
            .pragma("secure_delete", "ON")
            .statement_cache_capacity(STATEMENTS)
            .pragma("cache_size", if reads_only { "-8192" } else { "-32768" })
            .busy_timeout(Duration::from_secs(10));
        let sqlite = match purpose {
            // What a loss of power may take is folded again.
            Purpose::Serving => sqlite.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Normal),
            Purpose::Filling => sqlite.journal_mode(SqliteJournalMode::Memory).synchronous(SqliteSynchronous::Off),
            Purpose::Looking => sqlite,
        };
        // Pages that change again and again are copied back once.
        let sqlite = if purpose == Purpose::Serving && !reads_only { sqlite.pragma("wal_autocheckpoint", "8192") } else { sqlite };
        if reads_only { sqlite.pragma("query_only", "ON") } else { sqlite }
    });
    Database::connect(options).await
}

async fn schema(url: &str, name: &str, connections: u32, reads_only: bool) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    let path = format!("{name},public");
    options.max_connections(connections).min_connections(0).acquire_timeout(ACQUIRE).sqlx_logging(false);
    // A round trip before each query would double what a short one takes.
    options.test_before_acquire_if_idle_for(IDLE);
    options.map_sqlx_postgres_opts(move |postgres| {
        let postgres = postgres.application_name("nalabo-read-models").options([
            ("search_path", path.as_str()),
            ("client_min_messages", "warning"),
            ("tcp_user_timeout", "5s"),
        ]);
        if reads_only {
            postgres.options([("default_transaction_read_only", "on"), ("statement_timeout", "10s")])
        } else {
            postgres.options([
                // Indexes over many rows take their time.
                ("statement_timeout", "10min"),
                // Rows and checkpoint are lost together, and folded again.
                ("synchronous_commit", "off"),
                // A node that is gone without a word must not keep its lease locked.
                ("idle_in_transaction_session_timeout", "5s"),
                // All it does goes by key, also while statistics still say that a table is small.
                ("enable_seqscan", "off"),
                ("enable_hashjoin", "off"),
                ("enable_mergejoin", "off"),
                ("jit", "off"),
            ])
        }
    });
    Database::connect(options).await
}

/// Makes room for the tables of a generation, and keeps others from making or dropping it until the transaction ends.
pub(crate) async fn prepare(tx: &DatabaseTransaction, generation: &Generation) -> Result<(), DbErr> {
    if let Generation::Schema { url: _, name } = generation {
        lock_creation(tx).await?;
        tx.execute_unprepared(&format!("CREATE SCHEMA IF NOT EXISTS \"{name}\"")).await?;
    }
    Ok(())
}

async fn lock_creation(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    let lock = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_advisory_xact_lock($1)", [CREATION.into()]);
    tx.query_one_raw(lock).await.map(drop)
}

/// Whether the generation is there.
pub(crate) async fn is_there(generation: &Generation, store: &Store) -> Result<bool, DbErr> {
    match generation {
        Generation::File(path) => Ok(path.exists()),
        Generation::Schema { url: _, name } => {
            let sql = "SELECT 1 FROM pg_namespace WHERE nspname = $1";
            let named = Statement::from_sql_and_values(DbBackend::Postgres, sql, [name.as_str().into()]);
            Ok(store.reader.query_one_raw(named).await?.is_some())
        }
    }
}

#[cfg(test)]
mod tests;
