//! One sign-in on one device. Tokens live as long as it does; refreshing them is no event.

use serde::{Deserialize, Serialize};

use super::IdentityRejection as Rejection;
use crate::{
    Decider, Event,
    kernel::{AccountId, Timestamp},
};

/// One sign-in on one device.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum SignIn {
    #[default]
    Absent,
    Open {
        account: AccountId,
    },
    Closed,
}

#[derive(Debug)]
pub enum SignInCommand {
    Open { account: AccountId },
    Close,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SignInEvent {
    Opened { account: AccountId },
    Closed { account: AccountId },
}

impl Decider for SignIn {
    const STREAM: &'static str = "sign_in";
    type Command = SignInCommand;
    type Event = SignInEvent;
    type Rejection = Rejection;

    fn decide(&self, command: SignInCommand, _now: Timestamp) -> Result<Vec<SignInEvent>, Rejection> {
        use SignInCommand::{Close, Open};
        match (self, command) {
            (Self::Absent, Open { account }) => Ok(vec![SignInEvent::Opened { account }]),
            (Self::Open { account }, Close) => Ok(vec![SignInEvent::Closed { account: *account }]),
            (Self::Closed, Close) => Ok(vec![]), // Signing out twice is no mistake.
            (Self::Absent, Close) | (Self::Open { .. } | Self::Closed, Open { .. }) => Err(Rejection::NotFound),
        }
    }

    fn evolve(&mut self, event: &SignInEvent) {
        *self = match event {
            SignInEvent::Opened { account } => Self::Open { account: *account },
            SignInEvent::Closed { .. } => Self::Closed,
        }
    }
}

impl Event for SignInEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "SignedIn",
            Self::Closed { .. } => "SignedOut",
        }
    }
}

#[cfg(test)]
mod tests;
