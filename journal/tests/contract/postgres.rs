//! The `PostgreSQL` engine's store.

use std::sync::Arc;

use journal::{
    Durability, Journal,
    postgres::{PostgresJournal, PostgresOptions},
    vault::{MasterKey, SqliteVault, Vault},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

use crate::Store;

pub(crate) struct PostgresStore {
    directory: TempDir,
    url: String,
    vault: Arc<dyn Vault>,
}

impl Store for PostgresStore {
    async fn init() -> Self {
        let directory = TempDir::new().expect("a directory");
        let key = MasterKey::from_file(&directory.path().join("master.key"), true).expect("a master key");
        let vault = SqliteVault::init(directory.path().join("vault.db"), key).await.expect("a vault");
        Self { directory, url: test_postgres::database(), vault: Arc::new(vault) }
    }

    async fn open(&self) -> Arc<dyn Journal> {
        // The server of tests does not flush.
        let options = PostgresOptions { durability: Durability::Unsafe, ..PostgresOptions::new(&self.url, self.vault.clone()) };
        Arc::new(PostgresJournal::init(options).await.expect("a journal"))
    }

    fn vault(&self) -> Arc<dyn Vault> {
        self.vault.clone()
    }

    /// Every row of every table, as the server prints it.
    async fn stored_bytes(&self) -> Vec<u8> {
        let mut connection = PgConnection::connect(&self.url).await.expect("a connection");
        let tables: Vec<String> = sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'journal'")
            .fetch_all(&mut connection)
            .await
            .expect("tables");
        let mut bytes = Vec::new();
        for table in tables {
            let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!("SELECT t::text FROM journal.{table} AS t")))
                .fetch_all(&mut connection)
                .await
                .expect("rows");
            bytes.extend(rows.concat().into_bytes());
        }
        for name in ["vault.db", "vault.db-wal", "vault.db-shm"] {
            bytes.extend(std::fs::read(self.directory.path().join(name)).expect(name));
        }
        bytes
    }
}
