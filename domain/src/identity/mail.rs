//! A mail to a person, from when it is queued until it is sent or given up. The text is made of this when it is sent, so that no link
//! is kept anywhere; the address is sealed under the person's key.

mod occasion;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Email, IdentityRejection as Rejection, Language};
use crate::{
    Decider, Event,
    kernel::{ClusterId, Personal, Timestamp},
};

pub use occasion::{Booked, Missed, Occasion};

/// How often a mail is tried, over about a day and a half, before it waits for an operator.
const TRIES: u32 = 14;
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(4);

/// To whom, and what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    pub to: Personal<Email>,
    pub occasion: Occasion,
    pub language: Language,
    /// Which request the link in it is for; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Uuid>,
    /// Which registration it is about; absent where it is about an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booked: Option<Box<Booked>>,
    /// When what it is about happened, or was asked for.
    pub at: Timestamp,
    /// Which cluster it is about; absent where it is about none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterId>,
}

impl Letter {
    /// With no link, and about an account alone.
    #[must_use]
    pub const fn of(to: Personal<Email>, occasion: Occasion, language: Language, at: Timestamp) -> Self {
        Self { to, occasion, language, request: None, booked: None, at, cluster: None }
    }
}

/// How far a mail is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum Mail {
    #[default]
    Absent,
    Waiting {
        letter: Letter,
        /// How often it was tried.
        attempts: u32,
        /// When it is tried next; absent: at once.
        until: Option<Timestamp>,
    },
    /// Waits for an operator.
    Parked { letter: Letter },
    /// It was sent, or is of no use any more.
    Done,
}

/// What a mail server answered (RFC 5321, section 4.2.1), or why there was no answer. Its words are not kept: they name the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// A reply of three digits.
    Reply(u16),
    /// It could not be reached, or the connection broke.
    Connection,
    /// The encrypted connection did not come about.
    Tls,
    /// The address is none that can be written to from here.
    Address,
    /// Somewhere on this side.
    Local,
}

/// Why a mail is not sent at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needless {
    /// The person was erased.
    Erased,
    /// The link in it has been used, has expired or was replaced.
    Outdated,
}

#[derive(Clone, Debug)]
pub enum MailCommand {
    Queue(Letter),
    /// The receiving server has taken it.
    Sent,
    /// It was not taken; if that is permanent, it will not be.
    Fail {
        failure: Failure,
        permanent: bool,
    },
    Drop(Needless),
    /// By an operator.
    Requeue,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum MailEvent {
    Queued(Letter),
    Sent { attempts: u32 },
    Deferred { failure: Failure, attempts: u32, until: Timestamp },
    Parked { failure: Failure, attempts: u32 },
    Requeued {},
    Dropped { because: Needless },
}

impl Decider for Mail {
    const STREAM: &'static str = "mail";
    const STATE_VERSION: u32 = 2;
    type Command = MailCommand;
    type Event = MailEvent;
    type Rejection = Rejection;

    fn decide(&self, command: MailCommand, now: Timestamp) -> Result<Vec<MailEvent>, Rejection> {
        use MailCommand::{Drop, Fail, Queue, Requeue, Sent};
        match (self, command) {
            (Self::Absent, Queue(letter)) => Ok(vec![MailEvent::Queued(letter)]),
            (Self::Absent, _) => Err(Rejection::MailNotFound),
            (Self::Waiting { attempts, .. }, Sent) => Ok(vec![MailEvent::Sent { attempts: attempts + 1 }]),
            (Self::Waiting { attempts, .. }, Fail { failure, permanent }) => {
                let attempts = attempts + 1;
                Ok(vec![if permanent || attempts >= TRIES {
                    MailEvent::Parked { failure, attempts }
                } else {
                    MailEvent::Deferred { failure, attempts, until: now + wait(attempts) }
                }])
            }
            (Self::Waiting { .. } | Self::Parked { .. }, Drop(because)) => Ok(vec![MailEvent::Dropped { because }]),
            (Self::Parked { .. }, Requeue) => Ok(vec![MailEvent::Requeued {}]),
            (Self::Waiting { .. } | Self::Done, Requeue) => Err(Rejection::MailNotParked),
            // Whoever else was at it has been first.
            (Self::Waiting { .. } | Self::Parked { .. } | Self::Done, _) => Ok(vec![]),
        }
    }

    fn evolve(&mut self, event: &MailEvent) {
        match (&mut *self, event) {
            (_, MailEvent::Queued(letter)) => *self = Self::Waiting { letter: letter.clone(), attempts: 0, until: None },
            (Self::Waiting { attempts, until, .. }, MailEvent::Deferred { attempts: now, until: next, .. }) => {
                (*attempts, *until) = (*now, Some(*next));
            }
            (Self::Waiting { letter, .. }, MailEvent::Parked { .. }) => *self = Self::Parked { letter: letter.clone() },
            (Self::Parked { letter }, MailEvent::Requeued {}) => *self = Self::Waiting { letter: letter.clone(), attempts: 0, until: None },
            (_, MailEvent::Sent { .. } | MailEvent::Dropped { .. }) => *self = Self::Done,
            (_, MailEvent::Deferred { .. } | MailEvent::Parked { .. } | MailEvent::Requeued {}) => {}
        }
    }
}

/// How long nothing is tried after so many tries: twice as long after each, up to four hours.
fn wait(attempts: u32) -> TimeDelta {
    (FIRST_WAIT * (1 << attempts.saturating_sub(1).min(10))).min(LONGEST_WAIT)
}

impl Event for MailEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Queued(_) => "MailQueued",
            Self::Sent { .. } => "MailSent",
            Self::Deferred { .. } => "MailDeferred",
            Self::Parked { .. } => "MailParked",
            Self::Requeued {} => "MailRequeued",
            Self::Dropped { .. } => "MailDropped",
        }
    }
}

#[cfg(test)]
mod tests;
