//! All that is known of a person, put together once (GDPR, articles 15 and 20): who asked for whose, why, and whether it was fetched.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{ErasureReason, IdentityRejection as Rejection};
use crate::{
    Decider, Event,
    kernel::{AccountId, SignInId, Timestamp},
};

/// How long it may be fetched.
pub const OFFERED: TimeDelta = TimeDelta::minutes(10);

/// All that is known of a person, put together once.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub enum Export {
    #[default]
    Absent,
    Offered {
        account: AccountId,
        /// Absent where a part of the program asked for it.
        by: Option<AccountId>,
        /// By which they asked, where they were signed in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sign_in: Option<SignInId>,
        expires_at: Timestamp,
    },
    Fetched,
}

#[derive(Clone, Debug)]
pub enum ExportCommand {
    /// `reason` is needed of whoever asks for somebody else's.
    Offer {
        account: AccountId,
        by: Option<AccountId>,
        sign_in: Option<SignInId>,
        reason: Option<ErasureReason>,
    },
    Fetch,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ExportEvent {
    /// `by` is absent where a part of the program asked for it.
    Requested {
        account: AccountId,
        by: Option<AccountId>,
        /// Absent where nobody was signed in, and in what older builds wrote.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sign_in: Option<SignInId>,
        reason: Option<ErasureReason>,
        expires_at: Timestamp,
    },
    Fetched {
        account: AccountId,
    },
}

impl ExportEvent {
    /// Whose it is.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        match self {
            Self::Requested { account, .. } | Self::Fetched { account } => *account,
        }
    }
}

impl Decider for Export {
    const STREAM: &'static str = "export";
    type Command = ExportCommand;
    type Event = ExportEvent;
    type Rejection = Rejection;

    fn decide(&self, command: ExportCommand, now: Timestamp) -> Result<Vec<ExportEvent>, Rejection> {
        use ExportCommand::{Fetch, Offer};
        match (*self, command) {
            (Self::Absent, Offer { account, by: Some(by), reason: None, .. }) if by != account => Err(Rejection::ReasonRequired),
            (Self::Absent, Offer { account, by, sign_in, reason }) => {
                Ok(vec![ExportEvent::Requested { account, by, sign_in, reason, expires_at: now + OFFERED }])
            }
            (Self::Offered { account, expires_at, .. }, Fetch) if now < expires_at => Ok(vec![ExportEvent::Fetched { account }]),
            (Self::Absent | Self::Offered { .. } | Self::Fetched, _) => Err(Rejection::ExportInvalid),
        }
    }

    fn evolve(&mut self, event: &ExportEvent) {
        *self = match *event {
            ExportEvent::Requested { account, by, sign_in, expires_at, .. } => Self::Offered { account, by, sign_in, expires_at },
            ExportEvent::Fetched { .. } => Self::Fetched,
        };
    }
}

impl Event for ExportEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Requested { .. } => "AccountExportRequested",
            Self::Fetched { .. } => "AccountExportFetched",
        }
    }
}

#[cfg(test)]
mod tests;
