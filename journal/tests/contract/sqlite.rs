//! The `SQLite` engine's store.

use std::sync::Arc;

use journal::{
    Journal,
    sqlite::{SqliteJournal, SqliteOptions},
    vault::{MasterKey, SqliteVault, Vault},
};
use tempfile::TempDir;

use crate::Store;

pub(crate) struct SqliteStore {
    directory: TempDir,
    vault: Arc<dyn Vault>,
}

impl Store for SqliteStore {
    async fn init() -> Self {
        let directory = TempDir::new().expect("a directory");
        let key = MasterKey::from_file(&directory.path().join("master.key"), true).expect("a master key");
        let vault = SqliteVault::init(directory.path().join("vault.db"), key).await.expect("a vault");
        Self { directory, vault: Arc::new(vault) }
    }

    async fn open(&self) -> Arc<dyn Journal> {
        let options = SqliteOptions::new(self.directory.path().join("journal.db"), self.vault.clone());
        Arc::new(SqliteJournal::init(options).await.expect("a journal"))
    }

    fn vault(&self) -> Arc<dyn Vault> {
        self.vault.clone()
    }

    async fn stored_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for name in ["journal.db", "journal.db-wal", "journal.db-shm", "vault.db", "vault.db-wal", "vault.db-shm"] {
            bytes.extend(std::fs::read(self.directory.path().join(name)).expect(name));
        }
        bytes
    }
}
