//! The right to an e-mail address. Its stream's id is a keyed digest of the address, so that two registrations of
//! one address meet in one stream and the second fails.

use serde::{Deserialize, Serialize};

use super::IdentityRejection as Rejection;
use crate::{
    Decider, Event,
    kernel::{AccountId, Timestamp},
};

/// Who holds an address.
#[derive(Debug, Default, Serialize, Deserialize)]
pub enum EmailClaim {
    #[default]
    Free,
    Held {
        account: AccountId,
    },
}

#[derive(Debug)]
pub enum EmailClaimCommand {
    Claim { account: AccountId },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EmailClaimEvent {
    Claimed { account: AccountId },
}

impl Decider for EmailClaim {
    const STREAM: &'static str = "email_claim";
    type Command = EmailClaimCommand;
    type Event = EmailClaimEvent;
    type Rejection = Rejection;

    fn decide(&self, command: EmailClaimCommand, _now: Timestamp) -> Result<Vec<EmailClaimEvent>, Rejection> {
        let EmailClaimCommand::Claim { account } = command;
        match self {
            Self::Free => Ok(vec![EmailClaimEvent::Claimed { account }]),
            Self::Held { .. } => Err(Rejection::EmailTaken),
        }
    }

    fn evolve(&mut self, event: &EmailClaimEvent) {
        let EmailClaimEvent::Claimed { account } = event;
        *self = Self::Held { account: *account };
    }
}

impl Event for EmailClaimEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Claimed { .. } => "EmailClaimed",
        }
    }
}

#[cfg(test)]
mod tests;
