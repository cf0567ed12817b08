//! What a test of commands or of the API keeps its journal, keys and read models in: files, or a database of its
//! own on the tests' `PostgreSQL` server if [`ENGINE`] is `postgres`. `scripts/test` runs those suites once on each.

use std::{
    fs::Permissions,
    os::unix::fs::PermissionsExt,
    sync::{Arc, LazyLock},
    thread,
};

use journal::{
    Durability, Journal,
    postgres::{PostgresJournal, PostgresOptions},
    sqlite::{SqliteJournal, SqliteOptions},
    vault::{MasterKey, PostgresVault, SqliteVault, Vault},
};
use projections::{Place, ProjectionOptions, Projections};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Names the engine: `sqlite`, which is the default, or `postgres`.
pub const ENGINE: &str = "NALABO_TEST_ENGINE";

/// The file of the master key.
const KEY: &str = "master.key";

/// Empty stores.
pub struct Stores {
    /// The keys.
    pub vault: Arc<dyn Vault>,
    /// The events.
    pub journal: Arc<dyn Journal>,
    /// Where read models go.
    pub read_models: Place,
    /// The master key is in it, and all that is kept in files.
    pub directory: TempDir,
}

impl Stores {
    /// On the engine that this run is for.
    ///
    /// # Panics
    /// If they cannot be made, or the engine is none.
    pub async fn init() -> Self {
        match std::env::var(ENGINE).as_deref() {
            Ok("postgres") => Self::in_database().await,
            Ok("sqlite") | Err(_) => Self::in_files().await,
            Ok(other) => panic!("{ENGINE} is sqlite or postgres, not {other}"),
        }
    }

    /// In files whatever the engine, for tests that look into them.
    ///
    /// # Panics
    /// If they cannot be made.
    pub async fn in_files() -> Self {
        let directory = TempDir::new().expect("a directory");
        let key = master_key(&directory);
        let vault = SqliteVault::init(directory.path().join("vault.db"), key).await.expect("a vault");
        let vault: Arc<dyn Vault> = Arc::new(vault);
        let options = SqliteOptions::new(directory.path().join("journal.db"), Arc::clone(&vault));
        let journal: Arc<dyn Journal> = Arc::new(SqliteJournal::init(options).await.expect("a journal"));
        let read_models = Place::Directory(directory.path().join("read-models"));
        Self { vault, journal, read_models, directory }
    }

    async fn in_database() -> Self {
        let (directory, url) = (TempDir::new().expect("a directory"), test_postgres::database_like(&FRESH.database));
        std::fs::write(directory.path().join(KEY), &FRESH.key).expect("a key");
        std::fs::set_permissions(directory.path().join(KEY), Permissions::from_mode(0o600)).expect("a key of one's own");
        let (vault, journal) = open(&url, &directory).await;
        Self { vault, journal, read_models: Place::Postgres { url }, directory }
    }

    /// Keys and events as another process opens them, over connections of its own. None in files: they are one process's.
    ///
    /// # Panics
    /// If they cannot be opened.
    pub async fn of_another_process(&self) -> Option<(Arc<dyn Vault>, Arc<dyn Journal>)> {
        match &self.read_models {
            Place::Postgres { url } => Some(open(url, &self.directory).await),
            Place::Directory(_) => None,
        }
    }
}

/// A database as it is after a first start, with the tables of everything and nothing in them. Copies of it are stores in a fraction of the
/// time that it takes to make those.
struct Fresh {
    database: String,
    /// The master key that it was made with.
    key: Vec<u8>,
}

/// Made by a thread and a runtime of its own: once they have ended, nobody is connected to it any more.
static FRESH: LazyLock<Fresh> = LazyLock::new(|| {
    let made = thread::spawn(|| Runtime::new().expect("a runtime").block_on(Fresh::make()));
    made.join().expect("a fresh database")
});

impl Fresh {
    async fn make() -> Self {
        let (directory, url) = (TempDir::new().expect("a directory"), test_postgres::template());
        let (vault, journal) = open(&url, &directory).await;
        let options = ProjectionOptions::new(Place::Postgres { url: url.clone() });
        let read_models = Projections::init(Arc::clone(&journal), &options).await.expect("read models");
        read_models.close().await;
        journal.close().await;
        vault.close().await;
        Self { database: url, key: std::fs::read(directory.path().join(KEY)).expect("a key") }
    }
}

async fn open(url: &str, directory: &TempDir) -> (Arc<dyn Vault>, Arc<dyn Journal>) {
    let vault: Arc<dyn Vault> = Arc::new(PostgresVault::init(url, master_key(directory)).await.expect("a vault"));
    // The tests' server does not flush.
    let options = PostgresOptions { durability: Durability::Unsafe, ..PostgresOptions::new(url.to_owned(), Arc::clone(&vault)) };
    let journal: Arc<dyn Journal> = Arc::new(PostgresJournal::init(options).await.expect("a journal"));
    (vault, journal)
}

fn master_key(directory: &TempDir) -> MasterKey {
    MasterKey::from_file(&directory.path().join(KEY), true).expect("a master key")
}
