//! Passkeys (`WebAuthn`): keys that somebody's devices hold, of which we have the public halves.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::IdentityRejection;
use crate::kernel::{Personal, Timestamp, is_hidden};

/// How many an account has at the most.
pub const MOST: usize = 10;

/// What somebody calls a passkey of theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasskeyName(String);

impl PasskeyName {
    /// # Errors
    /// [`IdentityRejection::PasskeyNameInvalid`].
    pub fn try_new(text: &str) -> Result<Self, IdentityRejection> {
        let name = text.trim();
        let valid = (1..=80).contains(&name.chars().count()) && !name.contains(is_hidden);
        if valid { Ok(Self(name.to_owned())) } else { Err(IdentityRejection::PasskeyNameInvalid) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// By what a browser reaches the device that has a passkey, as the device says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    Usb,
    Nfc,
    Ble,
    /// It is the device that the browser runs on.
    Internal,
    /// Another device that is near, such as a telephone.
    Hybrid,
}

/// A passkey as it was registered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passkey {
    pub name: Personal<PasskeyName>,
    /// Its id and its public key: no secret, and known of one person alone.
    pub credential: Personal<String>,
    /// How often it had signed; 0 for those that do not count.
    pub counter: u32,
    /// Whether there may be copies of it, such as those that a vendor keeps for all devices of a person.
    pub backup_eligible: bool,
    /// Whether there are.
    pub backed_up: bool,
    pub transports: BTreeSet<Transport>,
    pub registered_at: Timestamp,
}

/// A passkey and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    pub passkey: Passkey,
    pub last_used_at: Option<Timestamp>,
    /// Its counter went back: two have it, and nobody signs in by it any more.
    pub copied: bool,
}

impl Kept {
    pub(super) const fn new(passkey: Passkey) -> Self {
        Self { passkey, last_used_at: None, copied: false }
    }

    /// Whether a counter is not behind the one before, as far as it counts at all (Web Authentication Level 3, section 7.2, step 22).
    pub(super) const fn goes_on(&self, counter: u32) -> bool {
        counter > self.passkey.counter || counter == 0 && self.passkey.counter == 0
    }
}

#[cfg(test)]
mod tests;
