//! How many web sockets one caller has open at once, of whatever kind: by network address, and by account. A service account is an account
//! here.
//!
//! The counts are this process's own, as connections are. There is one for each caller who has a socket open and none for anybody else, so
//! they take no more memory than sockets do.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use uuid::Uuid;

use crate::{failure::Failure, rates::network};

/// How many web sockets may be open at once. 0: as many as anybody likes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SocketBounds {
    /// From one network address.
    pub address: u32,
    /// Of one account, or one service account.
    pub account: u32,
}

/// Counts who has web sockets open.
#[derive(Debug, Default)]
pub struct Sockets {
    bounds: SocketBounds,
    open: Arc<Mutex<Open>>,
}

type Open = HashMap<Whose, u32>;

/// By what sockets are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Whose {
    Address(IpAddr),
    Account(Uuid),
}

/// One more socket of somebody's, until it is dropped.
#[derive(Debug)]
#[must_use = "the socket is counted as long as this is kept"]
pub struct Counted(Option<(Whose, Arc<Mutex<Open>>)>);

/// Somebody has as many open as they may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected at most {most} web sockets open at once {whose}")]
pub struct TooMany {
    most: u32,
    whose: &'static str,
}

impl Sockets {
    /// Where nobody has any open.
    #[must_use]
    pub fn new(bounds: SocketBounds) -> Self {
        Self { bounds, open: Arc::default() }
    }

    /// Counts a socket of an address; one that comes from nowhere is not counted.
    ///
    /// # Errors
    /// The address has as many as it may, and this one is not counted.
    pub fn address(&self, address: Option<IpAddr>) -> Result<Counted, TooMany> {
        self.count(self.bounds.address, address.map(|address| Whose::Address(network(address))))
    }

    /// Counts a socket of an account, by [what it is counted by](commands::Actor::rate_key).
    ///
    /// # Errors
    /// As [`Self::address`].
    pub fn account(&self, account: Option<Uuid>) -> Result<Counted, TooMany> {
        self.count(self.bounds.account, account.map(Whose::Account))
    }

    fn count(&self, most: u32, whose: Option<Whose>) -> Result<Counted, TooMany> {
        let Some(whose) = whose.filter(|_| most > 0) else { return Ok(Counted(None)) };
        let mut all = lock(&self.open);
        let open = all.get(&whose).copied().unwrap_or_default();
        if open >= most {
            return Err(refused(most, whose));
        }
        all.insert(whose, open + 1);
        Ok(Counted(Some((whose, Arc::clone(&self.open)))))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let Some((whose, open)) = self.0.take() else { return };
        let mut all = lock(&open);
        match all.get_mut(&whose) {
            Some(open) if *open > 1 => *open -= 1,
            // What nobody has open takes no memory.
            _ => drop(all.remove(&whose)),
        }
    }
}

impl From<TooMany> for Failure {
    fn from(too_many: TooMany) -> Self {
        Self::Quota(too_many.to_string())
    }
}

fn refused(most: u32, whose: Whose) -> TooMany {
    let (by, whose) = match whose {
        Whose::Address(_) => ("address", "from one network address"),
        Whose::Account(_) => ("account", "by one account"),
    };
    metrics::counter!("nalabo_sockets_refused_total", "by" => by).increment(1);
    TooMany { most, whose }
}

fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
