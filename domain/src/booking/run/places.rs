//! Who gets which place. A decision plays on a copy of the run, event by event, so that each step sees what the one before did.

use super::{
    super::{Admission, BookingRejection as Rejection},
    Entry, Life, RefundReason, RunEvent as Did, Scheduled, Stage,
    state::Turn,
};
use crate::kernel::{Money, RegistrationId, Timestamp};

/// Events that tidying up leads to before it is left to the next decision, so that none is too large for the journal.
const TIDIED: usize = 1000;

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
        self.run.registration(registration).ok_or(Rejection::RegistrationNotFound)
    }

    pub(super) fn money(&self, amount: i64) -> Money {
        Money::new(amount, self.run.plan.currency)
    }

    /// Whether places are given away: the run is published and has not begun.
    pub(super) fn gives_places(&self) -> bool {
        self.run.gives_places(self.now)
    }

    /// How many places are left, and how many registrations wait, once one is at `stage`.
    pub(super) fn after(&self, registration: RegistrationId, stage: Stage) -> (u32, u32) {
        let (mut taken, mut waiting) = (self.run.taken, self.run.waiting());
        if let Some(entry) = self.run.registration(registration) {
            let seats = |stage: Stage| if stage.takes_place() { u32::from(entry.seats) } else { 0 };
            taken = taken.saturating_sub(seats(entry.stage)) + seats(stage);
            waiting = waiting.saturating_sub((entry.stage == Stage::Waitlisted).into()) + u32::from(stage == Stage::Waitlisted);
        }
        (self.run.plan.capacity.saturating_sub(taken), waiting)
    }

    /// Does what is due whoever asks for whatever: ends what ended, lets go of what was held for too long, offers what is free. What is
    /// too much for one decision is left to the next.
    pub(super) fn tidy(&mut self) {
        let most = self.events.len() + TIDIED;
        while self.events.len() < most
            && let Some((until, registration)) = self.run.held.get_min().copied()
            && until <= self.now
        {
            let is_offer = self.entry(registration).is_ok_and(|entry| matches!(entry.stage, Stage::Offered { .. }));
            self.expire(registration, is_offer);
        }
        self.close(most);
        // The first in line who fits, for as long as somebody does.
        while self.events.len() < most
            && self.gives_places()
            && let Some(registration) = self.run.first_in_line()
        {
            let until = self.run.plan.held_until(self.now, self.run.plan.offer);
            let (left, waiting) = self.after(registration, Stage::Offered { until });
            self.push(Did::PlaceOffered { registration, until, left, waiting });
        }
    }

    fn expire(&mut self, registration: RegistrationId, is_offer: bool) {
        let (left, waiting) = self.after(registration, Stage::Expired);
        let from = self.entry(registration).ok().map(|entry| entry.stage);
        self.push(if is_offer {
            Did::OfferLapsed { registration, left }
        } else {
            Did::RegistrationExpired { registration, from, left, waiting }
        });
        self.owe(registration, RefundReason::CameTooLate, i64::MAX);
    }

    /// Ends the registrations of a run that ended.
    fn close(&mut self, most: usize) {
        let ends: fn(Stage) -> bool = match self.run.life {
            Life::Draft | Life::Published => return,
            Life::Cancelled => Stage::is_live,
            Life::Completed => |stage| stage.is_live() && !stage.is_past(),
        };
        let all = self.run.registrations();
        let mut open: Vec<_> = all.filter(|(_, entry)| ends(entry.stage)).map(|(id, entry)| (entry.number, id, entry.stage)).collect();
        open.sort_unstable_by_key(|(number, ..)| *number);
        for (_, registration, stage) in open {
            if self.events.len() >= most {
                return;
            }
            match (self.run.life, stage) {
                (Life::Cancelled, _) => self.cancel_for(registration, String::new(), RefundReason::RunCancelled),
                (_, Stage::Confirmed) => self.push(Did::NoShowRecorded { registration }),
                _ => self.expire(registration, false),
            }
        }
    }

    /// Cancels a registration; all that came in for it is owed.
    pub(super) fn cancel_for(&mut self, registration: RegistrationId, reason: String, refund: RefundReason) {
        let (left, waiting) = self.after(registration, Stage::Cancelled);
        self.push(Did::RegistrationCancelled { registration, reason, left, waiting });
        self.owe(registration, refund, i64::MAX);
    }

    /// Somebody has a place: what has to come before they may keep it.
    pub(super) fn seat(&mut self, registration: RegistrationId) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        let needs_approval = self.run.plan.admission != Admission::Automatic && !entry.approved;
        let due = entry.due();
        if needs_approval {
            self.await_approval(registration, true);
        } else if due > 0 {
            self.await_payment(registration, due);
        } else {
            self.confirm(registration);
        }
        Ok(())
    }

    pub(super) fn await_approval(&mut self, registration: RegistrationId, holds_place: bool) {
        let (left, waiting) = self.after(registration, Stage::PendingApproval { holds_place });
        self.push(Did::ApprovalAwaited { registration, holds_place, left, waiting });
    }

    pub(super) fn await_payment(&mut self, registration: RegistrationId, due: i64) {
        let until = self.run.plan.held_until(self.now, self.run.plan.hold);
        let (left, _) = self.after(registration, Stage::AwaitingPayment { until });
        self.push(Did::PaymentAwaited { registration, due: self.money(due), until, left });
    }

    pub(super) fn confirm(&mut self, registration: RegistrationId) {
        let (left, _) = self.after(registration, Stage::Confirmed);
        self.push(Did::RegistrationConfirmed { registration, left });
    }

    /// Gives a registration a place, if there is one for it; otherwise a place in line, or none at all.
    ///
    /// # Errors
    /// There is no place, and nobody may wait, or whoever asks does not want to.
    pub(super) fn admit(&mut self, registration: RegistrationId, wait: bool) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        let is_pending_without = self.run.plan.admission == (Admission::Approval { holds_place: false }) && !entry.approved;
        if is_pending_without {
            self.await_approval(registration, false);
            Ok(())
        } else if self.run.is_free_for(&entry.ticket, entry.seats) {
            self.seat(registration)
        } else if wait && self.run.plan.waitlist {
            let (left, waiting) = self.after(registration, Stage::Waitlisted);
            self.push(Did::RegistrationWaitlisted { registration, left, waiting });
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
}

impl Scheduled {
    /// Whether places are given away: the run is published and has not begun.
    pub(super) fn gives_places(&self, now: Timestamp) -> bool {
        self.life == Life::Published && now < self.plan.starts_at
    }

    /// Places that nobody has and that may be taken with a ticket.
    #[must_use]
    pub fn left_of(&self, ticket: &str) -> u32 {
        let quota = self.plan.ticket(ticket).map(|ticket| ticket.quota.unwrap_or(u32::MAX));
        let of_ticket = quota.map_or(0, |quota| quota.saturating_sub(self.taken_of(ticket)));
        self.left().min(of_ticket)
    }

    /// Whether so many seats of a ticket are free, and nobody who waits may have them first.
    pub(super) fn is_free_for(&self, ticket: &str, seats: u16) -> bool {
        self.left_of(ticket) >= seats.into() && self.first_in_line().is_none()
    }

    /// Who is the first in line of those for whom there is room.
    fn first_in_line(&self) -> Option<RegistrationId> {
        if self.left() == 0 {
            return None;
        }
        let first_of_each = self.lines.iter().filter(|(_, line)| !line.is_empty()).filter_map(|(ticket, line)| {
            let free = self.left_of(ticket);
            let has_room = |turn: &&Turn| u32::from(turn.seats) <= free;
            if free == 0 { None } else { line.iter().find(has_room) }
        });
        first_of_each.min().map(|turn| turn.registration)
    }

    /// Whether something is left to be settled: the last decision had enough to do.
    #[must_use]
    pub fn is_behind(&self, now: Timestamp) -> bool {
        let is_open = |(_, entry): (RegistrationId, &Entry)| entry.stage.is_live() && !entry.stage.is_past();
        match self.life {
            Life::Draft => false,
            Life::Published => {
                self.next_lapse().is_some_and(|until| until <= now) || self.gives_places(now) && self.first_in_line().is_some()
            }
            Life::Cancelled => !self.people.is_empty(),
            Life::Completed => self.registrations().any(is_open),
        }
    }
}
