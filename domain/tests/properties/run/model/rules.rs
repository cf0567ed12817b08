//! What holds whatever happened.

use std::collections::BTreeSet;

use domain::{
    booking::run::{By, Caller, Person, RunEvent as Did},
    kernel::{PaymentId, RegistrationId, Timestamp},
};
use proptest::prelude::*;

use super::{super::claim::Claim, At, Known, Model};
use crate::Checked;

impl Model {
    /// Whether something is theirs to ask for.
    pub(in crate::run) fn lets(&self, claim: &Claim) -> bool {
        let runs_it = |by: &By| match by {
            By::Manager => true,
            By::Organiser(account) => self.organiser == Some(*account),
        };
        let is_of = |known: &Known, caller: &Caller| match caller {
            Caller::Staff(by) => runs_it(by),
            Caller::Account(account) => known.person.account == Some(*account),
            Caller::Guest(address) => known.person.account.is_none() && known.person.address == *address,
        };
        match claim {
            Claim::Nothing => true,
            Claim::Run(by) => runs_it(by),
            Claim::Registration(caller, registration) => self.all.get(registration).is_some_and(|known| is_of(known, caller)),
        }
    }

    /// Before who leaves the line does: what they have is no place.
    pub(in crate::run) fn gives_up_no_place(&self, registration: RegistrationId) -> Checked {
        let at = self.all[&registration].at;
        prop_assert!(matches!(at, At::Line | At::Out), "{at:?} is not in line");
        Ok(())
    }

    /// Before a payment is opened: it is of all that is due, by who has a place until it is paid for.
    pub(in crate::run) fn opens_what_is_due(&self, registration: RegistrationId, events: &[Did]) -> Checked {
        let known = &self.all[&registration];
        prop_assert!(known.at == At::Held && known.until.is_some(), "who pays has a place to pay for");
        for event in events {
            if let Did::PaymentReported { amount, .. } = event {
                prop_assert_eq!(amount.amount, known.due());
            }
        }
        Ok(())
    }

    /// An offer goes to the first in line for whom there is room: by priority, then by time.
    pub(super) fn is_first(&self, registration: RegistrationId, now: Timestamp) -> Checked {
        prop_assert!(self.gives_places(now), "nothing is offered of a run that has begun or ended");
        let known = &self.all[&registration];
        if known.at == At::Offer {
            return Ok(());
        }
        let first = self.line().filter(|(_, known)| self.fits(known)).min_by_key(|(_, known)| (u8::MAX - known.priority, known.number));
        prop_assert_eq!(first.map(|(first, _)| *first), Some(registration), "the order of the line");
        Ok(())
    }

    /// What holds after each event.
    pub(super) fn is_sound(&self) -> Checked {
        let capacity = self.capacity();
        prop_assert!(self.taken() <= capacity, "{} of {capacity} places", self.taken());
        for ticket in &self.plan().tickets {
            let seats: u32 =
                self.all.values().filter(|known| known.at.takes() && known.ticket == ticket.key).map(|known| known.seats).sum();
            prop_assert!(ticket.quota.is_none_or(|quota| seats <= quota), "{seats} of {ticket:?}");
        }
        let (mut accounts, mut addresses) = (BTreeSet::new(), BTreeSet::new());
        for known in self.all.values().filter(|known| known.at != At::Out) {
            let Person { account, address } = &known.person;
            prop_assert!(account.is_none_or(|account| accounts.insert(account)), "one registration of {account:?}");
            prop_assert!(addresses.insert(address.as_str()), "one registration of {address}");
        }
        for known in self.all.values() {
            prop_assert!((0..=known.kept()).contains(&known.owed), "{} owed of {}", known.owed, known.kept());
        }
        Ok(())
    }

    /// What holds after each command: nothing is held for too long, no place is idle while somebody waits for whom there is room, and
    /// what has ended has ended for all.
    pub(in crate::run) fn is_settled(&self, now: Timestamp) -> Checked {
        prop_assert!(self.all.values().all(|known| known.at != At::Door), "it is told what becomes of each");
        prop_assert!(self.all.values().all(|known| known.until.is_none_or(|until| until > now)), "nothing is held for too long");
        for known in self.all.values().filter(|known| known.is_owed_all) {
            prop_assert_eq!(known.owed, known.kept(), "all goes back");
        }
        if self.gives_places(now) {
            for (registration, known) in self.line() {
                prop_assert!(!self.fits(known), "a place is idle while {registration} waits");
            }
        }
        prop_assert!(!self.is_cancelled || self.all_are_out(), "nobody comes to what is cancelled");
        let is_over = |known: &Known| known.at == At::Out || known.came.is_some();
        prop_assert!(!self.is_completed || self.all.values().all(is_over), "it is known who was there");
        Ok(())
    }

    pub(in crate::run) fn all_are_out(&self) -> bool {
        self.all.values().all(|known| known.at == At::Out)
    }

    /// What came in and did not go back, by payment.
    pub(in crate::run) fn kept(&self) -> Vec<(RegistrationId, PaymentId, i64)> {
        let all = self
            .all
            .iter()
            .flat_map(|(registration, known)| known.money.iter().map(|(payment, (came, went))| (*registration, *payment, came - went)));
        all.filter(|(.., kept)| *kept > 0).collect()
    }

    /// All that came in less all that went back.
    pub(in crate::run) fn sum(&self) -> i64 {
        self.all.values().map(Known::kept).sum()
    }
}
