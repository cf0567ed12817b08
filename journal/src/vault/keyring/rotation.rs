//! Another master key, while the vault is used. First the vault says that it is coming: from then on keys are wrapped by it alone. Then
//! all others are wrapped anew, page by page, each in a transaction of its own. At last the vault says that the one of before is gone.
//! Whoever has both reads everything at any time, and whoever is interrupted begins again and finds what is done already.

use std::sync::Arc;

use secrecy::ExposeSecret;

use super::masters::{Master, Masters, Wrapper, probes};
use crate::vault::{
    MasterKey, Rotated, VaultError,
    rows::{Rewrap, Rows, corrupt},
};

impl<R: Rows> Wrapper<R> {
    pub(super) async fn rotate(&self, new: &MasterKey) -> Result<Rotated, VaultError> {
        let next = Master::try_new(new, self.rows.store())?;
        let mut keys = 0;
        if let Some(masters) = self.begin(&next).await? {
            keys = self.rewrap_all(&anew(&masters)).await?;
            // Another process may have come to the end of the same first.
            self.rows.end_rewrap(&masters.current.probe).await?;
            let probes = probes(&*self.rows).await?;
            if probes.before.is_some() || probes.current.wrapped != masters.current.probe.wrapped {
                return Err(self.wrong(&next, probes.current.master_key));
            }
            self.settle(&masters, &probes);
        }
        // It is changed, whatever comes now.
        let is_clean = self.rows.clean().await.unwrap_or(false);
        Ok(Rotated { keys, master_key: next.id, is_clean })
    }

    /// Has keys wrapped by the next master key from now on, or goes on with that. `None`: all are already.
    async fn begin(&self, next: &Master) -> Result<Option<Arc<Masters>>, VaultError> {
        loop {
            let known = self.known();
            if known.current.id == next.id {
                return Ok(if known.before.is_some() { Some(known) } else { None });
            }
            if known.before.is_none() {
                // What is damaged is found before anything is changed.
                if let Err(damage) = self.rewrap_all(&unchanged(&known)).await {
                    if self.learn(&known, Some(next)).await? {
                        continue;
                    }
                    return Err(damage);
                }
                if let Some(begun) = self.begin_from(&known, next).await? {
                    return Ok(Some(begun));
                }
            }
            if !self.learn(&known, Some(next)).await? {
                return Err(self.wrong(next, Some(known.current.id.clone())));
            }
        }
    }

    /// `None`: somebody else was first.
    async fn begin_from(&self, known: &Arc<Masters>, next: &Master) -> Result<Option<Arc<Masters>>, VaultError> {
        // Whoever meets the coming key meanwhile waits, and then knows it.
        let _asking = self.asking.lock().await;
        let is_known = Arc::ptr_eq(known, &self.known());
        if !is_known || !self.rows.begin_rewrap(&known.current.probe, &next.probe).await? {
            return Ok(None);
        }
        Ok(Some(self.adopt(Masters::new(next.clone(), Some(known.current.clone())))))
    }

    async fn rewrap_all(&self, rewrap: &Rewrap) -> Result<u64, VaultError> {
        let (mut keys, mut after) = (self.rows.rewrap_others(Arc::clone(rewrap)).await?, None);
        loop {
            let (more, last) = self.rows.rewrap_subjects(after, Arc::clone(rewrap)).await?;
            keys += more;
            if last.is_none() {
                return Ok(keys);
            }
            after = last;
        }
    }

    fn wrong(&self, given: &Master, wanted: Option<String>) -> VaultError {
        VaultError::WrongMasterKey { store: self.rows.store().to_owned(), given: given.id.clone(), wanted }
    }
}

/// Wraps by the current key what is wrapped by the one of before.
fn anew(masters: &Arc<Masters>) -> Rewrap {
    let masters = Arc::clone(masters);
    Arc::new(move |purpose: &str, wrapped: &[u8]| {
        let current = &masters.current.cipher;
        if current.unwrap(purpose, wrapped).is_some() {
            return Ok(None);
        }
        let key = masters.unwrap(purpose, wrapped).ok_or_else(|| corrupt(purpose, "it does not authenticate"))?;
        current.wrap(purpose, key.expose_secret()).map(Some)
    })
}

/// Looks whether everything unwraps.
fn unchanged(masters: &Arc<Masters>) -> Rewrap {
    let masters = Arc::clone(masters);
    Arc::new(move |purpose: &str, wrapped: &[u8]| match masters.unwrap(purpose, wrapped) {
        Some(_) => Ok(None),
        None => Err(corrupt(purpose, "it does not authenticate")),
    })
}
