//! The vault in an `SQLite` file, for one process.

mod credentials;
mod passing;
mod refresh;
mod rewrap;
mod signing;
mod tries;

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::Utc;
use sqlx::{
    Row, Sqlite, SqlitePool,
    migrate::Migrator,
    query::Query,
    sqlite::{SqliteArguments, SqliteSynchronous},
};
use uuid::Uuid;

use super::{
    Keyring, MasterKeySource, VaultError,
    rows::{Probe, Probes, ProbesRow, Rewrap, Rows, uuid},
};
use crate::database;

/// Keys looked up by one statement.
const KEYS_PER_QUERY: usize = 500;

static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/vault");
/// How long a process that only looks uses what it has read of a person: it does not hear of erasures.
const LOOK_FRESH_FOR: Duration = Duration::from_secs(4);

/// A vault in one file. Use [`SqliteVault::init`].
pub type SqliteVault = Keyring<SqliteRows>;

/// What a vault keeps in one file.
pub struct SqliteRows {
    path: PathBuf,
    store: String,
    /// One connection, so that writers queue here rather than poll the file's lock.
    writes: SqlitePool,
    reads: SqlitePool,
    /// Keeps other processes out, whose caches would not forget what is erased here.
    lock: Mutex<Option<File>>,
    /// Another process may have the vault open, and nothing is changed.
    looks: bool,
}

impl SqliteVault {
    /// Opens the vault, and creates it if there is no such file.
    ///
    /// # Errors
    /// [`VaultError::WrongMasterKey`], [`VaultError::Locked`], [`VaultError::Path`], [`VaultError::Corrupt`] or
    /// [`VaultError::Schema`] if it cannot be used, or a fault.
    pub async fn init(path: impl AsRef<Path>, master_keys: impl MasterKeySource) -> Result<Self, VaultError> {
        let rows = SqliteRows::init(path.as_ref()).await?;
        Self::open(rows, Arc::new(master_keys)).await
    }

    /// Looks at a vault that exists, also while another process has it open. Nothing is made or changed: what is there can be
    /// read, and everything else fails.
    ///
    /// # Errors
    /// As [`SqliteVault::init`].
    pub async fn look(path: impl AsRef<Path>, master_keys: impl MasterKeySource) -> Result<Self, VaultError> {
        let rows = SqliteRows::look(path.as_ref()).await?;
        Self::open_to_look(rows, Arc::new(master_keys)).await
    }
}

impl SqliteRows {
    async fn init(path: &Path) -> Result<Self, VaultError> {
        let path = path.to_owned();
        database::ensure_directory(&path).map_err(|source| VaultError::Path { path: database::directory(&path).to_owned(), source })?;
        let lock = Mutex::new(Some(lock(&path)?));
        let fault = |error| fault(error, &path);
        let options = database::options(&path, SqliteSynchronous::Full);
        let writes = database::pool(options.clone(), 1).await.map_err(fault)?;
        check_pages(&writes, &path).await?;
        let store = path.display().to_string();
        MIGRATIONS.run(&writes).await.map_err(|error| match database::migration_fault(error) {
            Ok(what) => VaultError::Schema { store: store.clone(), what },
            Err(error) => fault(error),
        })?;
        let reads = database::pool(options.read_only(true).create_if_missing(false), 2).await.map_err(fault)?;
        Ok(Self { path, store, writes, reads, lock, looks: false })
    }

    async fn look(path: &Path) -> Result<Self, VaultError> {
        let path = path.to_owned();
        std::fs::metadata(&path).map_err(|source| VaultError::Path { path: path.clone(), source })?;
        let options = database::options(&path, SqliteSynchronous::Full).read_only(true).create_if_missing(false);
        let reads = database::pool(options, 2).await.map_err(|error| fault(error, &path))?;
        let store = path.display().to_string();
        let rows = Self { path, store, writes: reads.clone(), reads, lock: Mutex::default(), looks: true };
        rows.check_tables().await?;
        Ok(rows)
    }

    /// What is only looked at is not brought up to date either.
    async fn check_tables(&self) -> Result<(), VaultError> {
        let applied: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
            .fetch_one(&self.reads)
            .await
            .map_err(|error| self.fault(error))?;
        let latest = MIGRATIONS.iter().map(|migration| migration.version).max();
        if applied == latest {
            return Ok(());
        }
        let what = if applied < latest {
            "an older build has made them; a server or `nalabo migrate` brings them up to date"
        } else {
            "a newer build has made them"
        };
        Err(VaultError::Schema { store: self.store.clone(), what: what.into() })
    }

    /// In a task of its own: a caller that goes away leaves no statement half-way.
    async fn write(&self, query: Query<'static, Sqlite, SqliteArguments>) -> Result<u64, VaultError> {
        let pool = self.writes.clone();
        let written = tokio::spawn(async move { query.execute(&pool).await }).await;
        match written {
            Ok(result) => result.map(|done| done.rows_affected()).map_err(|error| self.fault(error)),
            Err(_) => Err(VaultError::Unavailable(sqlx::Error::WorkerCrashed)),
        }
    }

    /// Empties the write-ahead log, where older copies of pages outlive what they held. `false`: it is in use.
    async fn checkpoint(&self) -> Result<bool, VaultError> {
        let emptied = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.writes).await;
        let busy: i64 = emptied.and_then(|row| row.try_get(0)).map_err(|error| self.fault(error))?;
        Ok(busy == 0)
    }

    fn fault(&self, error: sqlx::Error) -> VaultError {
        fault(error, &self.path)
    }
}

/// Takes the file for this process; dropping the lock releases it.
fn lock(path: &Path) -> Result<File, VaultError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(|source| VaultError::Path { path: database::directory(&path).to_owned(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(VaultError::Locked { path }),
        Err(TryLockError::Error(source)) => Err(VaultError::Path { path, source }),
    }
}

/// Reads the file through: damage is found at the start, and not by those whose rows it hit.
async fn check_pages(pool: &SqlitePool, path: &Path) -> Result<(), VaultError> {
    let found: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(pool).await.map_err(|error| fault(error, path))?;
    if found == "ok" {
        return Ok(());
    }
    Err(VaultError::Corrupt { at: path.display().to_string(), what: "a page is damaged".into() })
}

fn fault(error: sqlx::Error, path: &Path) -> VaultError {
    match database::fault(error, path) {
        database::Fault::Corrupt(what) => VaultError::Corrupt { at: path.display().to_string(), what },
        database::Fault::Path(source) => VaultError::Path { path: path.to_owned(), source },
        database::Fault::Other(error) => VaultError::Unavailable(error),
    }
}

#[async_trait::async_trait]
impl Rows for SqliteRows {
    fn store(&self) -> &str {
        &self.store
    }

    fn fresh_for(&self) -> Option<Duration> {
        self.looks.then_some(LOOK_FRESH_FOR)
    }

    async fn name_master_key(&self, probe: &Probe) -> Result<(), VaultError> {
        let name = sqlx::query("UPDATE vault SET master_key = ? WHERE probe = ?");
        self.write(name.bind(probe.master_key.clone()).bind(probe.wrapped.clone())).await.map(drop)
    }

    async fn add_probe(&self, first: &Probe) -> Result<(), VaultError> {
        let insert = sqlx::query("INSERT INTO vault (id, probe, master_key) VALUES (1, ?, ?) ON CONFLICT DO NOTHING");
        self.write(insert.bind(first.wrapped.clone()).bind(first.master_key.clone())).await.map(drop)
    }

    async fn probes(&self) -> Result<Option<Probes>, VaultError> {
        let select = sqlx::query_as::<_, ProbesRow>("SELECT probe, master_key, before_probe, before_master_key FROM vault");
        let row = select.fetch_optional(&self.reads).await.map_err(|error| self.fault(error))?;
        Ok(row.map(Probes::from))
    }

    async fn keys(&self, subjects: &[Uuid]) -> Result<Vec<(Uuid, Option<Vec<u8>>)>, VaultError> {
        let mut keys = Vec::with_capacity(subjects.len());
        for subjects in subjects.chunks(KEYS_PER_QUERY) {
            let mut query = sqlx::QueryBuilder::new("SELECT subject, wrapped FROM subject_keys WHERE subject IN (");
            let mut list = query.separated(", ");
            for subject in subjects {
                list.push_bind(subject.to_string());
            }
            let rows: Vec<(String, Option<Vec<u8>>)> =
                query.push(")").build_query_as().persistent(false).fetch_all(&self.reads).await.map_err(|error| self.fault(error))?;
            for (subject, wrapped) in rows {
                keys.push((uuid(&subject, "subject_keys")?, wrapped));
            }
        }
        Ok(keys)
    }

    async fn insert_key(&self, subject: Uuid, wrapped: Vec<u8>, probe: &[u8]) -> Result<(), VaultError> {
        let insert = sqlx::query(
            "INSERT INTO subject_keys (subject, wrapped)
             SELECT ?, ? FROM vault WHERE probe = ? ON CONFLICT DO NOTHING",
        );
        self.write(insert.bind(subject.to_string()).bind(wrapped).bind(probe.to_vec())).await.map(drop)
    }

    async fn erase(&self, subject: Uuid) -> Result<(), VaultError> {
        let erase = sqlx::query(
            "INSERT INTO subject_keys (subject, erased_at) VALUES (?, ?)
             ON CONFLICT (subject) DO UPDATE SET wrapped = NULL, erased_at = excluded.erased_at WHERE wrapped IS NOT NULL",
        );
        self.write(erase.bind(subject.to_string()).bind(Utc::now().timestamp_micros())).await?;
        if self.checkpoint().await? { Ok(()) } else { Err(VaultError::Unfinished(subject)) }
    }

    async fn secret(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        let secret = sqlx::query_scalar("SELECT wrapped FROM secrets WHERE name = ?").bind(name).fetch_optional(&self.reads).await;
        secret.map_err(|error| self.fault(error))
    }

    async fn insert_secret(&self, name: &str, wrapped: Vec<u8>, probe: &[u8]) -> Result<(), VaultError> {
        let insert = sqlx::query("INSERT INTO secrets (name, wrapped) SELECT ?, ? FROM vault WHERE probe = ? ON CONFLICT DO NOTHING");
        self.write(insert.bind(name.to_owned()).bind(wrapped).bind(probe.to_vec())).await.map(drop)
    }

    async fn secret_names(&self, prefix: &str) -> Result<Vec<String>, VaultError> {
        let names = sqlx::query_scalar("SELECT name FROM secrets WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name").bind(prefix);
        names.fetch_all(&self.reads).await.map_err(|error| self.fault(error))
    }

    async fn destroy_secret(&self, name: &str) -> Result<bool, VaultError> {
        let destroyed = self.write(sqlx::query("DELETE FROM secrets WHERE name = ?").bind(name.to_owned())).await?;
        if self.checkpoint().await? { Ok(destroyed > 0) } else { Err(VaultError::UnfinishedSecret(name.to_owned())) }
    }

    async fn begin_rewrap(&self, current: &Probe, next: &Probe) -> Result<bool, VaultError> {
        let begin = sqlx::query(
            "UPDATE vault SET before_probe = probe, before_master_key = master_key, probe = ?, master_key = ?
             WHERE probe = ? AND before_probe IS NULL",
        );
        let begin = begin.bind(next.wrapped.clone()).bind(next.master_key.clone()).bind(current.wrapped.clone());
        Ok(self.write(begin).await? == 1)
    }

    async fn rewrap_subjects(&self, after: Option<String>, rewrap: Rewrap) -> Result<(u64, Option<String>), VaultError> {
        rewrap::subjects(&self.writes, &self.path, after, &rewrap).await
    }

    async fn rewrap_others(&self, rewrap: Rewrap) -> Result<u64, VaultError> {
        rewrap::others(&self.writes, &self.path, &rewrap).await
    }

    async fn end_rewrap(&self, current: &Probe) -> Result<bool, VaultError> {
        let end =
            sqlx::query("UPDATE vault SET before_probe = NULL, before_master_key = NULL WHERE probe = ? AND before_probe IS NOT NULL");
        Ok(self.write(end.bind(current.wrapped.clone())).await? == 1)
    }

    async fn clean(&self) -> Result<bool, VaultError> {
        self.checkpoint().await
    }

    async fn erasures_applied(&self) -> Result<i64, VaultError> {
        sqlx::query_scalar("SELECT erasures_applied FROM vault").fetch_one(&self.reads).await.map_err(|error| self.fault(error))
    }

    async fn set_erasures_applied(&self, position: i64) -> Result<(), VaultError> {
        self.write(sqlx::query("UPDATE vault SET erasures_applied = ?").bind(position)).await.map(drop)
    }

    async fn close(&self) {
        self.reads.close().await;
        self.writes.close().await;
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
