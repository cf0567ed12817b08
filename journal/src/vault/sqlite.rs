//! The vault in an `SQLite` file.

mod keys;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use moka::future::Cache;
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;
use sqlx::{
    Sqlite, SqlitePool,
    query::Query,
    sqlite::{SqliteArguments, SqliteSynchronous},
};
use tokio::sync::RwLock;
use uuid::Uuid;

use self::keys::{Key, erase};
use super::{MasterKey, Vault, VaultError, cipher::Cipher};
use crate::database;

const KEY_LENGTH: usize = 32;
/// How many unwrapped keys stay in memory.
const CACHED_KEYS: u64 = 10_000;
const CACHED_SECRETS: u64 = 100;
const BLIND_INDEX: &str = "blind-index";
const PROBE: &str = "probe";

/// A vault in one file. Use [`SqliteVault::init`].
pub struct SqliteVault {
    path: PathBuf,
    master: Cipher,
    /// One connection, so that writers queue here rather than poll the file's lock.
    writes: SqlitePool,
    reads: SqlitePool,
    keys: Cache<Uuid, Arc<Key>>,
    secrets: Cache<String, Arc<SecretSlice<u8>>>,
    /// Held for writing while a key is erased, so that no reader puts it back into the cache.
    erasing: Arc<RwLock<()>>,
}

impl std::fmt::Debug for SqliteVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteVault").field("path", &self.path).finish_non_exhaustive()
    }
}

impl SqliteVault {
    /// Opens the vault, and creates it if there is no such file.
    ///
    /// # Errors
    /// [`VaultError::WrongMasterKey`], [`VaultError::Path`], [`VaultError::Corrupt`] or [`VaultError::Schema`] if it cannot be
    /// used, or a fault.
    pub async fn init(path: impl AsRef<Path>, master_key: MasterKey) -> Result<Self, VaultError> {
        let path = path.as_ref().to_owned();
        database::ensure_directory(&path).map_err(|source| VaultError::Path { path: database::directory(&path).to_owned(), source })?;
        let fault = |error| fault(error, &path);
        let options = database::options(&path, SqliteSynchronous::Full);
        let writes = database::pool(options.clone(), 1).await.map_err(fault)?;
        sqlx::migrate!("../migrations/vault").run(&writes).await.map_err(|error| match database::migration_fault(error) {
            Ok(what) => VaultError::Schema { path: path.clone(), what },
            Err(error) => fault(error),
        })?;
        let reads = database::pool(options.read_only(true).create_if_missing(false), 2).await.map_err(fault)?;
        let master = Cipher::try_new(master_key.expose()).ok_or_else(|| VaultError::WrongMasterKey { path: path.clone() })?;
        let vault = Self {
            path,
            master,
            writes,
            reads,
            keys: Cache::new(CACHED_KEYS),
            secrets: Cache::new(CACHED_SECRETS),
            erasing: Arc::default(),
        };
        vault.check_master_key().await?;
        Ok(vault)
    }

    async fn check_master_key(&self) -> Result<(), VaultError> {
        let probe = self.master.wrap(PROBE, PROBE.as_bytes())?;
        self.write(sqlx::query("INSERT INTO vault (id, probe) VALUES (1, ?) ON CONFLICT DO NOTHING").bind(probe)).await?;
        let probe: Vec<u8> = sqlx::query_scalar("SELECT probe FROM vault").fetch_one(&self.reads).await.map_err(|e| self.fault(e))?;
        self.master.unwrap(PROBE, &probe).map(drop).ok_or_else(|| VaultError::WrongMasterKey { path: self.path.clone() })
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

    fn fault(&self, error: sqlx::Error) -> VaultError {
        fault(error, &self.path)
    }

    fn corrupt(at: impl Into<String>, what: &str) -> VaultError {
        VaultError::Corrupt { at: at.into(), what: what.to_owned() }
    }
}

fn fault(error: sqlx::Error, path: &Path) -> VaultError {
    match database::fault(error, path) {
        database::Fault::Corrupt(what) => VaultError::Corrupt { at: path.display().to_string(), what },
        database::Fault::Path(source) => VaultError::Path { path: path.to_owned(), source },
        database::Fault::Other(error) => VaultError::Unavailable(error),
    }
}

#[async_trait::async_trait]
impl Vault for SqliteVault {
    async fn seal(&self, subject: Uuid, event_id: Uuid, plaintext: &[u8]) -> Result<String, VaultError> {
        match &*self.find_or_create(subject).await? {
            Key::Live(cipher) => cipher.seal(subject, event_id, plaintext),
            Key::Erased => Err(VaultError::Erased(subject)),
        }
    }

    async fn open(&self, subject: Uuid, sealed: &str) -> Result<Option<SecretSlice<u8>>, VaultError> {
        Ok(self.open_many(&[(subject, sealed)]).await?.pop().flatten())
    }

    async fn open_many(&self, sealed: &[(Uuid, &str)]) -> Result<Vec<Option<SecretSlice<u8>>>, VaultError> {
        let mut subjects: Vec<Uuid> = sealed.iter().map(|(subject, _)| *subject).collect();
        subjects.sort_unstable();
        subjects.dedup();
        let keys = self.find(&subjects).await?;
        let open = |&(subject, text): &(Uuid, &str)| match keys.get(&subject).map(AsRef::as_ref) {
            Some(Key::Live(cipher)) => cipher.open(subject, text).map(Some),
            Some(Key::Erased) => Ok(None),
            None => Err(VaultError::NoKey(subject)),
        };
        sealed.iter().map(open).collect()
    }

    async fn erase_subject(&self, subject: Uuid) -> Result<(), VaultError> {
        let guard = self.erasing.clone().write_owned().await;
        let (pool, keys) = (self.writes.clone(), self.keys.clone());
        let erased = tokio::spawn(async move {
            let erased = erase(&pool, subject).await;
            keys.invalidate(&subject).await;
            drop(guard);
            erased
        });
        match erased.await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(VaultError::Unfinished(subject)),
            Ok(Err(error)) => Err(self.fault(error)),
            Err(_) => Err(VaultError::Unavailable(sqlx::Error::WorkerCrashed)),
        }
    }

    async fn secret(&self, name: &str, len: usize) -> Result<SecretSlice<u8>, VaultError> {
        let secret = self.find_or_create_secret(name, len).await?;
        let has = secret.expose_secret().len();
        if has != len {
            return Err(VaultError::SecretLength { name: name.to_owned(), has, wanted: len });
        }
        Ok(SecretSlice::clone(&secret))
    }

    async fn blind(&self, purpose: &str, value: &str) -> Result<[u8; 32], VaultError> {
        let key = self.secret(BLIND_INDEX, KEY_LENGTH).await?;
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.expose_secret())
            .map_err(|_| Self::corrupt("blind index", "its key has a wrong length"))?;
        // The length keeps ("ab", "c") apart from ("a", "bc").
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
        mac.update(value.as_bytes());
        Ok(mac.finalize().into_bytes().into())
    }

    async fn refresh_issue(&self, sign_in: Uuid, token_hash: &[u8], expires_at: DateTime<Utc>) -> Result<(), VaultError> {
        let issue = sqlx::query(
            "INSERT INTO refresh_tokens (sign_in, token_hash, generation, expires_at) VALUES (?, ?, 1, ?)
             ON CONFLICT (sign_in) DO UPDATE
             SET token_hash = excluded.token_hash, generation = generation + 1, expires_at = excluded.expires_at",
        );
        self.write(issue.bind(sign_in.to_string()).bind(token_hash.to_vec()).bind(expires_at.timestamp_micros())).await?;
        Ok(())
    }

    async fn refresh_rotate(
        &self,
        sign_in: Uuid,
        expected_hash: &[u8],
        new_hash: &[u8],
        expires_at: DateTime<Utc>,
    ) -> Result<bool, VaultError> {
        let rotate = sqlx::query(
            "UPDATE refresh_tokens SET token_hash = ?, generation = generation + 1, expires_at = ? WHERE sign_in = ? AND token_hash = ?",
        )
        .bind(new_hash.to_vec())
        .bind(expires_at.timestamp_micros())
        .bind(sign_in.to_string())
        .bind(expected_hash.to_vec());
        Ok(self.write(rotate).await? == 1)
    }

    async fn refresh_revoke(&self, sign_in: Uuid) -> Result<(), VaultError> {
        self.write(sqlx::query("DELETE FROM refresh_tokens WHERE sign_in = ?").bind(sign_in.to_string())).await?;
        Ok(())
    }

    async fn refresh_find(&self, token_hash: &[u8]) -> Result<Option<(Uuid, DateTime<Utc>)>, VaultError> {
        let row = sqlx::query_as::<_, (String, i64)>("SELECT sign_in, expires_at FROM refresh_tokens WHERE token_hash = ?")
            .bind(token_hash)
            .fetch_optional(&self.reads)
            .await
            .map_err(|e| self.fault(e))?;
        let Some((sign_in, expires_at)) = row else { return Ok(None) };
        let sign_in = Uuid::try_parse(&sign_in).map_err(|_| Self::corrupt("refresh_tokens", "a sign-in is no UUID"))?;
        let expires_at = DateTime::from_timestamp_micros(expires_at).ok_or_else(|| Self::corrupt("refresh_tokens", "no such time"))?;
        Ok(Some((sign_in, expires_at)))
    }

    async fn purge_refresh_tokens(&self, now: DateTime<Utc>) -> Result<u64, VaultError> {
        self.write(sqlx::query("DELETE FROM refresh_tokens WHERE expires_at < ?").bind(now.timestamp_micros())).await
    }

    async fn close(&self) {
        self.reads.close().await;
        self.writes.close().await;
    }
}
