use std::collections::{BTreeMap, BTreeSet};

use domain::{
    booking::{
        Plan,
        run::{PaymentStatus, Person, RunEvent as Did},
    },
    kernel::{AccountId, Digest, PaymentId, RegistrationId, Timestamp},
};
use proptest::prelude::*;

use crate::Checked;

/// What events say a run is.
#[derive(Default)]
pub(super) struct Model {
    plan: Option<Plan>,
    is_published: bool,
    is_cancelled: bool,
    is_completed: bool,
    all: BTreeMap<RegistrationId, Known>,
}

struct Known {
    person: Person,
    /// Who comes along by an address.
    members: Vec<Digest>,
    /// Who has begun a session since it is theirs.
    at_work: BTreeSet<AccountId>,
    ticket: String,
    seats: u32,
    priority: u8,
    number: u32,
    at: At,
    until: Option<Timestamp>,
    /// What came in by each payment, and what went back of it.
    money: BTreeMap<PaymentId, (i64, i64)>,
    owed: i64,
    /// They lost their place, or got none, and did not give it up: all that came in goes back.
    is_owed_all: bool,
}

/// Where a registration is, as far as places go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// It was asked for, and what becomes of it is told next.
    Door,
    Place,
    Offer,
    Line,
    /// It waits for approval without a place.
    Desk,
    Out,
}

impl Model {
    pub(super) fn take(&mut self, event: &Did) -> Checked {
        match event {
            Did::Scheduled { plan, .. } | Did::Revised { plan, .. } => self.plan = Some(Plan::clone(plan)),
            Did::Published {} => self.is_published = true,
            Did::Cancelled { .. } => self.is_cancelled = true,
            Did::Completed { .. } => self.is_completed = true,
            Did::Rescheduled { starts_at, ends_at, closes_at, .. } => {
                if let Some(plan) = &mut self.plan {
                    (plan.starts_at, plan.ends_at, plan.closes_at) = (*starts_at, *ends_at, *closes_at);
                }
            }
            Did::RegistrationRequested(asked) => {
                let known = Known {
                    person: asked.person.clone(),
                    members: asked.members.clone(),
                    at_work: BTreeSet::new(),
                    ticket: asked.ticket.clone(),
                    seats: asked.seats.into(),
                    priority: asked.priority,
                    number: asked.number,
                    at: At::Door,
                    until: None,
                    money: BTreeMap::new(),
                    owed: 0,
                    is_owed_all: false,
                };
                prop_assert!(self.all.values().all(|other| other.number < asked.number), "numbers go up");
                prop_assert!(self.all.insert(asked.registration, known).is_none(), "a registration of its own");
            }
            Did::RegistrationReinstated { registration, number } => self.known(*registration).number = *number,
            Did::RegistrationPrioritised { registration, priority } => self.known(*registration).priority = *priority,
            Did::RegistrationTransferred { registration, person, members } => {
                let known = self.known(*registration);
                known.at_work.retain(|account| person.account == Some(*account));
                (known.person, known.members) = (person.clone(), members.clone());
            }
            Did::SessionBegun { registration, account, .. } => {
                let known = self.known(*registration);
                prop_assert_eq!((known.at, known.until), (At::Place, None), "who begins is let in");
                prop_assert!(known.person.account == Some(*account) || !known.members.is_empty(), "who begins comes by it");
                known.at_work.insert(*account);
                let at_work = u32::try_from(known.at_work.len());
                prop_assert!(at_work.is_ok_and(|at_work| at_work <= known.seats), "no more begin than come");
            }
            _ => self.move_or_pay(event)?,
        }
        self.is_sound()
    }

    fn move_or_pay(&mut self, event: &Did) -> Checked {
        let (registration, at, until, left, waiting) = match event {
            Did::ApprovalAwaited { registration, holds_place, left, waiting } => {
                (registration, if *holds_place { At::Place } else { At::Desk }, None, Some(left), Some(waiting))
            }
            Did::PaymentAwaited { registration, until, left, .. } => (registration, At::Place, Some(*until), Some(left), None),
            Did::RegistrationConfirmed { registration, left } => (registration, At::Place, None, Some(left), None),
            Did::RegistrationWaitlisted { registration, left, waiting } => (registration, At::Line, None, Some(left), Some(waiting)),
            Did::PlaceOffered { registration, until, left, waiting } => {
                self.is_first(*registration)?;
                (registration, At::Offer, Some(*until), Some(left), Some(waiting))
            }
            Did::OfferDeclined { registration, left } | Did::OfferLapsed { registration, left } => {
                prop_assert_eq!(self.known(*registration).at, At::Offer);
                (registration, At::Out, None, Some(left), None)
            }
            Did::RegistrationRejected { registration, left, waiting, .. }
            | Did::RegistrationExpired { registration, left, waiting }
            | Did::RegistrationWithdrawn { registration, left, waiting }
            | Did::RegistrationCancelled { registration, left, waiting, .. } => (registration, At::Out, None, Some(left), Some(waiting)),
            Did::PaymentReported { registration, payment, status, amount, kept } => {
                let known = self.known(*registration);
                if *status == PaymentStatus::Succeeded {
                    prop_assert!(known.money.insert(*payment, (amount.amount, 0)).is_none(), "it came in once");
                }
                prop_assert_eq!(known.kept(), kept.amount);
                return Ok(());
            }
            Did::RefundOwed { registration, amount, owed, .. } => {
                let known = self.known(*registration);
                known.owed += amount.amount;
                prop_assert_eq!(known.owed, owed.amount);
                return Ok(());
            }
            Did::RefundRecorded { registration, payment, amount, kept, owed, .. } => {
                let known = self.known(*registration);
                known.money.get_mut(payment).expect("a payment that came in").1 += amount.amount;
                known.owed = owed.amount;
                prop_assert_eq!(known.kept(), kept.amount);
                return Ok(());
            }
            _ => return Ok(()),
        };
        let known = self.known(*registration);
        (known.at, known.until) = (at, until);
        known.is_owed_all = at == At::Out && !matches!(event, Did::RegistrationWithdrawn { .. });
        if let Some(left) = left {
            prop_assert_eq!(*left, self.capacity() - self.taken(), "places that are left");
        }
        if let Some(waiting) = waiting {
            prop_assert_eq!(*waiting as usize, self.line().count(), "who waits");
        }
        Ok(())
    }

    fn known(&mut self, registration: RegistrationId) -> &mut Known {
        self.all.get_mut(&registration).expect("a registration that was asked for")
    }

    fn plan(&self) -> &Plan {
        self.plan.as_ref().expect("a run that was scheduled")
    }

    fn capacity(&self) -> u32 {
        self.plan().capacity
    }

    pub(super) fn taken(&self) -> u32 {
        self.all.values().filter(|known| known.at.takes()).map(|known| known.seats).sum()
    }

    fn line(&self) -> impl Iterator<Item = (&RegistrationId, &Known)> {
        self.all.iter().filter(|(_, known)| known.at == At::Line)
    }

    fn fits(&self, known: &Known) -> bool {
        let of_ticket: u32 =
            self.all.values().filter(|other| other.at.takes() && other.ticket == known.ticket).map(|other| other.seats).sum();
        let quota = self.plan().ticket(&known.ticket).and_then(|ticket| ticket.quota).unwrap_or(u32::MAX);
        self.taken() + known.seats <= self.capacity() && of_ticket + known.seats <= quota
    }

    /// An offer goes to the first in line for whom there is room: by priority, then by time.
    fn is_first(&self, registration: RegistrationId) -> Checked {
        let known = &self.all[&registration];
        if known.at == At::Offer {
            return Ok(());
        }
        let first = self.line().filter(|(_, known)| self.fits(known)).min_by_key(|(_, known)| (u8::MAX - known.priority, known.number));
        prop_assert_eq!(first.map(|(first, _)| *first), Some(registration), "the order of the line");
        Ok(())
    }

    /// What holds after each event.
    fn is_sound(&self) -> Checked {
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

    /// What holds after each command: nothing is held for too long, and no place is idle while somebody waits for whom there is room.
    pub(super) fn is_settled(&self, now: Timestamp) -> Checked {
        prop_assert!(self.all.values().all(|known| known.at != At::Door), "it is told what becomes of each");
        prop_assert!(self.all.values().all(|known| known.until.is_none_or(|until| until > now)), "nothing is held for too long");
        for known in self.all.values().filter(|known| known.is_owed_all) {
            prop_assert_eq!(known.owed, known.kept(), "all goes back");
        }
        if self.is_published && !self.is_cancelled && !self.is_completed && now < self.plan().starts_at {
            for (registration, known) in self.line() {
                prop_assert!(!self.fits(known), "a place is idle while {registration} waits");
            }
        }
        Ok(())
    }

    pub(super) fn all_are_out(&self) -> bool {
        self.all.values().all(|known| known.at == At::Out)
    }

    /// What came in and did not go back, by payment.
    pub(super) fn kept(&self) -> Vec<(RegistrationId, PaymentId, i64)> {
        let all = self
            .all
            .iter()
            .flat_map(|(registration, known)| known.money.iter().map(|(payment, (came, went))| (*registration, *payment, came - went)));
        all.filter(|(.., kept)| *kept > 0).collect()
    }

    /// All that came in less all that went back.
    pub(super) fn sum(&self) -> i64 {
        self.all.values().map(Known::kept).sum()
    }
}

impl Known {
    fn kept(&self) -> i64 {
        self.money.values().map(|(came, went)| came - went).sum()
    }
}

impl At {
    const fn takes(self) -> bool {
        matches!(self, Self::Place | Self::Offer)
    }
}
