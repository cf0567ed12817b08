//! Whether a person must not be erased for now, because what they did is looked into. Its stream has the account's id.
//!
//! Erasing somebody is decided here as well, and leaves an event: so a hold that is placed at the same moment comes before it or not
//! at all.

use serde::{Deserialize, Serialize};

use super::{ErasureReason, IdentityRejection as Rejection};
use crate::{
    Decider, Event,
    kernel::{AccountId, Timestamp},
};

/// Whether a person must not be erased for now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LegalHold {
    #[default]
    Free,
    Placed,
    /// The person was erased; there is nothing left to hold.
    Closed,
}

/// `by` is absent where a part of the program asked for it. Reasons are kept for ever.
#[derive(Debug)]
pub enum LegalHoldCommand {
    Place {
        by: Option<AccountId>,
        reason: ErasureReason,
    },
    Release {
        account: AccountId,
        by: Option<AccountId>,
        reason: ErasureReason,
    },
    /// Because the person is erased.
    Close,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum LegalHoldEvent {
    Placed { by: Option<AccountId>, reason: ErasureReason },
    Released { by: Option<AccountId>, reason: ErasureReason },
    Closed,
}

impl Decider for LegalHold {
    const STREAM: &'static str = "legal_hold";
    type Command = LegalHoldCommand;
    type Event = LegalHoldEvent;
    type Rejection = Rejection;

    fn decide(&self, command: LegalHoldCommand, _now: Timestamp) -> Result<Vec<LegalHoldEvent>, Rejection> {
        use LegalHoldCommand::{Close, Place, Release};
        match (self, command) {
            (Self::Closed, _) => Err(Rejection::Erased),
            (Self::Placed, Place { .. } | Close) => Err(Rejection::OnHold),
            (Self::Free, Place { by, reason }) => Ok(vec![LegalHoldEvent::Placed { by, reason }]),
            (Self::Free, Release { .. }) => Err(Rejection::NotOnHold),
            (Self::Placed, Release { account, by, .. }) if by == Some(account) => Err(Rejection::OwnHold),
            (Self::Placed, Release { by, reason, .. }) => Ok(vec![LegalHoldEvent::Released { by, reason }]),
            (Self::Free, Close) => Ok(vec![LegalHoldEvent::Closed]),
        }
    }

    fn evolve(&mut self, event: &LegalHoldEvent) {
        *self = match event {
            LegalHoldEvent::Placed { .. } => Self::Placed,
            LegalHoldEvent::Released { .. } => Self::Free,
            LegalHoldEvent::Closed => Self::Closed,
        };
    }
}

impl Event for LegalHoldEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Placed { .. } => "LegalHoldPlaced",
            Self::Released { .. } => "LegalHoldReleased",
            Self::Closed => "LegalHoldClosed",
        }
    }
}

#[cfg(test)]
mod tests;
