//! A token that a program comes with in a person's stead. The journal has what it may and for how long; of the token itself the vault
//! has a keyed digest.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{IdentityRejection as Rejection, Scopes, TokenName};
use crate::{
    Decider, Event,
    kernel::{AccountId, Personal, Timestamp},
};

/// How long a token is good at the most.
pub(super) const LONGEST: TimeDelta = TimeDelta::days(365);

/// A token that a program comes with in a person's stead.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum AccessToken {
    #[default]
    Absent,
    Live {
        account: AccountId,
        scopes: Scopes,
        expires_at: Timestamp,
        /// The epoch of the account in which it was made; absent where that was the first, or an older build made it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        epoch: Option<u32>,
    },
    Revoked {
        account: AccountId,
    },
}

#[derive(Debug)]
pub enum AccessTokenCommand {
    Create { account: AccountId, name: Personal<TokenName>, scopes: Scopes, expires_at: Timestamp, epoch: u32 },
    Revoke { by: AccountId },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AccessTokenEvent {
    Created {
        account: AccountId,
        name: Personal<TokenName>,
        scopes: Scopes,
        expires_at: Timestamp,
        /// The epoch of the account, but for the first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        epoch: Option<u32>,
    },
    Revoked {
        account: AccountId,
    },
}

impl Decider for AccessToken {
    const STREAM: &'static str = "access_token";
    const STATE_VERSION: u32 = 2;
    type Command = AccessTokenCommand;
    type Event = AccessTokenEvent;
    type Rejection = Rejection;

    fn decide(&self, command: AccessTokenCommand, now: Timestamp) -> Result<Vec<AccessTokenEvent>, Rejection> {
        use AccessTokenCommand::{Create, Revoke};
        match (self, command) {
            (Self::Absent, Create { expires_at, .. }) if expires_at <= now || expires_at > now + LONGEST => Err(Rejection::ExpiryInvalid),
            (Self::Absent, Create { account, name, scopes, expires_at, epoch }) => {
                Ok(vec![AccessTokenEvent::Created { account, name, scopes, expires_at, epoch: Some(epoch).filter(|epoch| *epoch > 0) }])
            }
            // What is another's is not there.
            (Self::Live { account, .. } | Self::Revoked { account }, Revoke { by }) if by != *account => Err(Rejection::TokenNotFound),
            (Self::Live { account, .. }, Revoke { .. }) => Ok(vec![AccessTokenEvent::Revoked { account: *account }]),
            (Self::Revoked { .. }, Revoke { .. }) => Ok(vec![]), // Doing it twice is no mistake.
            (Self::Absent, Revoke { .. }) | (Self::Live { .. } | Self::Revoked { .. }, Create { .. }) => Err(Rejection::TokenNotFound),
        }
    }

    fn evolve(&mut self, event: &AccessTokenEvent) {
        *self = match event {
            AccessTokenEvent::Created { account, scopes, expires_at, epoch, .. } => {
                Self::Live { account: *account, scopes: scopes.clone(), expires_at: *expires_at, epoch: *epoch }
            }
            AccessTokenEvent::Revoked { account } => Self::Revoked { account: *account },
        };
    }
}

impl Event for AccessTokenEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "AccessTokenCreated",
            Self::Revoked { .. } => "AccessTokenRevoked",
        }
    }
}

#[cfg(test)]
mod tests;
