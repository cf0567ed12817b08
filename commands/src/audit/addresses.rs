//! Network addresses as keyed digests, so that what came from one place is found. The key is of the month: once it is destroyed, none
//! of its digests can be tried out any more.

use chrono::Datelike;
use domain::kernel::{Digest, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use journal::{JournalError, vault::Vault};
use secrecy::ExposeSecret;
use sha2::Sha256;

use crate::{Dispatcher, Fault};

/// Hexadecimal digits of a digest.
const DIGITS: usize = 32;

/// The name of the key of an instant's month.
#[must_use]
pub fn month(at: Timestamp) -> String {
    format!("audit-addresses-{:04}-{:02}", at.year(), at.month())
}

impl Dispatcher {
    /// The digest of a network address as of now.
    pub(crate) async fn address_digest(&self, address: Option<&str>) -> Result<Option<String>, JournalError> {
        let Some(address) = address else { return Ok(None) };
        digest(&**self.vault(), &month(self.now()), address).await.map(Some)
    }
}

/// The digests that an address had in the months from one instant to another, the latest first.
///
/// # Errors
/// The vault could not be read.
pub async fn digests_since(vault: &dyn Vault, address: &str, since: Timestamp, until: Timestamp) -> Result<Vec<String>, Fault> {
    let mut digests = Vec::new();
    for month in months(since, until).into_iter().rev() {
        digests.push(digest(vault, &month, address).await?);
    }
    Ok(digests)
}

async fn digest(vault: &dyn Vault, key: &str, address: &str) -> Result<String, JournalError> {
    let key = vault.secret(key, 32).await.map_err(JournalError::Seal)?;
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
