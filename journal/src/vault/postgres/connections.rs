//! Connections that fail soon rather than late, and are as good as new after the database was away.

use std::{str::FromStr, time::Duration};

use futures_util::future::BoxFuture;
use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool, Postgres,
    migrate::Migrator,
    postgres::{PgArguments, PgConnectOptions, PgPoolOptions},
    query::Query,
};
use tokio::time::{Instant, timeout, timeout_at};

use crate::{database, vault::VaultError};

const SIZE: u32 = 8;
/// How long a statement may take, waiting for a connection included.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);
/// How long tables may take to be made; another process may be at it.
const MIGRATION: Duration = Duration::from_mins(5);
static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/vault-postgres");
/// Makes the schema one process at a time. The number only has to be nobody else's.
const SCHEMA_LOCK: i64 = 0x6e61_6c76;

/// A pool, and the name of its database.
#[derive(Clone)]
pub(super) struct Connections {
    pool: PgPool,
    store: String,
}

impl Connections {
    /// Connects, and brings the tables up to date.
    pub(super) async fn init(url: &str) -> Result<Self, VaultError> {
        let (options, store) = address(url)?;
        let connected = timeout(PATIENCE, options.connect()).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        let migrated = timeout(MIGRATION, migrate(connected?, &store)).await;
        migrated.map_err(|_| VaultError::Unavailable(sqlx::Error::PoolTimedOut))??;
        Ok(Self { pool: pool(options), store })
    }

    /// Connects to tables that are up to date, to read them.
    pub(super) async fn look(url: &str) -> Result<Self, VaultError> {
        let (options, store) = address(url)?;
        let connections = Self { pool: pool(options.options([("default_transaction_read_only", "on")])), store };
        let there = sqlx::query_scalar("SELECT to_regclass('vault._sqlx_migrations') IS NOT NULL");
        let there: bool = connections.run(|connection| Box::pin(there.fetch_one(connection))).await?;
        let applied: Option<i64> = if there {
            let applied = sqlx::query_scalar("SELECT max(version) FROM vault._sqlx_migrations WHERE success");
            connections.run(|connection| Box::pin(applied.fetch_one(connection))).await?
        } else {
            None
        };
        if applied == MIGRATIONS.iter().map(|migration| migration.version).max() {
            return Ok(connections);
        }
        let what = applied.map_or("there is no vault in it".into(), |applied| format!("its tables are of version {applied}"));
        Err(VaultError::Schema { store: connections.store, what })
    }

    pub(super) fn store(&self) -> &str {
        &self.store
    }

    /// How many rows a statement changed.
    pub(super) async fn execute(&self, query: Query<'static, Postgres, PgArguments>) -> Result<u64, VaultError> {
        self.run(|connection| Box::pin(async move { query.execute(connection).await.map(|done| done.rows_affected()) })).await
    }

    pub(super) async fn run<T, E, W>(&self, work: W) -> Result<T, VaultError>
    where
        T: Send + 'static,
        E: Into<VaultError> + Send + 'static,
        W: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        self.run_for(PATIENCE, work).await
    }

    /// In a task of its own: a caller that goes away leaves no statement half-way.
    pub(super) async fn run_for<T, E, W>(&self, limit: Duration, work: W) -> Result<T, VaultError>
    where
        T: Send + 'static,
        E: Into<VaultError> + Send + 'static,
        W: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        let pool = self.pool.clone();
        let done = tokio::spawn(async move {
            let deadline = Instant::now() + limit;
            let mut connection = timeout_at(deadline, pool.acquire()).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
            if let Ok(done) = timeout_at(deadline, work(&mut connection)).await {
                return done.map_err(Into::into);
            }
            // It may never answer again: a new one takes its place.
            drop(connection.detach());
            Err(VaultError::Unavailable(sqlx::Error::PoolTimedOut))
        });
        done.await.unwrap_or(Err(VaultError::Unavailable(sqlx::Error::WorkerCrashed)))
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// How to connect, and what the database is called in messages.
fn address(url: &str) -> Result<(PgConnectOptions, String), VaultError> {
    // What the parser says may quote the address, and so a password.
    let options = Some(url).filter(|url| url.starts_with("postgres://") || url.starts_with("postgresql://"));
    let options = options.and_then(|url| PgConnectOptions::from_str(url).ok());
    let options = options.ok_or(VaultError::Address("expected postgres://user@host:port/database"))?.application_name("nalabo vault");
    let database = options.get_database().unwrap_or_else(|| options.get_username()).to_owned();
    let store = format!("schema vault of {database} at {}:{}", options.get_host(), options.get_port());
    Ok((options, store))
}

fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(SIZE)
        .acquire_timeout(PATIENCE)
        .after_connect(|connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(
                    "SET statement_timeout = '2s'; SET lock_timeout = '2s'; SET idle_in_transaction_session_timeout = '10s';
                     SET synchronous_commit = on",
                )
                .execute(connection)
                .await
                .map(drop)
            })
        })
        .connect_lazy_with(options)
}

async fn migrate(mut connection: PgConnection, store: &str) -> Result<(), VaultError> {
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(SCHEMA_LOCK).execute(&mut *transaction).await?;
    let exists: bool = sqlx::query_scalar("SELECT to_regnamespace('vault') IS NOT NULL").fetch_one(&mut *transaction).await?;
    if !exists {
        sqlx::query("CREATE SCHEMA vault").execute(&mut *transaction).await?;
        sqlx::query("REVOKE ALL ON SCHEMA vault FROM PUBLIC").execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    // The migrations' own table stands where it is looked for first.
    sqlx::query("SET search_path TO vault").execute(&mut connection).await?;
    MIGRATIONS.run(&mut connection).await.map_err(|error| match database::migration_fault(error) {
        Ok(what) => VaultError::Schema { store: store.to_owned(), what },
        Err(error) => VaultError::Unavailable(error),
    })?;
    connection.close().await?;
    Ok(())
}
