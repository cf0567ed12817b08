//! What every vault does, whatever database its keys are in: wrapping and unwrapping, and remembering for a while.

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

use super::{
    MasterKey, VaultError,
    cipher::Cipher,
    rows::{Probe, Rows, corrupt, secret_purpose, subject_purpose},
};

pub(super) const KEY_LENGTH: usize = 32;
/// How many unwrapped keys stay in memory.
const CACHED_KEYS: u64 = 10_000;
const CACHED_SECRETS: u64 = 100;
const PROBE: &str = "probe";

/// A vault whose keys are in some database. Use [`super::SqliteVault::init`] or [`super::PostgresVault::init`].
pub struct Keyring<R> {
    pub(super) rows: Arc<R>,
    /// Held for reading while keys are read or added, and for writing while one is erased or the master key changes: so no
    /// reader puts an erased key back into the cache, and none unwraps by a key of the past.
    master: Arc<RwLock<Master>>,
    keys: Cache<Uuid, Known>,
    secrets: Cache<String, Arc<SecretSlice<u8>>>,
    /// Nothing is made that is not there.
    looks: bool,
}

/// The key above all keys, and how the vault knows it.
struct Master {
    cipher: Cipher,
    probe: Probe,
    id: String,
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

impl Master {
    /// A master key that a vault does not know yet.
    fn try_new(key: &MasterKey, store: &str) -> Result<Self, VaultError> {
        let cipher = Cipher::try_new(key.expose()).ok_or_else(|| corrupt(store, "a master key has a wrong length"))?;
        let probe = Probe { wrapped: cipher.wrap(PROBE, PROBE.as_bytes())?, master_key: Some(key.id()) };
        Ok(Self { cipher, probe, id: key.id() })
    }
}

impl<R: Rows> Keyring<R> {
    /// Checks that the master key is the one that the keys in the database are wrapped by; that of a new vault is from then on.
    pub(super) async fn open(rows: R, key: &MasterKey) -> Result<Self, VaultError> {
        rows.add_probe(&Master::try_new(key, rows.store())?.probe).await?;
        let (master, named) = known(&rows, key).await?;
        if !named {
            rows.name_master_key(&master.probe).await?;
        }
        Ok(Self::on(rows, master, false))
    }

    /// The same, of rows that are only read.
    pub(super) async fn open_to_look(rows: R, key: &MasterKey) -> Result<Self, VaultError> {
        let (master, _) = known(&rows, key).await?;
        Ok(Self::on(rows, master, true))
    }

    fn on(rows: R, master: Master, looks: bool) -> Self {
        let longest = rows.fresh_for().unwrap_or(Duration::from_hours(24));
        Self {
            rows: Arc::new(rows),
            master: Arc::new(RwLock::new(master)),
            keys: Cache::builder().max_capacity(CACHED_KEYS).time_to_live(longest).build(),
            secrets: Cache::new(CACHED_SECRETS),
            looks,
        }
    }

    /// What is known of these subjects; those without a key are left out.
    async fn find(&self, master: &Master, subjects: &[Uuid]) -> Result<HashMap<Uuid, Arc<Key>>, VaultError> {
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
        let read = Instant::now();
        for (subject, wrapped) in self.rows.keys(&missing).await? {
            let key = match wrapped {
                None => Key::Erased,
                Some(wrapped) => {
                    let purpose = subject_purpose(subject);
                    let key = self.unwrap(master, &purpose, &wrapped).await?;
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

    /// What does not unwrap is damaged, unless the master key was changed by another process.
    async fn unwrap(&self, master: &Master, purpose: &str, wrapped: &[u8]) -> Result<SecretSlice<u8>, VaultError> {
        if let Some(key) = master.cipher.unwrap(purpose, wrapped) {
            return Ok(key);
        }
        self.check(master).await?;
        Err(corrupt(purpose, "it does not authenticate"))
    }

    /// Refuses to go on with a master key of the past.
    async fn check(&self, master: &Master) -> Result<(), VaultError> {
        let probe = self.rows.probe().await?;
        if probe.as_ref().is_some_and(|probe| probe.wrapped == master.probe.wrapped) {
            return Ok(());
        }
        let wanted = probe.and_then(|probe| probe.master_key);
        Err(VaultError::WrongMasterKey { store: self.rows.store().to_owned(), given: master.id.clone(), wanted })
    }

    /// The subject's key, created if there is none. Of several that create it at once, one wins.
    async fn find_or_create(&self, subject: Uuid) -> Result<Arc<Key>, VaultError> {
        let master = self.master.read().await;
        if let Some(key) = self.find(&master, &[subject]).await?.remove(&subject) {
            return Ok(key);
        }
        let wrapped = new_key(&master, &subject_purpose(subject), KEY_LENGTH)?;
        self.rows.insert_key(subject, wrapped, &master.probe.wrapped).await?;
        if let Some(key) = self.find(&master, &[subject]).await?.remove(&subject) {
            return Ok(key);
        }
        self.check(&master).await?;
        Err(VaultError::NoKey(subject))
    }

    async fn find_secret(&self, master: &Master, name: &str) -> Result<Option<Arc<SecretSlice<u8>>>, VaultError> {
        if let Some(secret) = self.secrets.get(name).await {
            return Ok(Some(secret));
        }
        let Some(wrapped) = self.rows.secret(name).await? else { return Ok(None) };
        let secret = Arc::new(self.unwrap(master, &secret_purpose(name), &wrapped).await?);
        self.secrets.insert(name.to_owned(), Arc::clone(&secret)).await;
        Ok(Some(secret))
    }

    /// The named secret, created if there is none. Of several that create it at once, one wins.
    pub(super) async fn find_or_create_secret(&self, name: &str, len: usize) -> Result<Arc<SecretSlice<u8>>, VaultError> {
        let master = self.master.read().await;
        if let Some(secret) = self.find_secret(&master, name).await? {
            return Ok(secret);
        }
        if self.looks {
            return Err(VaultError::NoSecret(name.to_owned()));
        }
        let wrapped = new_key(&master, &secret_purpose(name), len)?;
        self.rows.insert_secret(name, wrapped, &master.probe.wrapped).await?;
        if let Some(secret) = self.find_secret(&master, name).await? {
            return Ok(secret);
        }
        self.check(&master).await?;
        Err(corrupt(secret_purpose(name), "it is gone"))
    }
}

/// The master key as the vault knows it, and whether it knows its name; refused if it is another.
async fn known<R: Rows>(rows: &R, key: &MasterKey) -> Result<(Master, bool), VaultError> {
    let master = Master::try_new(key, rows.store())?;
    let probe = rows.probe().await?.ok_or_else(|| corrupt(rows.store(), "it knows no master key"))?;
    if master.cipher.unwrap(PROBE, &probe.wrapped).is_none() {
        return Err(VaultError::WrongMasterKey { store: rows.store().to_owned(), given: master.id, wanted: probe.master_key });
    }
    let named = probe.master_key.is_some();
    Ok((Master { probe: Probe { master_key: Some(master.id.clone()), ..probe }, ..master }, named))
}

fn new_key(master: &Master, purpose: &str, len: usize) -> Result<Vec<u8>, VaultError> {
    let mut key = Zeroizing::new(vec![0; len]);
    rand::fill(key.as_mut_slice());
    master.cipher.wrap(purpose, &key)
}
