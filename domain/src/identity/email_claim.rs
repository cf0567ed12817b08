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
    /// It was this account's, which may take it back until then; nobody else has it meanwhile, and nobody signs in with it.
    Kept {
        account: AccountId,
        until: Timestamp,
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
    /// Gives the address up, but for taking it back until then.
    Keep {
        account: AccountId,
        until: Timestamp,
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
    Kept { account: AccountId, until: Timestamp },
    ResetAsked { language: Option<Language> },
}

impl EmailClaim {
    /// Whether an account may not claim it, since it is somebody's or may yet be again.
    #[must_use]
    pub fn is_taken_for(&self, account: AccountId, now: Timestamp) -> bool {
        match self {
            Self::Free => false,
            Self::Held { .. } => true,
            Self::Kept { account: of, until } => *of != account && now < *until,
        }
    }
}

impl Decider for EmailClaim {
    const STREAM: &'static str = "email_claim";
    const STATE_VERSION: u32 = 2;
    type Command = EmailClaimCommand;
    type Event = EmailClaimEvent;
    type Rejection = Rejection;

    fn decide(&self, command: EmailClaimCommand, now: Timestamp) -> Result<Vec<EmailClaimEvent>, Rejection> {
        use EmailClaimCommand::{AskReset, Claim, Keep, Release};
        match (self, command) {
            (claim, Claim { account }) if claim.is_taken_for(account, now) => Err(Rejection::EmailTaken),
            (_, Claim { account }) => Ok(vec![EmailClaimEvent::Claimed { account }]),
            (Self::Held { account: holder } | Self::Kept { account: holder, .. }, Release { account }) if *holder == account => {
                Ok(vec![EmailClaimEvent::Released { account }])
            }
            (Self::Held { account: holder }, Keep { account, until }) if *holder == account => {
                Ok(vec![EmailClaimEvent::Kept { account, until }])
            }
            (_, Release { .. } | Keep { .. }) => Ok(vec![]),
            (_, AskReset { language }) => Ok(vec![EmailClaimEvent::ResetAsked { language }]),
        }
    }

    fn evolve(&mut self, event: &EmailClaimEvent) {
        match event {
            EmailClaimEvent::Claimed { account } => *self = Self::Held { account: *account },
            EmailClaimEvent::Kept { account, until } => *self = Self::Kept { account: *account, until: *until },
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
            Self::Kept { .. } => "EmailKept",
            Self::ResetAsked { .. } => "PasswordResetAsked",
        }
    }
}

#[cfg(test)]
mod tests;
