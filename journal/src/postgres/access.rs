//! How the database is reached, how long that may take, and what its errors mean.

use std::{
    future::Future,
    path::PathBuf,
    str::FromStr,
    time::{Duration, Instant},
};

use sqlx::{
    ConnectOptions, PgConnection, PgPool, Postgres,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::JournalError;

/// The role that every working connection takes: it may select and insert, and no more than that on `events`.
pub(super) const ROLE: &str = "nalabo_app";
/// How long a connection, or a statement that reads, may take.
pub(super) const CONNECT_LIMIT: Duration = Duration::from_millis(900);
pub(super) const READ_LIMIT: Duration = Duration::from_millis(900);
const CONNECTIONS: u32 = 8;
/// The server ends by itself what this side has given up, so that nobody waits for a lock held by the dead.
const SETTINGS: [(&str, &str); 8] = [
    ("role", ROLE),
    ("search_path", "journal"),
    ("lock_timeout", "1500"),
    ("idle_in_transaction_session_timeout", "3000"),
    ("client_connection_check_interval", "1000"),
    // A plan made while the tables were small must not outlive that.
    ("enable_seqscan", "off"),
    ("plan_cache_mode", "force_generic_plan"),
    ("jit", "off"),
];

/// A database and the way to it.
#[derive(Clone, Debug)]
pub(super) struct Access {
    options: PgConnectOptions,
    /// Where, without credentials.
    pub(super) place: String,
}

impl Access {
    pub(super) fn new(url: &str) -> Result<Self, JournalError> {
        // What could not be read may hold the password, so it is not repeated.
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| JournalError::Unusable("its address is not of the form postgres://user@host:port/database".into()))?;
        let options = options.application_name("nalabo").disable_statement_logging();
        let database = options.get_database().unwrap_or(options.get_username());
        let place = format!("postgres://{}:{}/{database}", options.get_host(), options.get_port());
        Ok(Self { options, place })
    }

    /// A connection with the rights of whoever connects.
    pub(super) async fn plain(&self) -> Result<PgConnection, JournalError> {
        within(CONNECT_LIMIT, self.options.connect()).await.map_err(fault)
    }

    /// A connection that writes to the journal, under a name of its own.
    pub(super) async fn writing(&self, name: &str, until: Instant) -> Result<PgConnection, sqlx::Error> {
        within(CONNECT_LIMIT.min(left(until)), self.working_options().application_name(name).connect()).await
    }

    pub(super) fn working_options(&self) -> PgConnectOptions {
        self.options.clone().options(SETTINGS)
    }

    pub(super) fn pool(&self) -> Pool {
        let options = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(CONNECT_LIMIT)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false);
        Pool(options.connect_lazy_with(self.working_options()))
    }

    pub(super) fn schema(&self, what: String) -> JournalError {
        JournalError::Schema { path: PathBuf::from(&self.place), what }
    }
}

/// Connections of which none is used again after anything but success.
#[derive(Clone, Debug)]
pub(super) struct Pool(PgPool);

impl Pool {
    pub(super) async fn hold(&self) -> Result<Held, JournalError> {
        let connection = self.0.acquire().await.map_err(fault)?;
        Ok(Held { pool: self.0.clone(), connection: Some(connection) })
    }

    pub(super) async fn close(&self) {
        self.0.close().await;
    }
}

/// A connection on loan. Unless its work is reported as done, it is thrown away: also if the work is cancelled.
pub(super) struct Held {
    pool: PgPool,
    connection: Option<PoolConnection<Postgres>>,
}

impl Held {
    pub(super) fn get(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        self.connection.as_deref_mut().ok_or(sqlx::Error::PoolClosed)
    }

    pub(super) fn done<T>(mut self, result: Result<T, sqlx::Error>) -> Result<T, JournalError> {
        if result.is_ok() {
            drop(self.connection.take());
        }
        result.map_err(fault)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            drop(connection.detach());
            // The others were opened when this one was, and are likely to be as bad.
            while let Some(idle) = self.pool.try_acquire() {
                drop(idle.detach());
            }
        }
    }
}

pub(super) fn left(until: Instant) -> Duration {
    until.saturating_duration_since(Instant::now())
}

pub(super) async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database did not answer in time"))))
}

/// What an error means.
pub(super) fn fault(error: sqlx::Error) -> JournalError {
    match &error {
        sqlx::Error::PoolClosed => JournalError::Closed,
        sqlx::Error::PoolTimedOut => JournalError::timed_out(),
        sqlx::Error::Database(database) => match database.code().as_deref() {
            // A damaged page or index.
            Some("XX001" | "XX002") => JournalError::Corrupt { at: "the database".into(), what: database.message().to_owned() },
            Some("28000" | "28P01" | "3D000" | "42501") => JournalError::Unusable(database.message().to_owned()),
            _ => JournalError::Unavailable(error),
        },
        _ => JournalError::Unavailable(error),
    }
}
