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
    },
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
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RegistrantEvent {
    Invited { run: RunId, email: Personal<String> },
    Registered { run: RunId, details: Box<Details> },
    Replaced { details: Box<Details> },
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
    type Command = RegistrantCommand;
    type Event = RegistrantEvent;
    type Rejection = Rejection;

    fn decide(&self, command: RegistrantCommand, _now: Timestamp) -> Result<Vec<RegistrantEvent>, Rejection> {
        use RegistrantCommand::{Invite, Register, Replace};
        match (self, command) {
            (_, Register { details, .. } | Replace { details }) if !details.is_of_one() => Err(Rejection::SubjectsMixed),
            (Self::Absent, Invite { run, email }) => Ok(vec![RegistrantEvent::Invited { run, email }]),
            (Self::Absent, Register { run, details }) => Ok(vec![RegistrantEvent::Registered { run, details }]),
            // Whoever was invited to one run comes to that one.
            (Self::Invited { run: invited, .. }, Register { run, details }) if *invited == run => {
                Ok(vec![RegistrantEvent::Registered { run, details }])
            }
            (Self::Known { .. }, Replace { details }) => Ok(vec![RegistrantEvent::Replaced { details }]),
            (Self::Absent | Self::Invited { .. }, Register { .. } | Replace { .. }) => Err(Rejection::RegistrationNotFound),
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
                let Details { email, companions, .. } = details.as_ref();
                *self = Self::Known { run: *run, subject: email.subject(), email: email.clone(), companions: companions.clone() };
            }
            RegistrantEvent::Replaced { details } => {
                if let Self::Known { subject, email, companions, .. } = self {
                    (*subject, *email) = (details.email.subject(), details.email.clone());
                    companions.clone_from(&details.companions);
                }
            }
        }
    }
}

impl Registrant {
    /// The run, whose it is, and where they are written to.
    #[must_use]
    pub const fn reached(&self) -> Option<(RunId, AccountId, &Personal<String>)> {
        match self {
            Self::Absent => None,
            Self::Invited { run, subject, email } | Self::Known { run, subject, email, .. } => Some((*run, *subject, email)),
        }
    }

    /// Where those who come along are written to.
    #[must_use]
    pub const fn companions(&self) -> Option<&Personal<Vec<String>>> {
        match self {
            Self::Known { companions, .. } => companions.as_ref(),
            Self::Absent | Self::Invited { .. } => None,
        }
    }
}

impl RegistrantEvent {
    /// Whose it is from now on.
    #[must_use]
    pub const fn subject(&self) -> AccountId {
        self.email().subject()
    }

    /// Where they are written to from now on.
    #[must_use]
    pub const fn email(&self) -> &Personal<String> {
        match self {
            Self::Invited { email, .. } => email,
            Self::Registered { details, .. } | Self::Replaced { details } => &details.email,
        }
    }

    /// Where those who come along are written to from now on.
    #[must_use]
    pub const fn companions(&self) -> Option<&Personal<Vec<String>>> {
        match self {
            Self::Invited { .. } => None,
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
        }
    }
}

#[cfg(test)]
mod tests;
