//! Hashing passwords, off the async threads, only so many at once, and after everything else that the processors have to do.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use rustix::process::{getpriority_process, setpriority_process};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;

use crate::Fault;

/// How many are waited for, for each that is being hashed: with it.
const WAITING: usize = 64;
/// How much nicer the threads are than the rest of the process.
const NICER: i32 = 10;
/// Nobody is nicer.
const NICEST: i32 = 19;

/// Characters of a bcrypt hash.
const BCRYPT: usize = 60;

type Job = Box<dyn FnOnce() + Send>;

/// How passwords are hashed.
#[derive(Clone, Copy, Debug)]
pub struct Hashing {
    /// How many at once.
    pub at_once: usize,
    pub cost: HashingCost,
}

/// What hashing a password takes by argon2id.
#[derive(Clone, Copy, Debug)]
pub enum HashingCost {
    /// m = 19456 KiB, t = 2, p = 1 (OWASP Password Storage Cheat Sheet).
    Recommended,
    /// As little as there is, for tests that hash a password or two each: it keeps nobody from guessing.
    Least,
}

impl HashingCost {
    fn argon2(self) -> Result<Argon2<'static>, Fault> {
        let (memory, passes) = match self {
            Self::Recommended => (19_456, 2),
            Self::Least => (Params::MIN_M_COST, Params::MIN_T_COST),
        };
        let params = Params::new(memory, passes, 1, None).map_err(|error| Fault::Outside(error.to_string()))?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

/// Hashes and verifies with argon2id. Verifies bcrypt, too: hashes that came with imports.
pub(super) struct Passwords {
    argon2: Argon2<'static>,
    /// Its threads end once it is dropped.
    jobs: mpsc::SyncSender<Job>,
    /// Of a random password: verified against where there is no account, so that it takes as long.
    decoy: SecretString,
}

impl Passwords {
    pub(super) async fn init(Hashing { at_once, cost }: Hashing) -> Result<Self, Fault> {
        let (argon2, at_once) = (cost.argon2()?, at_once.max(1));
        let (jobs, queue) = mpsc::sync_channel(at_once * (WAITING - 1));
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..at_once {
            let queue = Arc::clone(&queue);
            let thread = thread::Builder::new().name("passwords".into()).spawn(move || work_off(&queue));
            thread.map_err(|error| Fault::Outside(format!("no thread for passwords: {error}")))?;
        }
        let mut passwords = Self { argon2, jobs, decoy: SecretString::default() };
        passwords.decoy = passwords.hash(uuid::Uuid::new_v4().to_string().into()).await?.into();
        Ok(passwords)
    }

    /// The hash in PHC form.
    pub(super) async fn hash(&self, password: SecretString) -> Result<String, Fault> {
        let argon2 = self.argon2.clone();
        self.work(move || {
            let hashed = argon2.hash_password(password.expose_secret().as_bytes());
            hashed.map(|hash| hash.to_string()).map_err(|error| Fault::Outside(format!("the password could not be hashed: {error}")))
        })
        .await?
    }

    /// Whether the password is the one hashed; takes as long, and says no, where there is no hash.
    pub(super) async fn verify(&self, password: SecretString, hash: Option<SecretString>) -> Result<bool, Fault> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        let argon2 = self.argon2.clone();
        let matches = self
            .work(move || {
                let hash = hash.expose_secret();
                if is_outdated(hash) {
                    return bcrypt::verify(password.expose_secret().as_bytes(), hash).map_err(|_| unreadable("bcrypt"));
                }
                let hash = PasswordHash::new(hash).map_err(|_| unreadable("argon2id"))?;
                Ok::<_, Fault>(argon2.verify_password(password.expose_secret().as_bytes(), &hash).is_ok())
            })
            .await??;
        Ok(matches && known)
    }

    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let (answer, done) = oneshot::channel();
        let job = move || {
            // Whoever has gone meanwhile takes no time of those who wait.
            if !answer.is_closed() {
                let _ = answer.send(work());
            }
        };
        self.jobs.try_send(Box::new(job)).map_err(|_| Fault::Busy)?;
        done.await.map_err(|_| Fault::Outside("hashing a password failed".into()))
    }
}

/// What a thread does: one job after the other, until there are no more.
fn work_off(queue: &Mutex<mpsc::Receiver<Job>>) {
    // Requests that take no hashing come first, however many sign in: a priority is of a thread alone.
    if let Err(error) = getpriority_process(None).and_then(|own| setpriority_process(None, (own + NICER).min(NICEST))) {
        tracing::warn!(%error, "passwords are hashed at the priority of everything else");
    }
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("hashing a password panicked");
        }
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

#[cfg(test)]
mod tests;
