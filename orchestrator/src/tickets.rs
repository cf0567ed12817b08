//! Tickets to terminals: good for one use within 30 seconds.
//!
//! A browser cannot put a token into a WebSocket's headers, and a token in an address ends up in logs. A ticket there
//! is worth nothing once it has been seen.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use commands::Clock;
use domain::kernel::{AccountId, EnvironmentId, SignInId, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

const LIFETIME: TimeDelta = TimeDelta::seconds(30);

/// A ticket for its owner. It is kept as a digest only.
pub struct Ticket {
    pub token: SecretString,
    pub expires_at: Timestamp,
}

/// Whom a ticket lets in, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    pub account: AccountId,
    /// The terminal closes when this sign-in does.
    pub sign_in: SignInId,
    pub environment: EnvironmentId,
}

/// Issues tickets and takes them back, in this process.
pub struct Tickets {
    clock: Clock,
    issued: Mutex<HashMap<[u8; 32], (Grant, Timestamp)>>,
}

impl Tickets {
    /// An office without tickets.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, issued: Mutex::default() }
    }

    /// Makes out a ticket. Whether it may be had is for the caller to know.
    #[must_use]
    pub fn issue(&self, grant: Grant) -> Ticket {
        let now = (self.clock)();
        let expires_at = now + LIFETIME;
        let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.retain(|_, (_, expires_at)| *expires_at > now);
        issued.insert(Sha256::digest(&token).into(), (grant, expires_at));
        Ticket { token: token.into(), expires_at }
    }

    /// Uses a ticket up. Nothing, if it was used before, is too old, or is for another environment.
    #[must_use]
    pub fn redeem(&self, token: &SecretString, environment: EnvironmentId) -> Option<Grant> {
        let digest: [u8; 32] = Sha256::digest(token.expose_secret()).into();
        let (grant, expires_at) = self.issued.lock().unwrap_or_else(PoisonError::into_inner).remove(&digest)?;
        (grant.environment == environment && (self.clock)() < expires_at).then_some(grant)
    }
}

#[cfg(test)]
mod tests;
