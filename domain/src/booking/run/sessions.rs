//! Sessions of the workshop that a run is of: who is let in begins one, on the day.

use std::sync::Arc;

use super::{
    super::{BookingRejection as Rejection, Plan},
    Entry, Life, RunEvent as Did, Scheduled, Stage,
    places::Play,
    registrations::wrong,
    state::{PersonKey, count},
};
use crate::kernel::{AccountId, Minutes, RegistrationId, SessionId, Timestamp};

/// A session that was begun because of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    pub registration: RegistrationId,
    pub session: SessionId,
    /// Whether who began it still has the place.
    pub stands: bool,
}

impl Play {
    pub(super) fn begin_session(&mut self, account: AccountId, session: SessionId, ahead: Minutes) -> Result<(), Rejection> {
        let registration = self.run.expect_let_in(account, ahead, self.now)?;
        if self.entry(registration)?.sessions.get(&account) != Some(&session) {
            self.push(Did::SessionBegun { registration, account, session });
        }
        Ok(())
    }
}

impl Scheduled {
    /// Whether an account may begin a session now: it is confirmed, and the run goes on or begins within `ahead`.
    ///
    /// # Errors
    /// Why not. Who is not registered is told no more than of a run that is not there.
    pub fn expect_let_in(&self, account: AccountId, ahead: Minutes, now: Timestamp) -> Result<RegistrationId, Rejection> {
        let registration = self.people.get(&PersonKey::Account(account)).copied().ok_or(Rejection::NotFound)?;
        let entry = self.registration(registration).ok_or(Rejection::NotFound)?;
        if self.life != Life::Published {
            return Err(Rejection::WrongState { state: self.life.name().to_owned() });
        }
        if !matches!(entry.stage, Stage::Confirmed | Stage::Attended) {
            return Err(wrong(entry));
        }
        let (from, until) = self.plan.sessions_begin(ahead);
        if (from..until).contains(&now) { Ok(registration) } else { Err(Rejection::SessionNotNow { from, until }) }
    }

    /// The session that an account with a registration that counts began last.
    #[must_use]
    pub fn session_of(&self, account: AccountId) -> Option<SessionId> {
        let registration = self.people.get(&PersonKey::Account(account))?;
        self.registration(*registration)?.sessions.get(&account).copied()
    }

    /// The sessions that were begun because of one registration, or of all: the last of each person.
    #[must_use]
    pub fn begun(&self, registration: Option<RegistrationId>) -> Vec<Begun> {
        let all: Vec<(RegistrationId, &Arc<Entry>)> = match registration {
            Some(registration) => self.registrations.get(&registration).map(|entry| (registration, entry)).into_iter().collect(),
            None => self.registrations.iter().map(|(registration, entry)| (*registration, entry)).collect(),
        };
        let stands = |entry: &Entry, account: AccountId| {
            let is_in = matches!(entry.stage, Stage::Confirmed | Stage::Attended | Stage::NoShow);
            is_in && self.life != Life::Cancelled && entry.person.account == Some(account)
        };
        let of = |(registration, entry): (RegistrationId, &Arc<Entry>)| {
            let begun =
                |(account, session): (&AccountId, &SessionId)| Begun { registration, session: *session, stands: stands(entry, *account) };
            entry.sessions.iter().map(begun).collect::<Vec<_>>()
        };
        all.into_iter().flat_map(of).collect()
    }

    /// How many are let in by their account and have not begun a session.
    #[must_use]
    pub fn to_begin(&self) -> u32 {
        let is_to_begin = |(_, entry): &(RegistrationId, &Entry)| {
            let is_in = matches!(entry.stage, Stage::Confirmed | Stage::Attended);
            is_in && entry.person.account.is_some_and(|account| !entry.sessions.contains_key(&account))
        };
        count(self.registrations().filter(is_to_begin).count())
    }
}

impl Plan {
    /// From when on and until when sessions begin, if they do so much ahead of the start.
    #[must_use]
    pub fn sessions_begin(&self, ahead: Minutes) -> (Timestamp, Timestamp) {
        (self.starts_at - chrono::TimeDelta::from(ahead), self.ends_at)
    }
}
