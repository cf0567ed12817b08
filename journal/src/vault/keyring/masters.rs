//! The master keys that a process knows: one, or two while keys are wrapped anew. Whoever finds another one in the vault asks where
//! they come from again.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use secrecy::SecretSlice;
use tokio::sync::Mutex;

use super::PROBE;
use crate::vault::{
    MasterKey, MasterKeySource, VaultError,
    cipher::Cipher,
    rows::{Probe, Probes, Rows, corrupt},
};

/// How soon it is asked again for a key that was not there.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a key of before is kept until it is looked at whether anything is wrapped by it.
const SETTLES: Duration = Duration::from_secs(5);

/// A key above all keys, and how the vault knows it.
#[derive(Clone)]
pub(super) struct Master {
    pub(super) cipher: Cipher,
    pub(super) probe: Probe,
    pub(super) id: String,
}

impl Master {
    /// A master key that a vault does not know yet.
    pub(super) fn try_new(key: &MasterKey, store: &str) -> Result<Self, VaultError> {
        let cipher = Cipher::try_new(key.expose()).ok_or_else(|| corrupt(store, "a master key has a wrong length"))?;
        let probe = Probe { wrapped: cipher.wrap(PROBE, PROBE.as_bytes())?, master_key: Some(key.id()) };
        Ok(Self { cipher, probe, id: key.id() })
    }
}

/// Those by which the vault's keys are wrapped.
pub(super) struct Masters {
    /// What is wrapped now is wrapped by this one.
    pub(super) current: Master,
    /// By this one some keys may be wrapped yet.
    pub(super) before: Option<Master>,
    since: Instant,
}

impl Masters {
    pub(super) fn new(current: Master, before: Option<Master>) -> Self {
        Self { current, before, since: Instant::now() }
    }

    /// `None` if it was wrapped by neither for this purpose.
    pub(super) fn unwrap(&self, purpose: &str, wrapped: &[u8]) -> Option<SecretSlice<u8>> {
        self.all().find_map(|master| master.cipher.unwrap(purpose, wrapped))
    }

    fn all(&self) -> impl Iterator<Item = &Master> {
        std::iter::once(&self.current).chain(&self.before)
    }

    fn are(&self, probes: &Probes) -> bool {
        let before = self.before.as_ref().map(|master| &master.probe.wrapped);
        self.current.probe.wrapped == probes.current.wrapped && before == probes.before.as_ref().map(|probe| &probe.wrapped)
    }
}

/// Wraps and unwraps by the master keys of one vault.
pub(super) struct Wrapper<R> {
    pub(super) rows: Arc<R>,
    source: Arc<dyn MasterKeySource>,
    known: RwLock<Arc<Masters>>,
    /// Held while the source is asked and while a change begins: when it was asked last and had no key that fits.
    pub(super) asking: Mutex<Option<Instant>>,
}

impl<R: Rows> Wrapper<R> {
    /// Makes the source's key that of a new vault.
    pub(super) async fn open(rows: Arc<R>, source: Arc<dyn MasterKeySource>) -> Result<Self, VaultError> {
        let candidates = ask(&source, rows.store()).await?;
        let first = candidates.first().ok_or_else(|| corrupt(rows.store(), "there is no master key for it"))?;
        rows.add_probe(&first.probe).await?;
        let probes = probes(&*rows).await?;
        let masters = matching(rows.store(), &probes, &candidates)?;
        // While there are two both have names.
        if masters.before.is_none() && probes.current.master_key.is_none() {
            rows.name_master_key(&masters.current.probe).await?;
        }
        Ok(Self::on(rows, source, masters))
    }

    /// The same, of rows that are only read.
    pub(super) async fn open_to_look(rows: Arc<R>, source: Arc<dyn MasterKeySource>) -> Result<Self, VaultError> {
        let candidates = ask(&source, rows.store()).await?;
        let masters = matching(rows.store(), &probes(&*rows).await?, &candidates)?;
        Ok(Self::on(rows, source, masters))
    }

    fn on(rows: Arc<R>, source: Arc<dyn MasterKeySource>, masters: Masters) -> Self {
        Self { rows, source, known: RwLock::new(Arc::new(masters)), asking: Mutex::new(None) }
    }

    /// What was known last.
    pub(super) fn known(&self) -> Arc<Masters> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn adopt(&self, masters: Masters) -> Arc<Masters> {
        let masters = Arc::new(masters);
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&masters);
        masters
    }

    /// The master keys. To be taken before rows are read: what is read then is wrapped by one of them, or by one that came later.
    pub(super) async fn masters(&self) -> Arc<Masters> {
        let known = self.known();
        if known.before.is_none() || known.since.elapsed() < SETTLES {
            return known;
        }
        // A database that is away is told by what follows.
        if let Ok(probes) = probes(&*self.rows).await {
            self.settle(&known, &probes);
        }
        self.known()
    }

    /// Forgets the key of before, once nothing is wrapped by it.
    pub(super) fn settle(&self, known: &Arc<Masters>, probes: &Probes) {
        let is_over = probes.before.is_none() && probes.current.wrapped == known.current.probe.wrapped;
        let before = if is_over { None } else { known.before.clone() };
        let mut now = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&now, known) {
            *now = Arc::new(Masters::new(known.current.clone(), before));
        }
    }

    /// What does not unwrap is damaged, unless the master key was changed.
    pub(super) async fn unwrap(&self, masters: &Arc<Masters>, purpose: &str, wrapped: &[u8]) -> Result<SecretSlice<u8>, VaultError> {
        let mut masters = Arc::clone(masters);
        loop {
            if let Some(key) = masters.unwrap(purpose, wrapped) {
                return Ok(key);
            }
            if !self.learn(&masters, None).await? {
                return Err(corrupt(purpose, "it does not authenticate"));
            }
            masters = self.known();
        }
    }

    /// Finds out by which master keys the vault's keys are wrapped, if these are others by now; `given` may be one of them. `false`:
    /// they are what was known.
    ///
    /// # Errors
    /// [`VaultError::WrongMasterKey`] if they are not where master keys come from either.
    pub(super) async fn learn(&self, known: &Arc<Masters>, given: Option<&Master>) -> Result<bool, VaultError> {
        let mut asked = self.asking.lock().await;
        if !Arc::ptr_eq(known, &self.known()) {
            return Ok(true);
        }
        let probes = probes(&*self.rows).await?;
        if known.are(&probes) {
            return Ok(false);
        }
        let store = self.rows.store();
        let mut candidates: Vec<Master> = known.all().chain(given).cloned().collect();
        let mut found = matching(store, &probes, &candidates);
        if found.is_err() && asked.is_none_or(|asked| asked.elapsed() >= PAUSE) {
            match ask(&self.source, store).await {
                Ok(more) => {
                    candidates.extend(more);
                    found = matching(store, &probes, &candidates);
                }
                Err(error) => tracing::warn!(%error, "the vault has another master key, which could not be read"),
            }
            *asked = found.is_err().then(Instant::now);
        }
        let masters = self.adopt(found?);
        tracing::info!(master_key = masters.current.id, "the vault's keys are wrapped by another master key, which was found");
        Ok(true)
    }
}

pub(super) async fn probes<R: Rows>(rows: &R) -> Result<Probes, VaultError> {
    rows.probes().await?.ok_or_else(|| corrupt(rows.store(), "it knows no master key"))
}

/// Asks on a thread of its own: it may be a program that is asked.
async fn ask(source: &Arc<dyn MasterKeySource>, store: &str) -> Result<Vec<Master>, VaultError> {
    let source = Arc::clone(source);
    let keys = tokio::task::spawn_blocking(move || source.read()).await;
    let keys = keys.unwrap_or(Err(VaultError::Unavailable(sqlx::Error::WorkerCrashed)))?;
    keys.iter().map(|key| Master::try_new(key, store)).collect()
}

/// Those of the candidates that the vault names; refused if one is missing.
fn matching(store: &str, probes: &Probes, candidates: &[Master]) -> Result<Masters, VaultError> {
    let find = |probe: &Probe| {
        let Some(fits) = candidates.iter().find(|master| master.cipher.unwrap(PROBE, &probe.wrapped).is_some()) else {
            let (store, wanted) = (store.to_owned(), probe.master_key.clone());
            return Err(VaultError::WrongMasterKey { store, given: names(candidates), wanted });
        };
        let probe = Probe { wrapped: probe.wrapped.clone(), master_key: Some(fits.id.clone()) };
        Ok(Master { probe, ..fits.clone() })
    };
    Ok(Masters::new(find(&probes.current)?, probes.before.as_ref().map(find).transpose()?))
}

fn names(candidates: &[Master]) -> String {
    let mut names: Vec<&str> = Vec::with_capacity(candidates.len());
    for master in candidates {
        if !names.contains(&master.id.as_str()) {
            names.push(&master.id);
        }
    }
    names.join(" or ")
}
