//! The right to a person at a provider. Its stream's id is a keyed digest of the issuer and its name for the person, so that two accounts
//! that would be signed in to by one person meet in one stream and the second fails.

use serde::{Deserialize, Serialize};

use super::IdentityRejection as Rejection;
use crate::{
    Decider, Event,
    kernel::{AccountId, Timestamp},
};

/// Which account a person at a provider signs in to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum ProviderClaim {
    #[default]
    Free,
    Held {
        account: AccountId,
    },
}

#[derive(Debug)]
pub enum ProviderClaimCommand {
    Claim {
        account: AccountId,
    },
    /// Gives it up. That of somebody else is left alone.
    Release {
        account: AccountId,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ProviderClaimEvent {
    Claimed { account: AccountId },
    Released { account: AccountId },
}

impl Decider for ProviderClaim {
    const STREAM: &'static str = "provider_claim";
    type Command = ProviderClaimCommand;
    type Event = ProviderClaimEvent;
    type Rejection = Rejection;

    fn decide(&self, command: ProviderClaimCommand, _now: Timestamp) -> Result<Vec<ProviderClaimEvent>, Rejection> {
        use ProviderClaimCommand::{Claim, Release};
        match (self, command) {
            (Self::Free, Claim { account }) => Ok(vec![ProviderClaimEvent::Claimed { account }]),
            (Self::Held { account: holder }, Claim { account }) if *holder == account => Ok(vec![]),
            (Self::Held { .. }, Claim { .. }) => Err(Rejection::IdentityTaken),
            (Self::Held { account: holder }, Release { account }) if *holder == account => {
                Ok(vec![ProviderClaimEvent::Released { account }])
            }
            (Self::Free | Self::Held { .. }, Release { .. }) => Ok(vec![]),
        }
    }

    fn evolve(&mut self, event: &ProviderClaimEvent) {
        match event {
            ProviderClaimEvent::Claimed { account } => *self = Self::Held { account: *account },
            ProviderClaimEvent::Released { .. } => *self = Self::Free,
        }
    }
}

impl Event for ProviderClaimEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Claimed { .. } => "ProviderIdentityClaimed",
            Self::Released { .. } => "ProviderIdentityReleased",
        }
    }
}

#[cfg(test)]
mod tests;
