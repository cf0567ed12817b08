//! How often passwords are tried (OWASP ASVS 5.0, 6.1.1 and 6.3.1; NIST SP 800-63B-4, section 3.2.2).
//!
//! A try counts before it is known what comes of it, so that many at once are as many as one after the other. Counted is by account and
//! network address together: five are free, and each one more has to wait twice as long as the one before it, up to a quarter of an hour.
//! Of IPv6 the network that one customer has is one address: the owner's own changes by the day, and who guesses has no end of them.
//! Whoever gets the password right begins anew, where there is a second factor with its code alone: a password that somebody else knows
//! must not give them codes to guess without end. Beside that an account has a count of its own for all addresses from which its owner
//! has not signed in within a month, so that a password is not guessed from everywhere at once, and its owner is not kept out. Nor is one
//! who has a passkey, of which only the wrong ones count, or who comes by a link that was mailed to them, which are counted apart.
//! Addresses of nobody count like those of somebody.

use chrono::TimeDelta;
use domain::kernel::{AccountId, Timestamp};
use journal::vault::Tries;
use uuid::Uuid;

use super::Identity;
use crate::{Fault, Request, audit::network};

const FROM_AN_ADDRESS: Pace = Pace { free: 5, first_wait: TimeDelta::seconds(1), longest_wait: TimeDelta::minutes(15) };
/// For an account from all addresses that are not known.
const FROM_ANYWHERE: Pace = Pace { free: 50, ..FROM_AN_ADDRESS };
/// After so long without a try nothing is counted any more.
const FORGOTTEN: TimeDelta = TimeDelta::days(1);
/// How long an address is known from which its owner signed in.
const KNOWN: TimeDelta = TimeDelta::days(30);
/// How often somebody else may be first.
const ROUNDS: usize = 100;

/// How often something may be done: so often at once, and then after waits that double.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    pub(super) free: i64,
    pub(super) first_wait: TimeDelta,
    pub(super) longest_wait: TimeDelta,
}

/// A try that may be made.
pub(super) struct Try {
    key: [u8; 32],
}

impl Identity {
    /// Counts a try for an account, by the claim on its address. None: there were too many.
    pub(super) async fn a_try(&self, request: &Request, claim: Uuid) -> Result<Option<Try>, Fault> {
        let a_try = self.uncounted_try(request, claim).await?;
        let may = self.counted_from(&a_try.key, &format!("tries {claim}")).await?;
        Ok(may.then_some(a_try))
    }

    /// A try that nobody can guess at, such as one by a passkey that was good: it may be made however many there were.
    pub(super) async fn uncounted_try(&self, request: &Request, claim: Uuid) -> Result<Try, Fault> {
        let key = self.dispatcher.vault().blind("tries-from", &format!("{claim} {}", place(request))).await?;
        Ok(Try { key })
    }

    /// Counts that a link was asked for, as tries are, and apart from them: who guesses keeps nobody from having one. Whether it may be.
    pub(super) async fn asks_for_link(&self, request: &Request, claim: Uuid) -> Result<bool, Fault> {
        let key = self.dispatcher.vault().blind("links-from", &format!("{claim} {}", place(request))).await?;
        self.counted_from(&key, &format!("links {claim}")).await
    }

    /// Counts one more from an address, and where that is not known from anywhere. Whether it may be.
    async fn counted_from(&self, key: &[u8], anywhere: &str) -> Result<bool, Fault> {
        let Some(counted) = self.counted(key, FROM_AN_ADDRESS).await? else { return Ok(false) };
        let is_known = counted.known_until.is_some_and(|until| until > self.dispatcher.now());
        let anywhere = self.dispatcher.vault().blind("tries", anywhere).await?;
        Ok(is_known || self.counted(&anywhere, FROM_ANYWHERE).await?.is_some())
    }

    /// It was right: the next begins anew, and the address is known.
    pub(super) async fn succeeded(&self, a_try: Try) -> Result<(), Fault> {
        self.knows(a_try, |_, now| (0, now)).await
    }

    /// Whoever comes from there reads the owner's mail: the address is known, and what was counted goes on to count.
    pub(super) async fn came_by_link(&self, request: &Request, claim: Uuid) -> Result<(), Fault> {
        let a_try = self.uncounted_try(request, claim).await?;
        self.knows(a_try, |before, now| before.map_or((0, now), |before| (before.count, before.blocked_until))).await
    }

    /// Knows an address from now on; how many tries count from there, and until when there are no more, is what `left` says.
    async fn knows(&self, Try { key }: Try, left: impl Fn(Option<Tries>, Timestamp) -> (i64, Timestamp)) -> Result<(), Fault> {
        let (vault, now) = (self.dispatcher.vault(), self.dispatcher.now());
        for _ in 0..ROUNDS {
            let found = vault.tries(&key).await?;
            let (count, blocked_until) = left(found.map(|(_, tries)| tries).filter(|tries| tries.expires_at > now), now);
            let known = Tries { count, blocked_until, known_until: Some(now + KNOWN), expires_at: now + KNOWN };
            if vault.set_tries(&key, found.map(|(version, _)| version), known).await? {
                return Ok(());
            }
        }
        Err(Fault::Contention)
    }

    /// The password was right, and nothing else was looked at. Codes are counted with it, so where there is a second factor the try goes on
    /// to count.
    pub(super) async fn knew_password(&self, account: AccountId, a_try: Try) -> Result<(), Fault> {
        if self.has_second_factor(account).await? { Ok(()) } else { self.succeeded(a_try).await }
    }

    /// Whether one more under a key would be too many. Nothing is counted.
    pub(super) async fn is_too_many(&self, key: &[u8], pace: Pace) -> Result<bool, Fault> {
        let (now, found) = (self.dispatcher.now(), self.dispatcher.vault().tries(key).await?);
        Ok(found.is_some_and(|(_, tries)| tries.expires_at > now && is_blocked(tries, pace, now)))
    }

    /// Counts one more under a key. None: there were too many.
    pub(super) async fn counted(&self, key: &[u8], pace: Pace) -> Result<Option<Tries>, Fault> {
        for _ in 0..ROUNDS {
            let now = self.dispatcher.now();
            let found = self.dispatcher.vault().tries(key).await?;
            let before = found.map(|(_, tries)| tries).filter(|tries| tries.expires_at > now);
            if before.is_some_and(|tries| is_blocked(tries, pace, now)) {
                return Ok(None);
            }
            let tries = counted(before, pace, now);
            if self.dispatcher.vault().set_tries(key, found.map(|(version, _)| version), tries).await? {
                return Ok(Some(tries));
            }
        }
        Err(Fault::Contention)
    }
}

/// The network that a request came from.
fn place(request: &Request) -> String {
    request.came_from().map(|address| network(address).to_string()).unwrap_or_default()
}

/// One more.
fn counted(before: Option<Tries>, pace: Pace, now: Timestamp) -> Tries {
    let count = before.map_or(0, |tries| tries.count) + 1;
    let known_until = before.and_then(|tries| tries.known_until);
    let expires_at = known_until.unwrap_or(now).max(now + FORGOTTEN);
    Tries { count, blocked_until: now + wait(count, pace), known_until, expires_at }
}

/// Until the free ones are gone nobody waits: not even for the time at which another node, or another try a moment later, wrote them.
fn is_blocked(tries: Tries, pace: Pace, now: Timestamp) -> bool {
    tries.count >= pace.free && tries.blocked_until > now
}

/// How long there is nothing more after so many.
fn wait(count: i64, pace: Pace) -> TimeDelta {
    if count < pace.free {
        return TimeDelta::zero();
    }
    match u32::try_from(count - pace.free) {
        Ok(doublings @ 0..20) => (pace.first_wait * (1 << doublings)).min(pace.longest_wait),
        // By then it is the longest anyway.
        Ok(_) | Err(_) => pace.longest_wait,
    }
}

#[cfg(test)]
mod tests;
