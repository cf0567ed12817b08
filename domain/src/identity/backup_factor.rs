//! Codes that are sent to somebody who does not have their second factor at hand: by text message to a telephone that they have shown to
//! be theirs, or by mail. The codes themselves are kept nowhere; here it is decided which is current, until when, and that it is used once.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{IdentityRejection as Rejection, PhoneNumber};
use crate::{
    Decider, Event,
    kernel::{AccountId, Personal, Timestamp},
};

/// How long a code is good.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// How long nobody is sent another.
const PAUSE: TimeDelta = TimeDelta::minutes(1);

/// By what a code is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Text,
    Email,
}

/// A code that was sent, by the request that it was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub request: Uuid,
    pub at: Timestamp,
}

impl Sent {
    /// Whether it is the code for this request, and in time.
    #[must_use]
    pub fn is_good(&self, request: Uuid, now: Timestamp) -> bool {
        self.request == request && now < self.at + LIFETIME
    }
}

/// Where somebody is sent codes, and which. The stream has the account's id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct BackupFactor {
    /// A telephone that is known to be theirs.
    pub phone: Option<Personal<PhoneNumber>>,
    /// One that is not yet, and the code that went there.
    pub named: Option<(Personal<PhoneNumber>, Sent)>,
    /// The code that is good for signing in.
    pub sent: Option<Sent>,
    /// When anything was sent last.
    last: Option<Timestamp>,
}

#[derive(Debug)]
pub enum BackupFactorCommand {
    /// To sign in by, or to show anew who one is.
    Send {
        account: AccountId,
        request: Uuid,
        channel: Channel,
    },
    /// The code was right.
    Use {
        account: AccountId,
        request: Uuid,
    },
    NamePhone {
        account: AccountId,
        number: Personal<PhoneNumber>,
        request: Uuid,
    },
    /// The code that went to the telephone was right.
    ConfirmPhone {
        account: AccountId,
        request: Uuid,
    },
    /// The telephone, and all that was sent.
    Forget {
        account: AccountId,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum BackupFactorEvent {
    Sent { account: AccountId, request: Uuid, channel: Channel, at: Timestamp },
    Used { account: AccountId, request: Uuid },
    PhoneNamed { account: AccountId, number: Personal<PhoneNumber>, request: Uuid, at: Timestamp },
    PhoneConfirmed { account: AccountId },
    Forgotten { account: AccountId },
}

impl BackupFactor {
    /// Messages cost money, and a lot of them are a nuisance.
    fn paused(&self, now: Timestamp) -> Result<(), Rejection> {
        if self.last.is_some_and(|last| now < last + PAUSE) { Err(Rejection::CodeSentJustNow) } else { Ok(()) }
    }
}

impl Decider for BackupFactor {
    const STREAM: &'static str = "backup_factor";
    type Command = BackupFactorCommand;
    type Event = BackupFactorEvent;
    type Rejection = Rejection;

    fn decide(&self, command: BackupFactorCommand, now: Timestamp) -> Result<Vec<BackupFactorEvent>, Rejection> {
        use BackupFactorCommand::{ConfirmPhone, Forget, NamePhone, Send, Use};
        Ok(vec![match command {
            Send { channel: Channel::Text, .. } if self.phone.is_none() => return Err(Rejection::PhoneMissing),
            Send { account, request, channel } => {
                self.paused(now)?;
                BackupFactorEvent::Sent { account, request, channel, at: now }
            }
            Use { account, request } => match self.sent {
                Some(sent) if sent.is_good(request, now) => BackupFactorEvent::Used { account, request },
                _ => return Err(Rejection::CodeWrong),
            },
            NamePhone { account, number, request } => {
                self.paused(now)?;
                BackupFactorEvent::PhoneNamed { account, number, request, at: now }
            }
            ConfirmPhone { account, request } => match &self.named {
                Some((_, sent)) if sent.is_good(request, now) => BackupFactorEvent::PhoneConfirmed { account },
                _ => return Err(Rejection::CodeWrong),
            },
            Forget { .. } if self.phone.is_none() && self.named.is_none() && self.sent.is_none() => return Ok(vec![]),
            Forget { account } => BackupFactorEvent::Forgotten { account },
        }])
    }

    fn evolve(&mut self, event: &BackupFactorEvent) {
        match event {
            BackupFactorEvent::Sent { request, at, .. } => {
                (self.sent, self.last) = (Some(Sent { request: *request, at: *at }), Some(*at));
            }
            BackupFactorEvent::Used { .. } => self.sent = None,
            BackupFactorEvent::PhoneNamed { number, request, at, .. } => {
                (self.named, self.last) = (Some((number.clone(), Sent { request: *request, at: *at })), Some(*at));
            }
            BackupFactorEvent::PhoneConfirmed { .. } => {
                if let Some((number, _)) = self.named.take() {
                    self.phone = Some(number);
                }
            }
            BackupFactorEvent::Forgotten { .. } => *self = Self { last: self.last, ..Self::default() },
        }
    }
}

impl Event for BackupFactorEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "BackupCodeSent",
            Self::Used { .. } => "BackupCodeUsed",
            Self::PhoneNamed { .. } => "BackupPhoneNamed",
            Self::PhoneConfirmed { .. } => "BackupPhoneConfirmed",
            Self::Forgotten { .. } => "BackupFactorForgotten",
        }
    }
}

#[cfg(test)]
mod tests;
