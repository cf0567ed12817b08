//! What every vault does, whatever database its keys are in: wrapping and unwrapping, and remembering for a while.

mod masters;
mod rotation;
mod vault;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use moka::future::Cache;
use secrecy::{ExposeSecret, SecretSlice};
use tokio::sync::RwLock;
use uuid::Uuid;
use zeroize::Zeroizing;

use self::masters::{Master, Wrapper};
use super::{
    MasterKeySource, VaultError,
    cipher::Cipher,
    rows::{Rows, corrupt, secret_purpose, subject_purpose},
};

pub(super) const KEY_LENGTH: usize = 32;
/// How many unwrapped keys stay in memory.
const CACHED_KEYS: u64 = 10_000;
const CACHED_SECRETS: u64 = 100;
/// And for how long: another process may have destroyed one.
const SECRETS_FRESH_FOR: Duration = Duration::from_hours(24);
const PROBE: &str = "probe";

/// A vault whose keys are in some database. Use [`super::SqliteVault::init`] or [`super::PostgresVault::init`].
pub struct Keyring<R> {
    pub(super) rows: Arc<R>,
    wrapper: Arc<Wrapper<R>>,
    /// Held for reading while keys are read or people's added, and for writing while one is erased or destroyed: so no reader puts such a
    /// key back into the cache.
    erasing: Arc<RwLock<()>>,
    keys: Cache<Uuid, Known>,
    secrets: Cache<String, Arc<SecretSlice<u8>>>,
    /// Nothing is made that is not there.
    looks: bool,
}

/// What is known of a subject.
enum Key {
    Live(Cipher),
    Erased,
}

/// What was known of a subject, and since when.
#[derive(Clone)]
struct Known {
    key: Arc<Key>,
    read: Instant,
}

impl<R: Rows> std::fmt::Debug for Keyring<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring").field("store", &self.rows.store()).finish_non_exhaustive()
    }
}

impl<R: Rows> Keyring<R> {
    /// Checks that the master key is the one that the keys in the database are wrapped by; that of a new vault is from then on.
    pub(super) async fn open(rows: R, source: Arc<dyn MasterKeySource>) -> Result<Self, VaultError> {
        Ok(Self::on(Wrapper::open(Arc::new(rows), source).await?, false))
    }

    /// The same, of rows that are only read.
    pub(super) async fn open_to_look(rows: R, source: Arc<dyn MasterKeySource>) -> Result<Self, VaultError> {
        Ok(Self::on(Wrapper::open_to_look(Arc::new(rows), source).await?, true))
    }

    fn on(wrapper: Wrapper<R>, looks: bool) -> Self {
        let longest = wrapper.rows.fresh_for().unwrap_or(Duration::from_hours(24));
        Self {
            rows: Arc::clone(&wrapper.rows),
            wrapper: Arc::new(wrapper),
            erasing: Arc::default(),
            keys: Cache::builder().max_capacity(CACHED_KEYS).time_to_live(longest).build(),
            secrets: Cache::builder().max_capacity(CACHED_SECRETS).time_to_live(SECRETS_FRESH_FOR).build(),
            looks,
        }
    }

    /// What is known of these subjects; those without a key are left out.
    async fn find(&self, subjects: &[Uuid]) -> Result<HashMap<Uuid, Arc<Key>>, VaultError> {
        let mut found = HashMap::with_capacity(subjects.len());
        let mut missing = Vec::new();
        for &subject in subjects {
            match self.keys.get(&subject).await.filter(|known| self.is_fresh(known)) {
                Some(known) => drop(found.insert(subject, known.key)),
                None => missing.push(subject),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let (read, masters) = (Instant::now(), self.wrapper.masters().await);
        for (subject, wrapped) in self.rows.keys(&missing).await? {
            let key = match wrapped {
                None => Key::Erased,
                Some(wrapped) => {
                    let purpose = subject_purpose(subject);
                    let key = self.wrapper.unwrap(&masters, &purpose, &wrapped).await?;
                    Key::Live(Cipher::try_new(key.expose_secret()).ok_or_else(|| corrupt(purpose, "its key has a wrong length"))?)
                }
            };
            let key = Arc::new(key);
            self.keys.insert(subject, Known { key: Arc::clone(&key), read }).await;
            found.insert(subject, key);
        }
        Ok(found)
    }

    fn is_fresh(&self, known: &Known) -> bool {
        self.rows.fresh_for().is_none_or(|limit| known.read.elapsed() < limit)
    }

    /// The subject's key, created if there is none. Of several that create it at once, one wins.
    async fn find_or_create(&self, subject: Uuid) -> Result<Arc<Key>, VaultError> {
        let _nobody_erases = self.erasing.read().await;
        loop {
            if let Some(key) = self.find(&[subject]).await?.remove(&subject) {
                return Ok(key);
            }
            let masters = self.wrapper.masters().await;
            let wrapped = new_key(&masters.current, &subject_purpose(subject), KEY_LENGTH)?;
            self.rows.insert_key(subject, wrapped, &masters.current.probe.wrapped).await?;
            if let Some(key) = self.find(&[subject]).await?.remove(&subject) {
                return Ok(key);
            }
            if !self.wrapper.learn(&masters, None).await? {
                return Err(VaultError::NoKey(subject));
            }
        }
    }

    async fn find_secret(&self, name: &str) -> Result<Option<Arc<SecretSlice<u8>>>, VaultError> {
        if let Some(secret) = self.secrets.get(name).await {
            return Ok(Some(secret));
        }
        self.read_secret(name).await
    }

    /// The named secret, as the database has it.
    async fn read_secret(&self, name: &str) -> Result<Option<Arc<SecretSlice<u8>>>, VaultError> {
        let _nobody_destroys = self.erasing.read().await;
        let masters = self.wrapper.masters().await;
        let Some(wrapped) = self.rows.secret(name).await? else {
            self.secrets.invalidate(name).await;
            return Ok(None);
        };
        let secret = Arc::new(self.wrapper.unwrap(&masters, &secret_purpose(name), &wrapped).await?);
        self.secrets.insert(name.to_owned(), Arc::clone(&secret)).await;
        Ok(Some(secret))
    }

    /// The named secret, created if there is none. Of several that create it at once, one wins.
    pub(super) async fn find_or_create_secret(&self, name: &str, len: usize) -> Result<Arc<SecretSlice<u8>>, VaultError> {
        loop {
            if let Some(secret) = self.find_secret(name).await? {
                return Ok(secret);
            }
            if self.looks {
                return Err(VaultError::NoSecret(name.to_owned()));
            }
            let masters = self.wrapper.masters().await;
            let wrapped = new_key(&masters.current, &secret_purpose(name), len)?;
            self.rows.insert_secret(name, wrapped, &masters.current.probe.wrapped).await?;
            if let Some(secret) = self.find_secret(name).await? {
                return Ok(secret);
            }
            if !self.wrapper.learn(&masters, None).await? {
                return Err(corrupt(secret_purpose(name), "it is gone"));
            }
        }
    }
}

fn new_key(master: &Master, purpose: &str, len: usize) -> Result<Vec<u8>, VaultError> {
    let mut key = Zeroizing::new(vec![0; len]);
    rand::fill(key.as_mut_slice());
    master.cipher.wrap(purpose, &key)
}
