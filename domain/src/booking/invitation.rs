//! Invitations: whoever has no account comes by one alone.

use serde::{Deserialize, Serialize};

use crate::kernel::{Digest, RegistrationId, Timestamp};

/// Somebody is invited, by their address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// A keyed digest of the address.
    pub address: Digest,
    /// What their registration will be, if they have no account.
    pub registration: RegistrationId,
    /// For this ticket alone; none: for all.
    pub ticket: Option<String>,
    /// The least they have in line.
    pub priority: u8,
    pub until: Option<Timestamp>,
}

impl Invitation {
    /// Whether it is good for a ticket at a time.
    #[must_use]
    pub fn is_for(&self, ticket: &str, now: Timestamp) -> bool {
        self.is_good(now) && self.ticket.as_deref().is_none_or(|only| only == ticket)
    }

    /// Whether it is good for some ticket at a time.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}
