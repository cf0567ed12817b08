mod door;
mod known;
mod rules;

use std::collections::BTreeMap;

use domain::{
    booking::{
        Discount, Invitation, Plan,
        run::{PaymentStatus, RunEvent as Did},
    },
    kernel::{AccountId, RegistrationId, Timestamp},
};
use proptest::prelude::*;

use self::known::{At, Known};
use crate::Checked;

/// What events say a run is.
#[derive(Default)]
pub(super) struct Model {
    organiser: Option<AccountId>,
    plan: Option<Plan>,
    is_published: bool,
    is_cancelled: bool,
    is_completed: bool,
    codes: BTreeMap<String, Discount>,
    /// By digests of addresses.
    invitations: BTreeMap<String, Invitation>,
    all: BTreeMap<RegistrationId, Known>,
}

impl Model {
    pub(super) fn take(&mut self, event: &Did, now: Timestamp) -> Checked {
        match event {
            Did::Scheduled { organiser, plan, .. } => (self.organiser, self.plan) = (Some(*organiser), Some(Plan::clone(plan))),
            Did::Revised { plan, .. } => self.plan = Some(Plan::clone(plan)),
            Did::Published {} => self.is_published = true,
            Did::Cancelled { .. } => self.is_cancelled = true,
            Did::Completed { .. } => {
                prop_assert!(now >= self.plan().ends_at, "it has ended");
                self.is_completed = true;
            }
            Did::Rescheduled { starts_at, ends_at, closes_at, .. } => {
                if let Some(plan) = &mut self.plan {
                    (plan.starts_at, plan.ends_at, plan.closes_at) = (*starts_at, *ends_at, *closes_at);
                }
            }
            Did::DiscountCreated { discount } => {
                prop_assert!(self.codes.insert(discount.code.clone(), discount.clone()).is_none(), "a code is there once");
            }
            Did::DiscountRevoked { code } => prop_assert!(self.codes.remove(code).is_some(), "a code that there is"),
            Did::InvitationIssued { invitation } => {
                self.invitations.insert(invitation.address.as_str().to_owned(), invitation.clone());
            }
            Did::InvitationWithdrawn { address, .. } => {
                prop_assert!(self.invitations.remove(address.as_str()).is_some(), "an invitation that there is");
            }
            Did::RegistrationRequested(asked) => self.request(asked)?,
            Did::RegistrationReinstated { registration, number } => {
                let known = self.known(*registration);
                (known.number, known.forgiven) = (*number, 0);
            }
            Did::ApprovalWithdrawn { registration } => {
                let known = self.known(*registration);
                known.forgiven = if known.kept() > 0 { known.forgiven } else { 0 };
            }
            Did::RegistrationPrioritised { registration, priority } => self.known(*registration).priority = *priority,
            Did::RegistrationTransferred { registration, person, members } => {
                let known = self.known(*registration);
                known.at_work.retain(|account| person.account == Some(*account));
                (known.person, known.members) = (person.clone(), members.clone());
            }
            Did::SessionBegun { .. } => self.begin(event)?,
            Did::CheckedIn { .. } | Did::CheckInUndone { .. } | Did::NoShowRecorded { .. } | Did::NoShowUndone { .. } => {
                self.attend(event, now)?;
            }
            Did::PaymentReported { .. }
            | Did::PaymentVouchedFor { .. }
            | Did::PaymentUndone { .. }
            | Did::RefundOwed { .. }
            | Did::RefundRecorded { .. }
            | Did::RefundVouchedFor { .. }
            | Did::RefundUndone { .. } => self.pay(event)?,
            _ => self.go(event, now)?,
        }
        self.is_sound()
    }

    fn pay(&mut self, event: &Did) -> Checked {
        match event {
            Did::PaymentReported { registration, payment, status, amount, kept, by_hand } => {
                let known = self.known(*registration);
                if *status == PaymentStatus::Succeeded {
                    prop_assert!(known.money.insert(*payment, (amount.amount, 0)).is_none(), "it came in once");
                }
                if *by_hand {
                    known.by_hand.insert(*payment);
                }
                prop_assert_eq!(known.kept(), kept.amount);
            }
            Did::PaymentVouchedFor { registration, payment } => {
                prop_assert!(self.known(*registration).by_hand.remove(payment), "it was recorded by hand");
            }
            Did::PaymentUndone { registration, payment, amount, kept, owed, .. } => {
                let known = self.known(*registration);
                prop_assert!(known.by_hand.remove(payment), "it was recorded by hand");
                prop_assert_eq!(known.money.remove(payment), Some((amount.amount, 0)), "all of it is there still");
                known.owed = (known.owed - amount.amount).max(0);
                prop_assert_eq!((known.kept(), known.owed), (kept.amount, owed.amount));
            }
            Did::RefundOwed { registration, amount, owed, .. } => {
                let known = self.known(*registration);
                known.owed += amount.amount;
                prop_assert_eq!(known.owed, owed.amount);
            }
            _ => self.give_back(event)?,
        }
        Ok(())
    }

    fn give_back(&mut self, event: &Did) -> Checked {
        match event {
            Did::RefundRecorded { registration, payment, refund, amount, kept, owed, by_hand } => {
                let known = self.known(*registration);
                let had_paid = known.at == At::Place && known.due() == 0;
                known.money.get_mut(payment).expect("a payment that came in").1 += amount.amount;
                if *by_hand {
                    known.refunds_by_hand.insert(*refund, amount.amount);
                }
                known.owed = owed.amount;
                prop_assert_eq!(known.kept(), kept.amount);
                if had_paid {
                    known.forgiven += known.due();
                    prop_assert_eq!(known.due(), 0, "who had paid is not asked for what went back");
                }
            }
            Did::RefundVouchedFor { registration, refund, .. } => {
                prop_assert!(self.known(*registration).refunds_by_hand.remove(refund).is_some(), "it was recorded by hand");
            }
            Did::RefundUndone { registration, payment, refund, amount, kept, owed, forgiven, .. } => {
                let known = self.known(*registration);
                prop_assert_eq!(known.refunds_by_hand.remove(refund), Some(amount.amount), "it was recorded by hand");
                known.money.get_mut(payment).expect("a payment that came in").1 -= amount.amount;
                prop_assert!((known.owed..=known.owed + amount.amount).contains(&owed.amount), "no more is owed than did not go back");
                prop_assert!((0..=known.forgiven).contains(&forgiven.amount), "nothing more is forgiven");
                (known.owed, known.forgiven) = (owed.amount, forgiven.amount);
                prop_assert_eq!(known.kept(), kept.amount);
            }
            _ => {}
        }
        Ok(())
    }

    fn go(&mut self, event: &Did, now: Timestamp) -> Checked {
        let (registration, at, until, left, waiting) = match event {
            Did::ApprovalAwaited { registration, holds_place, left, waiting } => {
                (registration, if *holds_place { At::Held } else { At::Desk }, None, Some(left), Some(waiting))
            }
            Did::PaymentAwaited { registration, due, until, left } => {
                prop_assert_eq!(self.known(*registration).due(), due.amount);
                prop_assert!(due.amount > 0, "who owes nothing does not pay");
                prop_assert!(*until > now, "who is to pay has time to");
                (registration, At::Held, Some(*until), Some(left), None)
            }
            Did::RegistrationConfirmed { registration, left } => {
                prop_assert_eq!(self.known(*registration).due(), 0, "who is confirmed has paid");
                (registration, At::Place, None, Some(left), None)
            }
            Did::RegistrationWaitlisted { registration, left, waiting } => (registration, At::Line, None, Some(left), Some(waiting)),
            Did::PlaceOffered { registration, until, left, waiting } => {
                self.is_first(*registration, now)?;
                (registration, At::Offer, Some(*until), Some(left), Some(waiting))
            }
            Did::OfferDeclined { registration, left } | Did::OfferLapsed { registration, left } => {
                prop_assert_eq!(self.known(*registration).at, At::Offer);
                (registration, At::Out, None, Some(left), None)
            }
            Did::RegistrationWithdrawn { registration, left, waiting } => {
                prop_assert!(self.gives_places(now), "who is expected has come or has not");
                (registration, At::Out, None, Some(left), Some(waiting))
            }
            Did::RegistrationRejected { registration, left, waiting, .. }
            | Did::RegistrationExpired { registration, left, waiting, .. }
            | Did::RegistrationCancelled { registration, left, waiting, .. } => (registration, At::Out, None, Some(left), Some(waiting)),
            _ => return Ok(()),
        };
        if at.counts() && !self.known(*registration).at.counts() {
            self.comes_in(*registration, now)?;
        }
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

    fn gives_places(&self, now: Timestamp) -> bool {
        self.is_published && !self.is_cancelled && !self.is_completed && now < self.plan().starts_at
    }

    fn capacity(&self) -> u32 {
        self.plan().capacity
    }

    fn taken(&self) -> u32 {
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
}
