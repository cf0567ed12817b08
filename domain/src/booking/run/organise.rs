//! What an organiser does about a run.

use std::sync::Arc;

use super::{
    super::{BookingRejection as Rejection, Discount, Flaw, Invitation, PlaceBefore, Plan, Reduction},
    Life, RunCommand as Do, RunEvent as Did, Stage,
    decide::{ends_ahead, reason, sound},
    places::Play,
};
use crate::kernel::{Currency, Digest, Timestamp};

/// Codes of a run.
const CODES: usize = 500;
/// Invitations of a run.
const INVITATIONS: usize = 20_000;

impl Play {
    pub(super) fn organise(&mut self, command: Do) -> Result<(), Rejection> {
        match command {
            Do::Revise { plan, .. } => self.revise(plan),
            Do::Publish { .. } => self.publish(),
            Do::Reschedule { starts_at, ends_at, closes_at, time_zone, .. } => self.reschedule((starts_at, ends_at, closes_at), time_zone),
            Do::Cancel { reason, .. } => self.call_off(&reason),
            Do::Complete { .. } => self.complete(),
            Do::CreateDiscount { discount, .. } => self.create_discount(discount),
            Do::RevokeDiscount { code, .. } => self.revoke_discount(&code),
            Do::Invite { invitation, .. } => self.invite(invitation),
            Do::WithdrawInvitation { address, .. } => self.withdraw_invitation(address),
            _ => Ok(()),
        }
    }

    fn revise(&mut self, plan: Box<Plan>) -> Result<(), Rejection> {
        self.expect_going()?;
        sound(&plan)?;
        let before = &self.run.plan;
        if **before == *plan {
            return Ok(());
        }
        if (plan.starts_at, plan.ends_at) != (before.starts_at, before.ends_at) {
            if self.run.life == Life::Published {
                return Err(Flaw::new("startsAt", "the time that was published; rescheduling moves it").into());
            }
            ends_ahead(&plan, self.now)?;
        }
        if plan.capacity < self.run.taken {
            return Err(Rejection::CapacityBelowTaken { taken: self.run.taken });
        }
        for ticket in &plan.tickets {
            let taken = self.run.taken_of(&ticket.key);
            if ticket.quota.is_some_and(|quota| quota < taken) {
                return Err(Rejection::QuotaBelowTaken { ticket: ticket.key.clone(), taken });
            }
        }
        if plan.currency != before.currency {
            if self.run.count > 0 {
                return Err(Rejection::SoldAlready);
            }
            if self.run.codes.values().any(|code| !is_of(code, plan.currency)) {
                return Err(Flaw::new("currency", "the currency of the codes there are").into());
            }
        }
        let has_gone = |ticket: &str| plan.ticket(ticket).is_none();
        let is_sold = self.run.registrations().any(|(_, entry)| entry.stage.is_live() && has_gone(&entry.ticket));
        if is_sold {
            return Err(Rejection::SoldAlready);
        }
        let from = (plan.format != before.format).then(|| Box::new(PlaceBefore { format: before.format.clone(), count: self.run.count }));
        self.push(Did::Revised { plan, from });
        Ok(())
    }

    fn publish(&mut self) -> Result<(), Rejection> {
        self.expect_going()?;
        if self.run.life == Life::Published {
            return Ok(());
        }
        self.expect_ahead(self.run.plan.starts_at)?;
        self.push(Did::Published {});
        Ok(())
    }

    fn reschedule(
        &mut self,
        (starts_at, ends_at, closes_at): (Timestamp, Timestamp, Option<Timestamp>),
        time_zone: Option<String>,
    ) -> Result<(), Rejection> {
        self.expect_going()?;
        let before = Arc::clone(&self.run.plan);
        let time_zone = time_zone.filter(|zone| *zone != before.time_zone);
        if (starts_at, ends_at, closes_at) == (before.starts_at, before.ends_at, before.closes_at) && time_zone.is_none() {
            return Ok(());
        }
        // What is going on may end at another time, and goes on to have begun when it did.
        if starts_at != before.starts_at {
            self.expect_ahead(starts_at)?;
        }
        let plan = before.moved_to(starts_at, ends_at, closes_at, time_zone.as_deref());
        sound(&plan)?;
        ends_ahead(&plan, self.now)?;
        if (starts_at, ends_at) == (before.starts_at, before.ends_at) {
            // It takes place when it was to: nobody has to be told.
            self.push(Did::Revised { plan: Box::new(plan), from: None });
            return Ok(());
        }
        self.push(Did::Rescheduled { starts_at, ends_at, closes_at, time_zone, from: before.starts_at });
        // Nothing is held beyond the start.
        let beyond: Vec<_> = self.run.held.iter().rev().take_while(|(until, _)| *until > starts_at).map(|(_, held)| *held).collect();
        for registration in beyond {
            let entry = self.entry(registration)?;
            let (stage, due) = (entry.stage, self.money(entry.due()));
            let (left, waiting) = self.after(registration, stage);
            self.push(match stage {
                Stage::Offered { .. } => Did::PlaceOffered { registration, until: starts_at, left, waiting },
                _ => Did::PaymentAwaited { registration, due, until: starts_at, left },
            });
        }
        Ok(())
    }

    fn expect_ahead(&self, starts_at: Timestamp) -> Result<(), Rejection> {
        if starts_at > self.now { Ok(()) } else { Err(Flaw::new("startsAt", "a time to come").into()) }
    }

    /// All registrations end with it: see [`Play::tidy`].
    fn call_off(&mut self, why: &str) -> Result<(), Rejection> {
        match self.run.life {
            Life::Cancelled => return Ok(()),
            Life::Completed => return Err(self.wrong_state()),
            Life::Draft | Life::Published => {}
        }
        let reason = reason(why)?;
        self.push(Did::Cancelled { reason });
        Ok(())
    }

    /// Who is confirmed and did not come is a no show: see [`Play::tidy`].
    fn complete(&mut self) -> Result<(), Rejection> {
        match self.run.life {
            Life::Completed => return Ok(()),
            Life::Draft | Life::Cancelled => return Err(self.wrong_state()),
            Life::Published if self.now < self.run.plan.ends_at => return Err(Rejection::NotEnded),
            Life::Published => {}
        }
        let seats = |which: fn(Stage) -> bool| -> u32 {
            self.run.registrations().filter(|(_, entry)| which(entry.stage)).map(|(_, entry)| u32::from(entry.seats)).sum()
        };
        let attended = seats(|stage| stage == Stage::Attended);
        let absent = seats(|stage| matches!(stage, Stage::Confirmed | Stage::NoShow));
        self.push(Did::Completed { attended, absent });
        Ok(())
    }

    fn create_discount(&mut self, discount: Discount) -> Result<(), Rejection> {
        self.expect_going()?;
        let discount = Discount { code: Discount::folded(&discount.code), ..discount };
        let mut flaws = discount.flaws(self.run.plan.currency);
        if self.run.codes.len() >= CODES {
            flaws.push(Flaw::new("code", &format!("at most {CODES} codes of a run")));
        }
        if !flaws.is_empty() {
            return Err(Rejection::Flawed(flaws));
        }
        if !discount.tickets.iter().all(|ticket| self.run.plan.ticket(ticket).is_some()) {
            return Err(Rejection::TicketNotFound);
        }
        match self.run.codes.get(&discount.code) {
            Some(known) if *known == discount => return Ok(()),
            Some(_) => return Err(Rejection::CodeTaken),
            None => {}
        }
        self.push(Did::DiscountCreated { discount });
        Ok(())
    }

    fn revoke_discount(&mut self, code: &str) -> Result<(), Rejection> {
        let code = Discount::folded(code);
        if !self.run.codes.contains_key(&code) {
            return Err(Rejection::CodeInvalid);
        }
        self.push(Did::DiscountRevoked { code });
        Ok(())
    }

    /// A later invitation to an address stands in place of an earlier one.
    fn invite(&mut self, invitation: Invitation) -> Result<(), Rejection> {
        self.expect_going()?;
        if invitation.ticket.as_ref().is_some_and(|ticket| self.run.plan.ticket(ticket).is_none()) {
            return Err(Rejection::TicketNotFound);
        }
        if invitation.until.is_some_and(|until| until <= self.now) {
            return Err(Flaw::new("until", "a time to come").into());
        }
        if self.run.registration(invitation.registration).is_some() {
            return Err(Rejection::RegistrationTaken);
        }
        match self.run.invitation(&invitation.address) {
            Some(known) if *known == invitation => return Ok(()),
            None if self.run.invitations.len() >= INVITATIONS => {
                return Err(Flaw::new("email", &format!("at most {INVITATIONS} invitations to a run")).into());
            }
            _ => {}
        }
        self.push(Did::InvitationIssued { invitation });
        Ok(())
    }

    pub(super) fn withdraw_invitation(&mut self, address: Digest) -> Result<(), Rejection> {
        let invitation = self.run.invitation(&address).ok_or(Rejection::InvitationNotFound)?;
        let registration = invitation.is_good(self.now).then_some(invitation.registration);
        self.push(Did::InvitationWithdrawn { address, registration });
        Ok(())
    }
}

/// Whether a code can be used in a currency.
fn is_of(code: &Discount, currency: Currency) -> bool {
    match code.reduction {
        Reduction::Amount(off) => off.currency == currency,
        Reduction::None | Reduction::Share(_) => true,
    }
}
