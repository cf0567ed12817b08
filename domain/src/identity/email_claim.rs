//! The right to an e-mail address. Its stream's id is a keyed digest of the address, so that two registrations of
//! one address meet in one stream and the second fails.

use serde::{Deserialize, Serialize};

use super::{IdentityRejection as Rejection, Language};
use crate::{
    Decider, Event,
    kernel::{AccountId, Timestamp},
};

/// Who holds an address.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum EmailClaim {
    #[default]
    Free,
    Held {
        account: AccountId,
    },
}

#[derive(Debug)]
pub enum EmailClaimCommand {
    Claim {
        account: AccountId,
    },
    /// Gives the address up. That of somebody else is left alone.
    Release {
        account: AccountId,
    },
    /// Somebody has forgotten the password of whoever holds it. Whether anybody does is not looked at here, so that the answer tells
    /// nothing.
    AskReset {
        language: Option<Language>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EmailClaimEvent {
    Claimed { account: AccountId },
    Released { account: AccountId },
    ResetAsked { language: Option<Language> },
}

impl Decider for EmailClaim {
    const STREAM: &'static str = "email_claim";
    type Command = EmailClaimCommand;
    type Event = EmailClaimEvent;
    type Rejection = Rejection;

    fn decide(&self, command: EmailClaimCommand, _now: Timestamp) -> Result<Vec<EmailClaimEvent>, Rejection> {
        use EmailClaimCommand::{AskReset, Claim, Release};
        match (self, command) {
            (Self::Free, Claim { account }) => Ok(vec![EmailClaimEvent::Claimed { account }]),
            (Self::Held { .. }, Claim { .. }) => Err(Rejection::EmailTaken),
            (Self::Held { account: holder }, Release { account }) if *holder == account => Ok(vec![EmailClaimEvent::Released { account }]),
            (Self::Free | Self::Held { .. }, Release { .. }) => Ok(vec![]),
            (Self::Free | Self::Held { .. }, AskReset { language }) => Ok(vec![EmailClaimEvent::ResetAsked { language }]),
        }
    }

    fn evolve(&mut self, event: &EmailClaimEvent) {
        match event {
            EmailClaimEvent::Claimed { account } => *self = Self::Held { account: *account },
            EmailClaimEvent::Released { .. } => *self = Self::Free,
            EmailClaimEvent::ResetAsked { .. } => {}
        }
    }
}

impl Event for EmailClaimEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Claimed { .. } => "EmailClaimed",
            Self::Released { .. } => "EmailReleased",
            Self::ResetAsked { .. } => "PasswordResetAsked",
        }
    }
}

#[cfg(test)]
mod tests;
