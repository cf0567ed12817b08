//! How often one caller may ask: by network address, by account, and by operation of each. A service account is an account here.
//!
//! The counters are this process's own. Their number is fixed: callers share one where a keyed hash of them is the same, so that no
//! number of callers takes more memory, and nobody can choose whose counter they use up.

mod charge;

use std::{
    collections::BTreeMap,
    hash::{BuildHasher, Hash, RandomState},
    net::IpAddr,
    num::NonZeroU32,
    time::Duration,
};

use governor::{DefaultKeyedRateLimiter, Quota, clock::Clock};
use uuid::Uuid;

pub(crate) use charge::{Asked, charge};

/// How many counters there are of a kind.
const COUNTERS: u64 = 1 << 16;
/// For whoever asks for more at once than they may in that time.
const PERIOD: Duration = Duration::from_mins(1);

/// How often each may be asked for in a minute; as often at once. 0: as often as anybody likes.
#[derive(Clone, Debug, Default)]
pub struct Quotas {
    /// By one network address.
    pub address: u32,
    /// By one account, or one service account.
    pub account: u32,
    /// Operations by name, by one address and by one account.
    pub operations: BTreeMap<String, u32>,
}

/// After how long it may be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait(Duration);

impl Wait {
    /// In whole seconds, at least one.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.0.as_secs() + u64::from(self.0.subsec_nanos() > 0 || self.0.is_zero())
    }
}

/// Counts who asks for what.
#[derive(Debug, Default)]
pub struct Rates {
    hasher: RandomState,
    addresses: Option<Counters>,
    accounts: Option<Counters>,
    operations: BTreeMap<String, Counters>,
}

#[derive(Debug)]
struct Counters(DefaultKeyedRateLimiter<u64>);

impl Rates {
    /// Counters with nothing counted yet.
    #[must_use]
    pub fn new(quotas: &Quotas) -> Self {
        let operations = quotas.operations.iter().filter_map(|(name, quota)| Some((name.clone(), Counters::new(*quota)?)));
        Self {
            hasher: RandomState::new(),
            addresses: Counters::new(quotas.address),
            accounts: Counters::new(quotas.account),
            operations: operations.collect(),
        }
    }

    /// Counts something that an address asks for; what comes from nowhere is not counted.
    ///
    /// # Errors
    /// It asked too often, and nothing was counted.
    pub fn address(&self, address: Option<IpAddr>, times: u32) -> Result<(), Wait> {
        let (Some(counters), Some(address)) = (&self.addresses, address) else { return Ok(()) };
        counters.count(self.key(network(address)), times).inspect_err(|_| refused("address"))
    }

    /// Counts something that an account asks for, by [what it is counted by](commands::Actor::rate_key); strangers are counted by their
    /// address alone.
    ///
    /// # Errors
    /// As [`Self::address`].
    pub fn account(&self, account: Option<Uuid>, times: u32) -> Result<(), Wait> {
        let (Some(counters), Some(account)) = (&self.accounts, account) else { return Ok(()) };
        counters.count(self.key(account), times).inspect_err(|_| refused("account"))
    }

    /// Counts an operation, if it has a quota of its own, by an address and by an account.
    ///
    /// # Errors
    /// As [`Self::address`].
    pub fn operation(&self, name: &str, times: u32, address: Option<IpAddr>, account: Option<Uuid>) -> Result<(), Wait> {
        let Some(counters) = self.operations.get(name) else { return Ok(()) };
        let by_address = address.map(|address| self.key(network(address)));
        let by_account = account.map(|account| self.key(account));
        for key in by_address.into_iter().chain(by_account) {
            counters.count(key, times).inspect_err(|_| refused("operation"))?;
        }
        Ok(())
    }

    fn key(&self, caller: impl Hash) -> u64 {
        self.hasher.hash_one(caller) % COUNTERS
    }
}

impl Counters {
    fn new(quota: u32) -> Option<Self> {
        Some(Self(DefaultKeyedRateLimiter::keyed(Quota::per_minute(NonZeroU32::new(quota)?))))
    }

    fn count(&self, key: u64, times: u32) -> Result<(), Wait> {
        let Some(times) = NonZeroU32::new(times) else { return Ok(()) };
        let counted = self.0.check_key_n(&key, times).map_err(|_| Wait(PERIOD))?;
        counted.map_err(|until| Wait(until.wait_time_from(self.0.clock().now())))
    }
}

/// What one caller can have many of is counted together: an IPv6 network of 64 bits is one customer's.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        address @ IpAddr::V4(_) => address,
    }
}

fn refused(by: &'static str) {
    metrics::counter!("nalabo_rate_limited_total", "by" => by).increment(1);
}

#[cfg(test)]
mod tests;
