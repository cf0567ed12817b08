//! Hashing passwords, off the async threads and only so many at once.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::Fault;

/// How many may wait for a turn, for each that is being hashed.
const WAITING: usize = 64;

/// Characters of a bcrypt hash.
const BCRYPT: usize = 60;

/// Hashes and verifies with argon2id at m = 19456 KiB, t = 2, p = 1 (OWASP Password Storage Cheat Sheet). Verifies bcrypt, too: hashes
/// that came with imports.
pub(super) struct Passwords {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
    /// Of a random password: verified against where there is no account, so that it takes as long.
    decoy: String,
}

impl Passwords {
    pub(super) async fn init(at_once: usize) -> Result<Self, Fault> {
        let (turns, places) = (Semaphore::new(at_once.max(1)), Semaphore::new(at_once.max(1) * WAITING));
        let mut passwords = Self { turns: Arc::new(turns), places: Arc::new(places), decoy: String::new() };
        passwords.decoy = passwords.hash(uuid::Uuid::new_v4().to_string().into()).await?;
        Ok(passwords)
    }

    /// The hash in PHC form.
    pub(super) async fn hash(&self, password: SecretString) -> Result<String, Fault> {
        self.work(move || {
            let hashed = argon2()?.hash_password(password.expose_secret().as_bytes());
            hashed.map(|hash| hash.to_string()).map_err(|error| Fault::Outside(format!("the password could not be hashed: {error}")))
        })
        .await?
    }

    /// Whether the password is the one hashed; takes as long, and says no, where there is no hash.
    pub(super) async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<bool, Fault> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        let matches = self
            .work(move || {
                if is_outdated(&hash) {
                    return bcrypt::verify(password.expose_secret().as_bytes(), &hash).map_err(|_| unreadable("bcrypt"));
                }
                let hash = PasswordHash::new(&hash).map_err(|_| unreadable("argon2id"))?;
                Ok::<_, Fault>(argon2()?.verify_password(password.expose_secret().as_bytes(), &hash).is_ok())
            })
            .await??;
        Ok(matches && known)
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| Fault::Busy)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| Fault::Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((turn, place));
            done
        });
        done.await.map_err(|error| Fault::Outside(format!("hashing a password failed: {error}")))
    }
}

fn unreadable(kind: &str) -> Fault {
    Fault::Outside(format!("a stored password hash is no {kind}"))
}

/// Whether a hash is of an older kind than those that are made here: bcrypt.
pub(super) fn is_outdated(hash: &str) -> bool {
    hash.starts_with("$2")
}

/// Whether it is a hash of bcrypt that takes neither no time nor for ever.
pub(super) fn is_bcrypt(hash: &str) -> bool {
    hash.len() == BCRYPT && hash.parse::<bcrypt::HashParts>().is_ok_and(|parts| (10..=14).contains(&parts.get_cost()))
}

fn argon2() -> Result<Argon2<'static>, Fault> {
    let params = Params::new(19_456, 2, 1, None).map_err(|error| Fault::Outside(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}
