//! Who gets which place. A decision plays on a copy of the run, event by event, so that each step sees what the one before did.

use super::{
    super::{Admission, BookingRejection as Rejection},
    Entry, Life, RefundReason, RunEvent as Did, Scheduled, Stage,
    state::count,
};
use crate::kernel::{Money, RegistrationId, Timestamp};

/// A decision that is being made.
pub(super) struct Play {
    pub(super) run: Scheduled,
    pub(super) events: Vec<Did>,
    pub(super) now: Timestamp,
}

impl Play {
    pub(super) fn new(run: &Scheduled, now: Timestamp) -> Self {
        Self { run: run.clone(), events: vec![], now }
    }

    pub(super) fn push(&mut self, event: Did) {
        self.run.evolve(&event);
        self.events.push(event);
    }

    pub(super) fn entry(&self, registration: RegistrationId) -> Result<&Entry, Rejection> {
        self.run.registrations.get(&registration).ok_or(Rejection::RegistrationNotFound)
    }

    pub(super) fn money(&self, amount: i64) -> Money {
        Money::new(amount, self.run.plan.currency)
    }

    /// Whether so many seats of a ticket are free.
    pub(super) fn fits(&self, ticket: &str, seats: u16) -> bool {
        let quota = self.run.plan.ticket(ticket).and_then(|ticket| ticket.quota).unwrap_or(u32::MAX);
        let seats = u32::from(seats);
        self.run.left() >= seats && quota.saturating_sub(self.run.taken_of(ticket)) >= seats
    }

    /// Whether places are given away: the run is published and has not begun.
    pub(super) fn gives_places(&self) -> bool {
        self.run.life == Life::Published && self.now < self.run.plan.starts_at
    }

    /// How many places are left, and how many registrations wait, once one is at `stage`.
    pub(super) fn after(&self, registration: RegistrationId, stage: Stage) -> (u32, u32) {
        let (mut taken, mut waiting) = (self.run.taken, self.run.waiting());
        if let Some(entry) = self.run.registrations.get(&registration) {
            let seats = |stage: Stage| if stage.takes_place() { u32::from(entry.seats) } else { 0 };
            taken = taken.saturating_sub(seats(entry.stage)) + seats(stage);
            waiting = waiting.saturating_sub((entry.stage == Stage::Waitlisted).into()) + u32::from(stage == Stage::Waitlisted);
        }
        (self.run.plan.capacity.saturating_sub(taken), waiting)
    }

    /// Lets go of what was held for too long.
    pub(super) fn lapse(&mut self) {
        while let Some((until, registration)) = self.run.held.get_min().copied() {
            if until > self.now {
                break;
            }
            let (left, waiting) = self.after(registration, Stage::Expired);
            let is_offer = self.entry(registration).is_ok_and(|entry| matches!(entry.stage, Stage::Offered { .. }));
            self.push(if is_offer {
                Did::OfferLapsed { registration, left }
            } else {
                Did::RegistrationExpired { registration, left, waiting }
            });
            self.owe(registration, RefundReason::CameTooLate, i64::MAX);
        }
    }

    /// Offers what is free to who waits: the first in line who fits, for as long as somebody does.
    pub(super) fn settle(&mut self) {
        while self.gives_places()
            && let Some(registration) = self.first_in_line()
        {
            let until = self.run.plan.held_until(self.now, self.run.plan.offer);
            let (left, waiting) = self.after(registration, Stage::Offered { until });
            self.push(Did::PlaceOffered { registration, until, left, waiting });
        }
    }

    fn first_in_line(&self) -> Option<RegistrationId> {
        if self.run.left() == 0 {
            return None;
        }
        let fits = |turn: &&super::state::Turn| {
            self.run.registrations.get(&turn.registration).is_some_and(|entry| self.fits(&entry.ticket, entry.seats))
        };
        let is_open = |ticket: &str| self.fits(ticket, 1);
        let first_of_each = self.run.lines.iter().filter(|(ticket, _)| is_open(ticket)).filter_map(|(_, line)| line.iter().find(fits));
        first_of_each.min().map(|turn| turn.registration)
    }

    /// Somebody has a place: what has to come before they may keep it.
    pub(super) fn seat(&mut self, registration: RegistrationId) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        let needs_approval = self.run.plan.admission != Admission::Automatic && !entry.approved;
        let due = entry.due();
        if needs_approval {
            let (left, _) = self.after(registration, Stage::PendingApproval { holds_place: true });
            self.push(Did::ApprovalAwaited { registration, holds_place: true, left });
        } else if due > 0 {
            let until = self.run.plan.held_until(self.now, self.run.plan.hold);
            let (left, _) = self.after(registration, Stage::AwaitingPayment { until });
            self.push(Did::PaymentAwaited { registration, due: self.money(due), until, left });
        } else {
            self.confirm(registration);
        }
        Ok(())
    }

    pub(super) fn confirm(&mut self, registration: RegistrationId) {
        let (left, _) = self.after(registration, Stage::Confirmed);
        self.push(Did::RegistrationConfirmed { registration, left });
    }

    pub(super) fn wait(&mut self, registration: RegistrationId) {
        let (left, waiting) = self.after(registration, Stage::Waitlisted);
        self.push(Did::RegistrationWaitlisted { registration, left, waiting });
    }

    /// Gives a registration a place, if there is one; otherwise a place in line, or none at all.
    ///
    /// # Errors
    /// There is no place, and nobody may wait, or whoever asks does not want to.
    pub(super) fn admit(&mut self, registration: RegistrationId, wait: bool) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        let is_pending_without = self.run.plan.admission == (Admission::Approval { holds_place: false }) && !entry.approved;
        if is_pending_without {
            let (left, _) = self.after(registration, Stage::PendingApproval { holds_place: false });
            self.push(Did::ApprovalAwaited { registration, holds_place: false, left });
            Ok(())
        } else if self.fits(&entry.ticket, entry.seats) {
            self.seat(registration)
        } else if wait && self.run.plan.waitlist {
            self.wait(registration);
            Ok(())
        } else {
            Err(Rejection::Full)
        }
    }

    /// Money that came in for a registration is to be given back: `most` of it, or what there is.
    pub(super) fn owe(&mut self, registration: RegistrationId, reason: RefundReason, most: i64) {
        let Ok(entry) = self.entry(registration) else { return };
        let (before, amount) = (entry.owed, (entry.kept() - entry.owed).min(most));
        if amount > 0 {
            let (amount, owed) = (self.money(amount), self.money(before + amount));
            self.push(Did::RefundOwed { registration, amount, reason, owed });
        }
    }

    /// All whose registration counts, by number.
    pub(super) fn everybody(&self) -> Vec<(RegistrationId, Stage)> {
        let mut all = self.run.live();
        all.sort_by_key(|(registration, _)| self.run.registrations.get(registration).map(|entry| entry.number));
        all
    }

    pub(super) fn number(&self) -> u32 {
        count(self.run.registrations.len()).max(self.run.count) + 1
    }
}
