//! A program that does something by itself, in nobody's stead. It has no password and never signs in: it comes with a token, of which the
//! vault has a keyed digest. What it may is what it was made for, as far as whoever made it holds that by then.

use serde::{Deserialize, Serialize};

use super::{IdentityRejection as Rejection, Permissions, Scopes, TokenName, access_token::LONGEST};
use crate::{
    Decider, Event,
    kernel::{AccountId, Timestamp},
};

/// A program that does something by itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum ServiceAccount {
    #[default]
    Absent,
    Live {
        /// Who made it, and answers for it.
        creator: AccountId,
        scopes: Scopes,
        expires_at: Timestamp,
        /// The epoch of its creator in which it was made; absent where that was the first, or an older build made it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        epoch: Option<u32>,
    },
    Revoked,
}

/// `held` is what whoever asks may do themselves; absent for a part of the program, which may do all.
#[derive(Debug)]
pub enum ServiceAccountCommand {
    Create { creator: AccountId, name: TokenName, scopes: Scopes, expires_at: Timestamp, held: Option<Permissions>, epoch: u32 },
    Revoke { by: Option<AccountId>, held: Option<Permissions> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ServiceAccountEvent {
    /// The name is no person's.
    Created {
        creator: AccountId,
        name: TokenName,
        scopes: Scopes,
        expires_at: Timestamp,
        /// The epoch of its creator, but for the first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        epoch: Option<u32>,
    },
    /// `by` is absent where a part of the program asked for it.
    Revoked { by: Option<AccountId> },
}

/// Nobody has a program do what they may not do themselves.
fn within(scopes: &Scopes, held: Option<&Permissions>) -> bool {
    held.is_none_or(|held| scopes.permissions().is_subset(held))
}

impl Decider for ServiceAccount {
    const STREAM: &'static str = "service_account";
    const STATE_VERSION: u32 = 2;
    type Command = ServiceAccountCommand;
    type Event = ServiceAccountEvent;
    type Rejection = Rejection;

    fn decide(&self, command: ServiceAccountCommand, now: Timestamp) -> Result<Vec<ServiceAccountEvent>, Rejection> {
        use ServiceAccountCommand::{Create, Revoke};
        match (self, command) {
            (Self::Absent, Create { expires_at, .. }) if expires_at <= now || expires_at > now + LONGEST => Err(Rejection::ExpiryInvalid),
            (Self::Absent, Create { scopes, held, .. }) if !within(&scopes, held.as_ref()) => Err(Rejection::ScopesNotHeld),
            (Self::Absent, Create { creator, name, scopes, expires_at, epoch, .. }) => {
                let epoch = Some(epoch).filter(|epoch| *epoch > 0);
                Ok(vec![ServiceAccountEvent::Created { creator, name, scopes, expires_at, epoch }])
            }
            (Self::Live { scopes, .. }, Revoke { held, .. }) if !within(scopes, held.as_ref()) => Err(Rejection::ScopesNotHeld),
            (Self::Live { .. }, Revoke { by, .. }) => Ok(vec![ServiceAccountEvent::Revoked { by }]),
            (Self::Revoked, Revoke { .. }) => Ok(vec![]), // Doing it twice is no mistake.
            (Self::Absent, Revoke { .. }) | (Self::Live { .. } | Self::Revoked, Create { .. }) => Err(Rejection::ServiceAccountNotFound),
        }
    }

    fn evolve(&mut self, event: &ServiceAccountEvent) {
        *self = match event {
            ServiceAccountEvent::Created { creator, scopes, expires_at, epoch, .. } => {
                Self::Live { creator: *creator, scopes: scopes.clone(), expires_at: *expires_at, epoch: *epoch }
            }
            ServiceAccountEvent::Revoked { .. } => Self::Revoked,
        };
    }
}

impl Event for ServiceAccountEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "ServiceAccountCreated",
            Self::Revoked { .. } => "ServiceAccountRevoked",
        }
    }
}

#[cfg(test)]
mod tests;
