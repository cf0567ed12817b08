//! Where a journal is, and how a side opens it.

use std::{path::PathBuf, sync::Arc};

use journal::{
    History, Journal,
    postgres::{PostgresHistory, PostgresJournal, PostgresOptions},
    sqlite::{SqliteHistory, SqliteJournal, SqliteOptions},
    vault::{MasterKey, SqliteVault, Vault},
};
use load::Fault;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Engine {
    Postgres,
    Sqlite,
}

impl Engine {
    pub(crate) const BOTH: [Self; 2] = [Self::Postgres, Self::Sqlite];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Sqlite => "SQLite",
        }
    }
}

/// A journal with its keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Store {
    pub(crate) engine: Engine,
    /// Of the keys, of `SQLite`'s journal, and of read models.
    pub(crate) directory: PathBuf,
    /// `PostgreSQL`'s database; empty for `SQLite`.
    pub(crate) url: String,
}

impl Store {
    /// The file of `SQLite`'s journal.
    pub(crate) fn file(&self) -> PathBuf {
        self.directory.join("journal.db")
    }

    /// Where `SQLite`'s generations of read models are.
    pub(crate) fn models(&self) -> PathBuf {
        self.directory.join("models")
    }

    /// The file of the one generation there is.
    pub(crate) fn model(&self) -> Result<PathBuf, Fault> {
        let mut files = std::fs::read_dir(self.models())?.flatten().map(|entry| entry.path());
        Ok(files.find(|path| path.extension().is_some_and(|end| end == "db")).ok_or("no read models")?)
    }

    pub(crate) async fn vault(&self) -> Result<Arc<dyn Vault>, Fault> {
        let key = MasterKey::from_file(&self.directory.join("master.key"), true)?;
        Ok(Arc::new(SqliteVault::init(self.directory.join("vault.db"), key).await?))
    }

    /// The journal as the product opens it.
    pub(crate) async fn journal(&self, vault: &Arc<dyn Vault>) -> Result<Arc<dyn Journal>, Fault> {
        match self.engine {
            Engine::Sqlite => Ok(Arc::new(SqliteJournal::init(SqliteOptions::new(self.file(), Arc::clone(vault))).await?)),
            Engine::Postgres => Ok(Arc::new(PostgresJournal::init(PostgresOptions::new(&self.url, Arc::clone(vault))).await?)),
        }
    }

    /// The journal as those see it who only read.
    pub(crate) async fn history(&self) -> Result<Arc<dyn History>, Fault> {
        match self.engine {
            Engine::Sqlite => Ok(Arc::new(SqliteHistory::init(self.file()).await?)),
            Engine::Postgres => Ok(Arc::new(PostgresHistory::init(&self.url).await?)),
        }
    }
}
