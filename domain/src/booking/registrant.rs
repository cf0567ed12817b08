//! Who is behind a registration: names, address and answers, sealed under the person's key. Its stream has the registration's id. The
//! run's stream knows people by digests alone, and is as good when they are forgotten.

use serde::{Deserialize, Serialize};

use super::{Answers, BookingRejection as Rejection};
use crate::{
    Decider, Event,
    kernel::{AccountId, Personal, RunId, Timestamp},
};

/// Who is behind a registration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Registrant {
    #[default]
    Absent,
    /// `subject` is under whose key they are sealed: their account, or one that a guest has for this alone.
    Invited { run: RunId, subject: AccountId, email: Personal<String> },
    Known {
        run: RunId,
        subject: AccountId,
        email: Personal<String>,
        /// As of what is known of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        companions: Option<Personal<Vec<String>>>,
        /// They have no account.
        is_guest: bool,
        /// Where guests were written to who had it before, and are not forgotten.
        before: Vec<Personal<String>>,
    },
    /// The guest whose it was is forgotten: nobody has it any more.
    Forgotten { run: RunId, subject: AccountId, before: Vec<Personal<String>> },
}

/// What is known of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// None: a guest.
    pub account: Option<AccountId>,
    pub name: Personal<String>,
    pub email: Personal<String>,
    /// Names of all who come; as many as seats.
    pub attendees: Personal<Vec<String>>,
    /// Where those who come along are written to, as far as an address is given; absent: nowhere, or an older build wrote this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub companions: Option<Personal<Vec<String>>>,
    pub answers: Personal<Answers>,
}

#[derive(Debug)]
pub enum RegistrantCommand {
    Invite {
        run: RunId,
        email: Personal<String>,
    },
    Register {
        run: RunId,
        details: Box<Details>,
    },
    /// Somebody else comes instead.
    Replace {
        details: Box<Details>,
    },
    /// What is sealed under the key of a guest, who has it or had it before, is to be read no more.
    Forget {
        subject: AccountId,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RegistrantEvent {
    Invited {
        run: RunId,
        email: Personal<String>,
    },
    Registered {
        run: RunId,
        details: Box<Details>,
    },
    Replaced {
        details: Box<Details>,
    },
    /// The key of a guest is destroyed, and with it what was known of them.
    Forgotten {
        subject: AccountId,
    },
}

impl Details {
    /// All of it is one person's.
    fn is_of_one(&self) -> bool {
        let subject = self.email.subject();
        let is_theirs = |other: AccountId| other == subject;
        [self.name.subject(), self.attendees.subject(), self.answers.subject()].into_iter().all(is_theirs)
            && self.companions.as_ref().is_none_or(|companions| is_theirs(companions.subject()))
            && self.account.is_none_or(is_theirs)
    }
}

impl Decider for Registrant {
    const STREAM: &'static str = "registrant";
    const STATE_VERSION: u32 = 2;
    type Command = RegistrantCommand;
    type Event = RegistrantEvent;
    type Rejection = Rejection;

    fn decide(&self, command: RegistrantCommand, _now: Timestamp) -> Result<Vec<RegistrantEvent>, Rejection> {
        use RegistrantCommand::{Forget, Invite, Register, Replace};
        match (self, command) {
            (_, Register { details, .. } | Replace { details }) if !details.is_of_one() => Err(Rejection::SubjectsMixed),
            (_, Forget { subject }) if self.guest(subject).is_some() => Ok(vec![RegistrantEvent::Forgotten { subject }]),
            (Self::Forgotten { .. }, _) => Err(Rejection::Erased),
            (Self::Absent, Invite { run, email }) => Ok(vec![RegistrantEvent::Invited { run, email }]),
            (Self::Absent, Register { run, details }) => Ok(vec![RegistrantEvent::Registered { run, details }]),
            // Whoever was invited to one run comes to that one.
            (Self::Invited { run: invited, .. }, Register { run, details }) if *invited == run => {
                Ok(vec![RegistrantEvent::Registered { run, details }])
            }
            (Self::Known { .. }, Replace { details }) => Ok(vec![RegistrantEvent::Replaced { details }]),
            (_, Forget { .. }) | (Self::Absent | Self::Invited { .. }, Register { .. } | Replace { .. }) => {
                Err(Rejection::RegistrationNotFound)
            }
            (Self::Invited { .. } | Self::Known { .. }, Invite { .. }) | (Self::Known { .. }, Register { .. }) => {
                Err(Rejection::RegistrationTaken)
            }
        }
    }

    fn evolve(&mut self, event: &RegistrantEvent) {
        match event {
            RegistrantEvent::Invited { run, email } => {
                *self = Self::Invited { run: *run, subject: email.subject(), email: email.clone() };
            }
            RegistrantEvent::Registered { run, details } => {
                let Details { email, companions, account, .. } = details.as_ref();
                let (subject, is_guest) = (email.subject(), account.is_none());
                let (email, companions) = (email.clone(), companions.clone());
                *self = Self::Known { run: *run, subject, email, companions, is_guest, before: vec![] };
            }
            RegistrantEvent::Replaced { details } => {
                if let Self::Known { subject, email, companions, is_guest, before, .. } = self {
                    let earlier = std::mem::replace(email, details.email.clone());
                    before.extend(is_guest.then_some(earlier));
                    (*subject, *is_guest) = (details.email.subject(), details.account.is_none());
                    companions.clone_from(&details.companions);
                }
            }
            RegistrantEvent::Forgotten { subject } => self.forget(*subject),
        }
    }
}

impl Registrant {
    fn forget(&mut self, forgotten: AccountId) {
        match self {
            Self::Invited { run, subject, .. } if *subject == forgotten => {
                *self = Self::Forgotten { run: *run, subject: forgotten, before: vec![] };
            }
            Self::Known { run, subject, before, .. } if *subject == forgotten => {
                *self = Self::Forgotten { run: *run, subject: forgotten, before: std::mem::take(before) };
            }
            Self::Absent | Self::Invited { .. } => {}
            Self::Known { before, .. } | Self::Forgotten { before, .. } => before.retain(|email| email.subject() != forgotten),
        }
    }

    /// The run that it is for.
    #[must_use]
    pub const fn run(&self) -> Option<RunId> {
        match self {
            Self::Absent => None,
            Self::Invited { run, .. } | Self::Known { run, .. } | Self::Forgotten { run, .. } => Some(*run),
        }
    }

    /// Where those are written to who have it or had it before, have no account, and are not forgotten. Of who is but invited it is not
    /// known here whether they have an account.
    pub fn guests(&self) -> impl Iterator<Item = &Personal<String>> {
        let (now, before): (_, &[_]) = match self {
            Self::Absent => (None, &[]),
            Self::Invited { email, .. } => (Some(email), &[]),
            Self::Known { email, is_guest, before, .. } => (is_guest.then_some(email), before),
            Self::Forgotten { before, .. } => (None, before),
        };
        now.into_iter().chain(before)
    }

    /// Where a guest is written to, as one of [`Self::guests`].
    #[must_use]
    pub fn guest(&self, subject: AccountId) -> Option<&Personal<String>> {
        self.guests().find(|email| email.subject() == subject)
    }

    /// Whether it was theirs, and they are forgotten.
    #[must_use]
    pub fn has_forgotten(&self, guest: AccountId) -> bool {
        matches!(self, Self::Forgotten { subject, .. } if *subject == guest)
    }

    /// The run, and whose it is, or was until they were forgotten.
    #[must_use]
    pub const fn whose(&self) -> Option<(RunId, AccountId)> {
        match self {
            Self::Absent => None,
            Self::Invited { run, subject, .. } | Self::Known { run, subject, .. } | Self::Forgotten { run, subject, .. } => {
                Some((*run, *subject))
            }
        }
    }

    /// The run, whose it is, and where they are written to.
    #[must_use]
    pub const fn reached(&self) -> Option<(RunId, AccountId, &Personal<String>)> {
        match self {
            Self::Absent | Self::Forgotten { .. } => None,
            Self::Invited { run, subject, email } | Self::Known { run, subject, email, .. } => Some((*run, *subject, email)),
        }
    }

    /// Where those who come along are written to.
    #[must_use]
    pub const fn companions(&self) -> Option<&Personal<Vec<String>>> {
        match self {
            Self::Known { companions, .. } => companions.as_ref(),
            Self::Absent | Self::Invited { .. } | Self::Forgotten { .. } => None,
        }
    }
}

impl RegistrantEvent {
    /// Whose it is from now on, or who is forgotten.
    #[must_use]
    pub const fn subject(&self) -> AccountId {
        match self {
            Self::Invited { email, .. } => email.subject(),
            Self::Registered { details, .. } | Self::Replaced { details } => details.email.subject(),
            Self::Forgotten { subject } => *subject,
        }
    }

    /// Where they are written to from now on; none, if somebody is forgotten.
    #[must_use]
    pub const fn email(&self) -> Option<&Personal<String>> {
        match self {
            Self::Invited { email, .. } => Some(email),
            Self::Registered { details, .. } | Self::Replaced { details } => Some(&details.email),
            Self::Forgotten { .. } => None,
        }
    }

    /// Where those who come along are written to from now on.
    #[must_use]
    pub const fn companions(&self) -> Option<&Personal<Vec<String>>> {
        match self {
            Self::Invited { .. } | Self::Forgotten { .. } => None,
            Self::Registered { details, .. } | Self::Replaced { details } => details.companions.as_ref(),
        }
    }
}

impl Event for RegistrantEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Invited { .. } => "RegistrantInvited",
            Self::Registered { .. } => "RegistrantRegistered",
            Self::Replaced { .. } => "RegistrantReplaced",
            Self::Forgotten { .. } => "RegistrantForgotten",
        }
    }
}

#[cfg(test)]
mod tests;
