//! Sessions of the workshop that a run is of: who is let in begins one, on the day.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{
    super::{BookingRejection as Rejection, Plan},
    Entry, Life, RunEvent as Did, Scheduled, Stage,
    places::Play,
    registrations::wrong,
    state::{Held, PersonKey, count},
};
use crate::kernel::{AccountId, Digest, Minutes, RegistrationId, SessionId, Timestamp};

/// So long sessions wait for a start that was moved. None begin further ahead of it, as runs are configured.
const PUT_OFF: TimeDelta = TimeDelta::days(1);

/// A session that was begun because of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    pub registration: RegistrationId,
    pub session: SessionId,
    /// Whether who began it still has the place.
    pub stands: bool,
}

impl Play {
    pub(super) fn begin_session(
        &mut self,
        account: AccountId,
        address: Option<&Digest>,
        session: SessionId,
        ahead: Minutes,
    ) -> Result<(), Rejection> {
        let registration = self.run.expect_let_in(account, address, ahead, self.now)?;
        if self.entry(registration)?.sessions.get(&account) != Some(&Held { session, stands: true }) {
            self.push(Did::SessionBegun { registration, account, session });
        }
        Ok(())
    }
}

impl Entry {
    /// Whether somebody has the right to be there.
    #[must_use]
    pub const fn lets_in(&self) -> bool {
        matches!(self.stage, Stage::Confirmed | Stage::Attended)
    }

    /// How many seats there are for an account. One is kept for the account that registered until it begins, by however many accounts
    /// somebody comes along, unless others are named for all of them.
    fn seats_for(&self, account: AccountId) -> u32 {
        let is_to_begin = |own: AccountId| own != account && self.sessions.get(&own).is_none_or(|held| !held.stands);
        let is_kept = self.members.len() < usize::from(self.seats) && self.person.account.is_some_and(is_to_begin);
        u32::from(self.seats).saturating_sub(u32::from(is_kept))
    }

    /// How many are at work by it, but for an account.
    fn at_work(&self, except: Option<AccountId>) -> u32 {
        count(self.sessions.iter().filter(|(account, held)| held.stands && Some(**account) != except).count())
    }
}

impl Scheduled {
    /// Whether an account may begin a session now: it is confirmed, and the run goes on or begins within `ahead`. `address` is that of
    /// the account, if it was verified.
    ///
    /// # Errors
    /// Why not. Who is not registered is told no more than of a run that is not there.
    pub fn expect_let_in(
        &self,
        account: AccountId,
        address: Option<&Digest>,
        ahead: Minutes,
        now: Timestamp,
    ) -> Result<RegistrationId, Rejection> {
        let registration = self.comes_by(account, address).ok_or(Rejection::NotFound)?;
        let entry = self.registration(registration).ok_or(Rejection::NotFound)?;
        if self.life != Life::Published {
            return Err(Rejection::WrongState { state: self.life.name().to_owned() });
        }
        if !entry.lets_in() {
            return Err(wrong(entry));
        }
        let (from, until) = self.plan.sessions_begin(ahead);
        if !(from..until).contains(&now) {
            return Err(Rejection::SessionNotNow { from, until });
        }
        let seats = entry.seats;
        if entry.at_work(Some(account)) < entry.seats_for(account) { Ok(registration) } else { Err(Rejection::SessionsTaken { seats }) }
    }

    /// The registration that counts by which an account comes: its own, or a guest's of the same address; or one by which it comes
    /// along, if that lets it in and its own does not.
    fn comes_by(&self, account: AccountId, address: Option<&Digest>) -> Option<RegistrationId> {
        let own = self.registration_of(account).or_else(|| {
            let by_address = self.people.get(&PersonKey::Address(address?.as_str().to_owned())).copied()?;
            // Another account's may have been of this address before.
            self.registration(by_address).filter(|entry| entry.person.account.is_none()).map(|_| by_address)
        });
        if own.and_then(|own| self.registration(own)).is_some_and(Entry::lets_in) {
            return own;
        }
        let along = address.and_then(|address| self.comes_along_by(address));
        let lets_in = along.filter(|(_, entry)| entry.lets_in());
        lets_in.map(|(registration, _)| registration).or(own).or(along.map(|(registration, _)| registration))
    }

    /// The registration that counts by which whoever has an address comes along; one that lets them in, if there is one.
    fn comes_along_by(&self, address: &Digest) -> Option<(RegistrationId, &Entry)> {
        let all = self.registrations().filter(|(_, entry)| entry.stage.is_live() && entry.members.contains(address));
        all.max_by_key(|(_, entry)| entry.lets_in())
    }

    /// The session that an account with a registration that counts began last.
    #[must_use]
    pub fn session_of(&self, account: AccountId, address: Option<&Digest>) -> Option<SessionId> {
        let held = self.registration(self.comes_by(account, address)?)?.sessions.get(&account)?;
        held.stands.then_some(held.session)
    }

    /// The sessions that were begun because of one registration, or of all: the last of each person.
    #[must_use]
    pub fn begun(&self, registration: Option<RegistrationId>) -> Vec<Begun> {
        let all: Vec<(RegistrationId, &Arc<Entry>)> = match registration {
            Some(registration) => self.registrations.get(&registration).map(|entry| (registration, entry)).into_iter().collect(),
            None => self.registrations.iter().map(|(registration, entry)| (*registration, entry)).collect(),
        };
        let of = |(registration, entry): (RegistrationId, &Arc<Entry>)| {
            let is_in = self.life != Life::Cancelled && (entry.lets_in() || entry.stage == Stage::NoShow);
            let begun = |held: &Held| Begun { registration, session: held.session, stands: is_in && held.stands };
            entry.sessions.values().map(begun).collect::<Vec<_>>()
        };
        all.into_iter().flat_map(of).collect()
    }

    /// How many are let in, by their account or as those who come along, and have not begun a session. Of guests nobody knows whether
    /// they will.
    #[must_use]
    pub fn to_begin(&self) -> u32 {
        let yet = |(_, entry): (RegistrationId, &Entry)| {
            let all = usize::from(entry.person.account.is_some()) + entry.members.len();
            let most = count(all).min(entry.seats.into());
            if entry.lets_in() { most.saturating_sub(entry.at_work(None)) } else { 0 }
        };
        self.registrations().map(yet).fold(0, u32::saturating_add)
    }
}

impl Plan {
    /// From when on and until when sessions begin, if they do so much ahead of the start.
    #[must_use]
    pub fn sessions_begin(&self, ahead: Minutes) -> (Timestamp, Timestamp) {
        (self.starts_at - TimeDelta::from(ahead), self.ends_at)
    }

    /// Until when sessions go on that were begun by now: where the run is put off for no more than a day, nobody loses what they have
    /// begun; else they end.
    #[must_use]
    pub fn sessions_end(&self, now: Timestamp) -> Timestamp {
        if self.starts_at <= now + PUT_OFF { self.ends_at } else { now }
    }
}
