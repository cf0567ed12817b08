//! Network addresses as keyed digests, so that what came from one place is found. The key is of the month: once it is destroyed, none
//! of its digests can be tried out any more. It is made by what is recorded in its month, and never by looking.

use chrono::{Datelike, Months};
use domain::kernel::{Digest, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use journal::{JournalError, vault::Vault};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;

use super::{Audit, Deed};
use crate::{Dispatcher, Fault, Request};

/// Hexadecimal digits of a digest.
const DIGITS: usize = 32;
/// How names of keys begin.
const KEYS: &str = "audit-addresses-";
/// Who destroys keys of long ago, and what that is called in the audit.
const RETENTION: &str = "retention";
const DESTROY: &str = "addressKeyDestroy";

/// The name of the key of an instant's month. Names are in the order of months.
#[must_use]
pub fn month(at: Timestamp) -> String {
    format!("{KEYS}{:04}-{:02}", at.year(), at.month())
}

impl Dispatcher {
    /// The digest of a network address as of now.
    pub(crate) async fn address_digest(&self, address: Option<&str>) -> Result<Option<String>, JournalError> {
        let Some(address) = address else { return Ok(None) };
        let key = self.vault().secret(&month(self.now()), 32).await.map_err(JournalError::Seal)?;
        digest(&key, address).map(Some)
    }
}

impl Audit {
    /// Destroys the keys of months that ended more than so many months ago; of which, the earliest first. From then on nobody finds out
    /// any more what came from an address in these. Each is in the audit before it is destroyed. Doing it twice does no more.
    ///
    /// # Errors
    /// The journal or the vault could not be read or written.
    pub async fn forget_addresses(&self, months: u32) -> Result<Vec<String>, Fault> {
        let (vault, now) = (self.dispatcher.vault(), self.dispatcher.now());
        let before = |months| now.checked_sub_months(Months::new(months)).map(month);
        let (Some(first_kept), Some(last)) = (before(months), before(months.saturating_add(1))) else { return Ok(vec![]) };
        let mut destroyed = vault.secret_names(KEYS).await?;
        destroyed.retain(|name| *name < first_kept);
        for name in &destroyed {
            self.record(&Request::system(RETENTION), Deed::accepted(DESTROY, vec![name.clone()])).await?;
            vault.destroy_secret(name).await?;
            tracing::info!(month = name.trim_start_matches(KEYS), "the key of digests of network addresses was destroyed");
        }
        // Of one that was destroyed the time before there may be copies left that were in use then.
        vault.destroy_secret(&last).await?;
        Ok(destroyed)
    }
}

/// The digests that an address had in the months from one instant to another, the latest first. A month without a key has none: nothing
/// came from anywhere in it, or the key was destroyed.
///
/// # Errors
/// The vault could not be read.
pub async fn digests_since(vault: &dyn Vault, address: &str, since: Timestamp, until: Timestamp) -> Result<Vec<String>, Fault> {
    let mut digests = Vec::new();
    for month in months(since, until).into_iter().rev() {
        if let Some(key) = vault.known_secret(&month).await.map_err(JournalError::Seal)? {
            digests.push(digest(&key, address)?);
        }
    }
    Ok(digests)
}

fn digest(key: &SecretSlice<u8>, address: &str) -> Result<String, JournalError> {
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.expose_secret());
    let mut mac = mac.map_err(|error| JournalError::Malformed(format!("a key of addresses: {error}")))?;
    mac.update(address.as_bytes());
    let digits = Digest::from(<[u8; 32]>::from(mac.finalize().into_bytes()));
    Ok(digits.as_str()[..DIGITS].to_owned())
}

/// The names of the keys from one instant to another, the earliest first.
fn months(since: Timestamp, until: Timestamp) -> Vec<String> {
    let mut all = Vec::new();
    let (mut at, last) = (since, month(until));
    while month(at) <= last {
        all.push(month(at));
        // The 28th of each month is in it, and four days later is the next.
        let Some(next) = at.with_day(28).and_then(|at| at.checked_add_signed(chrono::TimeDelta::days(4))) else { break };
        at = next;
    }
    all
}

#[cfg(test)]
mod tests;
