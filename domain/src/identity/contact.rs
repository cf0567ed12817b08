//! How a person is reached: whether their address is known to be theirs, in which language they are written to, and which links they
//! were sent that have not been used. Its stream has the account's id.
//!
//! A link names its request by an id that is drawn anew for each. Here stands which request is current, so each is good once, and a
//! later one makes the earlier worth nothing. The proof that a link is ours is not kept (`commands/src/identity/links.rs`).

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Email, IdentityRejection as Rejection, Language, ProviderName};
use crate::{
    Decider, Event,
    kernel::{Personal, Timestamp},
};

/// How long the link to verify an address is good, and that to confirm a new one.
pub const VERIFICATION: TimeDelta = TimeDelta::hours(24);
/// How long the link to set another password is good.
pub const RESET: TimeDelta = TimeDelta::hours(1);
/// How many addresses from before may be taken back at a time: the oldest, since whoever changed them may have changed more than one.
const REVERTIBLE: usize = 5;
/// How soon the same is mailed again.
const AGAIN: TimeDelta = TimeDelta::minutes(1);

/// How a person is reached.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Contact {
    /// What they chose, or else what they came with first.
    pub language: Option<Language>,
    /// Whether a link that was mailed to the account's address came back.
    pub verified: bool,
    verification: Option<Pending>,
    reset: Option<Pending>,
    change: Option<Change>,
    /// At which addresses that change has not been confirmed yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    awaited: Vec<Side>,
    /// Addresses from before that may be taken back, the oldest first, and by which link.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    before: Vec<Change>,
}

/// A link that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Pending {
    request: Uuid,
    asked_at: Timestamp,
    expires_at: Timestamp,
}

/// An address that is to become the account's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub email: Personal<Email>,
    pending: Pending,
}

/// Which of the two addresses of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The one that the account has until then.
    Old,
    /// The one that it is to have.
    New,
}

#[derive(Debug)]
pub enum ContactCommand {
    ChooseLanguage {
        language: Language,
    },
    RequestVerification {
        request: Uuid,
        language: Language,
    },
    Verify {
        request: Uuid,
    },
    /// A provider knows that the address is its owner's.
    Vouch {
        provider: ProviderName,
    },
    RequestReset {
        request: Uuid,
        language: Language,
    },
    UseReset {
        request: Uuid,
    },
    RequestChange {
        request: Uuid,
        email: Personal<Email>,
        language: Language,
    },
    StopChange {
        request: Uuid,
    },
    /// The password is another: whoever asked for a change of address knew the one from before.
    ForgetChange,
    /// Whoever reads the address of one side wants it. `before` is the address that the account has until then; it may be taken back
    /// until `until`.
    ConfirmChange {
        request: Uuid,
        side: Side,
        before: Personal<Email>,
        until: Timestamp,
    },
    /// `taken` is the address that the account has until then.
    RevertChange {
        request: Uuid,
        taken: Personal<Email>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ContactEvent {
    LanguageChosen {
        language: Language,
    },
    VerificationRequested {
        request: Uuid,
        expires_at: Timestamp,
        language: Language,
    },
    Verified {
        request: Uuid,
    },
    /// A provider knows that the address is its owner's.
    Vouched {
        provider: ProviderName,
    },
    ResetRequested {
        request: Uuid,
        expires_at: Timestamp,
        language: Language,
    },
    ResetUsed {
        request: Uuid,
    },
    ChangeRequested {
        request: Uuid,
        email: Personal<Email>,
        expires_at: Timestamp,
        language: Language,
        /// Whether the old address must confirm it too; never where an older build asked.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        both: bool,
    },
    /// One address has confirmed it; the other has not yet.
    ChangeHalfConfirmed {
        request: Uuid,
        side: Side,
    },
    ChangeStopped {
        request: Uuid,
    },
    /// The new address is the account's, and known to be theirs.
    ChangeConfirmed {
        request: Uuid,
        /// The address that it was; absent where an older build confirmed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Personal<Email>>,
        /// Until when that may be taken back, if it may.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revertible_until: Option<Timestamp>,
    },
    /// The address from before is the account's again; `taken` is the one that was.
    ChangeReverted {
        request: Uuid,
        taken: Personal<Email>,
    },
}

impl Contact {
    /// The language to write in, if the request is of one.
    #[must_use]
    pub fn language_or(&self, requested: Option<Language>) -> Language {
        self.language.or(requested).unwrap_or_default()
    }

    /// The address that a request is about to make the account's.
    #[must_use]
    pub fn change(&self, request: Uuid) -> Option<&Change> {
        self.change.as_ref().filter(|change| change.pending.request == request)
    }

    /// At which addresses it is still to be confirmed that a request's address becomes the account's: none where nothing of it waits.
    #[must_use]
    pub fn awaited(&self, request: Uuid) -> &[Side] {
        if self.change(request).is_some() { &self.awaited } else { &[] }
    }

    /// The address that a request took the place of, while it may be taken back.
    #[must_use]
    pub fn before(&self, request: Uuid) -> Option<&Personal<Email>> {
        self.before.iter().find(|before| before.pending.request == request).map(|before| &before.email)
    }

    /// All addresses that may be taken back, or could be.
    pub fn all_before(&self) -> impl Iterator<Item = &Personal<Email>> {
        self.before.iter().map(|before| &before.email)
    }

    /// Whether the address that the account has may be taken back once it is another: not one that was never known to be theirs, since
    /// then a slip of the pen would give the account to a stranger.
    #[must_use]
    pub fn is_revertible(&self, now: Timestamp) -> bool {
        self.verified && self.before.iter().filter(|before| now < before.pending.expires_at).count() < REVERTIBLE
    }

    /// Since when another address than the one that a request took the place of is the account's, while it may be taken back: `lasts` is
    /// how long that may be.
    #[must_use]
    pub fn changed_at(&self, request: Uuid, lasts: TimeDelta) -> Option<Timestamp> {
        self.before.iter().find(|before| before.pending.request == request).map(|before| before.pending.expires_at - lasts)
    }

    /// Until when a link that was sent for a request is good, if it is.
    #[must_use]
    pub fn good_until(&self, request: Uuid, now: Timestamp) -> Option<Timestamp> {
        let changes = self.change.iter().chain(&self.before).map(|change| change.pending);
        let good = [self.verification, self.reset].into_iter().flatten().chain(changes).find(|pending| pending.is_good(request, now));
        good.map(|pending| pending.expires_at)
    }
}

impl Pending {
    fn is_good(self, request: Uuid, now: Timestamp) -> bool {
        self.request == request && now < self.expires_at
    }
}

/// Whether so little time has gone by that it is not asked for again.
fn is_recent(pending: Option<Pending>, now: Timestamp) -> bool {
    pending.is_some_and(|pending| now < pending.asked_at + AGAIN)
}

fn good(pending: Option<Pending>, request: Uuid, now: Timestamp) -> Result<(), Rejection> {
    if pending.is_some_and(|pending| pending.is_good(request, now)) { Ok(()) } else { Err(Rejection::LinkInvalid) }
}

impl Decider for Contact {
    const STREAM: &'static str = "contact";
    const STATE_VERSION: u32 = 3;
    type Command = ContactCommand;
    type Event = ContactEvent;
    type Rejection = Rejection;

    fn decide(&self, command: ContactCommand, now: Timestamp) -> Result<Vec<ContactEvent>, Rejection> {
        use ContactCommand::{
            ChooseLanguage, ConfirmChange, ForgetChange, RequestChange, RequestReset, RequestVerification, RevertChange, StopChange,
            UseReset, Verify, Vouch,
        };
        let change = self.change.as_ref().map(|change| change.pending);
        match command {
            ChooseLanguage { language } if self.language == Some(language) => Ok(vec![]),
            ChooseLanguage { language } => Ok(vec![ContactEvent::LanguageChosen { language }]),
            RequestVerification { .. } if self.verified => Err(Rejection::EmailVerified),
            RequestVerification { .. } if is_recent(self.verification, now) => Err(Rejection::TooManyTries),
            RequestVerification { request, language } => {
                Ok(vec![ContactEvent::VerificationRequested { request, expires_at: now + VERIFICATION, language }])
            }
            Verify { request } => good(self.verification, request, now).map(|()| vec![ContactEvent::Verified { request }]),
            Vouch { .. } if self.verified => Ok(vec![]),
            Vouch { provider } => Ok(vec![ContactEvent::Vouched { provider }]),
            // Nobody is told: whoever asks is not known to be the owner.
            RequestReset { .. } if is_recent(self.reset, now) => Ok(vec![]),
            RequestReset { request, language } => Ok(vec![ContactEvent::ResetRequested { request, expires_at: now + RESET, language }]),
            // It was mailed to the account's address, so whoever comes with it reads that.
            UseReset { request } => {
                good(self.reset, request, now)?;
                let verified = (!self.verified).then_some(ContactEvent::Verified { request });
                Ok(std::iter::once(ContactEvent::ResetUsed { request }).chain(verified).collect())
            }
            RequestChange { .. } if is_recent(change, now) => Err(Rejection::TooManyTries),
            // One that nobody has shown to read confirms nothing: it may be nobody's, by a slip of the pen.
            RequestChange { request, email, language } => {
                let both = self.verified;
                Ok(vec![ContactEvent::ChangeRequested { request, email, expires_at: now + VERIFICATION, language, both }])
            }
            StopChange { request } => good(change, request, now).map(|()| vec![ContactEvent::ChangeStopped { request }]),
            ForgetChange => Ok(change.map(|change| ContactEvent::ChangeStopped { request: change.request }).into_iter().collect()),
            ConfirmChange { request, side, before, until } => {
                good(change, request, now)?;
                if !self.awaited.contains(&side) {
                    return Err(Rejection::LinkInvalid);
                }
                if self.awaited.iter().any(|awaited| *awaited != side) {
                    return Ok(vec![ContactEvent::ChangeHalfConfirmed { request, side }]);
                }
                let revertible_until = self.is_revertible(now).then_some(until);
                Ok(vec![ContactEvent::ChangeConfirmed { request, before: Some(before), revertible_until }])
            }
            RevertChange { request, taken } => {
                let before = self.before.iter().map(|before| before.pending).find(|before| before.request == request);
                good(before, request, now).map(|()| vec![ContactEvent::ChangeReverted { request, taken }])
            }
        }
    }

    fn evolve(&mut self, event: &ContactEvent) {
        match event {
            ContactEvent::LanguageChosen { language } => self.language = Some(*language),
            ContactEvent::VerificationRequested { request, expires_at, language } => {
                self.language.get_or_insert(*language);
                self.verification = Some(Pending::of(*request, *expires_at, VERIFICATION));
            }
            // Somebody has shown to read the old address, and a change that was asked for before need not be confirmed there.
            ContactEvent::Verified { .. } | ContactEvent::Vouched { .. } => {
                if !self.verified {
                    self.forget_change();
                }
                (self.verified, self.verification) = (true, None);
            }
            ContactEvent::ResetRequested { request, expires_at, .. } => self.reset = Some(Pending::of(*request, *expires_at, RESET)),
            ContactEvent::ResetUsed { .. } => self.reset = None,
            ContactEvent::ChangeRequested { request, email, expires_at, both, .. } => {
                self.change = Some(Change { email: email.clone(), pending: Pending::of(*request, *expires_at, VERIFICATION) });
                self.awaited = if *both { vec![Side::Old, Side::New] } else { vec![Side::New] };
            }
            ContactEvent::ChangeHalfConfirmed { side, .. } => self.awaited.retain(|awaited| awaited != side),
            ContactEvent::ChangeStopped { .. } => self.forget_change(),
            // What was mailed to the address of before is worth nothing.
            ContactEvent::ChangeConfirmed { request, before, revertible_until } => {
                let confirmed_at = self.change.take().map(|change| change.pending.asked_at);
                self.before.retain(|before| confirmed_at.is_none_or(|at| at < before.pending.expires_at));
                let before = before.clone().zip(*revertible_until);
                self.before.extend(before.map(|(email, until)| Change { email, pending: Pending::of(*request, until, TimeDelta::zero()) }));
                self.forget_change();
                (self.verified, self.verification, self.reset) = (true, None, None);
            }
            // What came after is worth nothing, nor is what was mailed meanwhile.
            ContactEvent::ChangeReverted { request, .. } => {
                let kept = self.before.iter().position(|before| before.pending.request == *request).unwrap_or_default();
                self.before.truncate(kept);
                self.forget_change();
                (self.verified, self.verification, self.reset) = (true, None, None);
            }
        }
    }
}

impl Contact {
    fn forget_change(&mut self) {
        self.change = None;
        self.awaited.clear();
    }
}

impl Pending {
    fn of(request: Uuid, expires_at: Timestamp, lifetime: TimeDelta) -> Self {
        Self { request, asked_at: expires_at - lifetime, expires_at }
    }
}

impl Event for ContactEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::LanguageChosen { .. } => "LanguageChosen",
            Self::VerificationRequested { .. } => "EmailVerificationRequested",
            Self::Verified { .. } => "EmailVerified",
            Self::Vouched { .. } => "EmailVouchedFor",
            Self::ResetRequested { .. } => "PasswordResetRequested",
            Self::ResetUsed { .. } => "PasswordReset",
            Self::ChangeRequested { .. } => "EmailChangeRequested",
            Self::ChangeHalfConfirmed { .. } => "EmailChangeHalfConfirmed",
            Self::ChangeStopped { .. } => "EmailChangeStopped",
            Self::ChangeConfirmed { .. } => "EmailChangeConfirmed",
            Self::ChangeReverted { .. } => "EmailChangeReverted",
        }
    }
}

#[cfg(test)]
mod tests;
