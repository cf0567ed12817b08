//! Decides on commands. What was held for too long is let go of first, and what is free is offered last, so that no place is idle while
//! somebody who fits waits, whether a timer came by or not.

use std::sync::Arc;

use super::{
    super::{BookingRejection as Rejection, Discount, Flaw, Plan},
    By, Life, RefundReason, Run, RunCommand as Do, RunEvent as Did, Stage,
    places::Play,
};
use crate::kernel::Timestamp;

/// Codes of a run.
const CODES: usize = 500;

pub(super) fn decide(run: &Run, command: Do, now: Timestamp) -> Result<Vec<Did>, Rejection> {
    match (run, command) {
        (Run::Absent, Do::Schedule { organiser, plan }) => {
            sound(&plan)?;
            Ok(vec![Did::Scheduled { organiser, plan }])
        }
        (Run::Absent, _) => Err(Rejection::NotFound),
        (Run::Scheduled(scheduled), command) => {
            let mut play = Play::new(scheduled, now);
            play.lapse();
            play.settle();
            play.decide(command)?;
            play.settle();
            Ok(play.events)
        }
    }
}

fn sound(plan: &Plan) -> Result<(), Rejection> {
    let flaws = plan.flaws();
    if flaws.is_empty() { Ok(()) } else { Err(Rejection::Flawed(flaws)) }
}

impl Play {
    fn decide(&mut self, command: Do) -> Result<(), Rejection> {
        match command {
            Do::Schedule { .. } => Err(self.wrong_state()),
            Do::Revise { by, plan } => self.revise(by, plan),
            Do::Publish { by } => self.publish(by),
            Do::Reschedule { by, starts_at, ends_at, closes_at } => self.reschedule(by, starts_at, ends_at, closes_at),
            Do::Cancel { by, reason } => self.call_off(by, &reason),
            Do::Complete { by } => self.complete(by),
            Do::CreateDiscount { by, discount } => self.create_discount(by, discount),
            Do::RevokeDiscount { by, code } => {
                self.expect_organiser(by)?;
                let code = Discount::folded(&code);
                if !self.run.codes.contains_key(&code) {
                    return Err(Rejection::CodeInvalid);
                }
                self.push(Did::DiscountRevoked { code });
                Ok(())
            }
            Do::Request(application) => self.register(*application),
            Do::Approve { by, .. }
            | Do::WithdrawApproval { by, .. }
            | Do::Reject { by, .. }
            | Do::Reinstate { by, .. }
            | Do::CancelRegistration { by, .. }
            | Do::CheckIn { by, .. }
            | Do::UndoCheckIn { by, .. }
            | Do::RecordNoShow { by, .. }
            | Do::UndoNoShow { by, .. } => self.manage(by, command),
            Do::Withdraw { by, registration } => self.withdraw(by, registration),
            Do::Transfer { by, registration, person, name, email } => self.transfer(by, registration, (person, name, email)),
            Do::AcceptOffer { by, registration } => self.answer_offer(by, registration, true),
            Do::DeclineOffer { by, registration } => self.answer_offer(by, registration, false),
            Do::ReportPayment(report) => self.report(report),
            Do::RecordRefund { by, registration, payment, amount } => {
                self.expect_organiser(by)?;
                self.refund(registration, payment, amount)
            }
            Do::Lapse => Ok(()),
        }
    }

    fn wrong_state(&self) -> Rejection {
        Rejection::WrongState { state: self.run.life.name().to_owned() }
    }

    fn expect_going(&self, by: By) -> Result<(), Rejection> {
        self.expect_organiser(by)?;
        match self.run.life {
            Life::Draft | Life::Published => Ok(()),
            Life::Cancelled | Life::Completed => Err(self.wrong_state()),
        }
    }

    fn revise(&mut self, by: By, plan: Box<Plan>) -> Result<(), Rejection> {
        self.expect_going(by)?;
        sound(&plan)?;
        if *self.run.plan == *plan {
            return Ok(());
        }
        let is_moved = (plan.starts_at, plan.ends_at) != (self.run.plan.starts_at, self.run.plan.ends_at);
        if self.run.life == Life::Published && is_moved {
            let expected = "the time that was published; rescheduling moves it".to_owned();
            return Err(Rejection::Flawed(vec![Flaw { at: "startsAt".to_owned(), expected }]));
        }
        if plan.capacity < self.run.taken {
            return Err(Rejection::CapacityBelowTaken { taken: self.run.taken });
        }
        for (key, taken) in &self.run.taken_of {
            let waits = self.run.lines.get(key).is_some_and(|line| !line.is_empty());
            match plan.ticket(key) {
                Some(ticket) if ticket.quota.is_some_and(|quota| quota < *taken) => {
                    return Err(Rejection::QuotaBelowTaken { ticket: key.clone(), taken: *taken });
                }
                None if *taken > 0 || waits => return Err(Rejection::SoldAlready),
                Some(_) | None => {}
            }
        }
        if self.run.count > 0 && plan.currency != self.run.plan.currency {
            return Err(Rejection::SoldAlready);
        }
        self.push(Did::Revised { plan });
        Ok(())
    }

    fn publish(&mut self, by: By) -> Result<(), Rejection> {
        self.expect_going(by)?;
        if self.run.life == Life::Published {
            return Ok(());
        }
        self.expect_ahead(self.run.plan.starts_at)?;
        self.push(Did::Published {});
        Ok(())
    }

    fn reschedule(&mut self, by: By, starts_at: Timestamp, ends_at: Timestamp, closes_at: Option<Timestamp>) -> Result<(), Rejection> {
        self.expect_going(by)?;
        let before = Arc::clone(&self.run.plan);
        if (starts_at, ends_at, closes_at) == (before.starts_at, before.ends_at, before.closes_at) {
            return Ok(());
        }
        self.expect_ahead(starts_at)?;
        sound(&Plan { starts_at, ends_at, closes_at, ..Plan::clone(&before) })?;
        self.push(Did::Rescheduled { starts_at, ends_at, closes_at, from: before.starts_at });
        // Nothing is held beyond the start.
        let beyond: Vec<_> = self.run.held.iter().filter(|(until, _)| *until > starts_at).map(|(_, registration)| *registration).collect();
        for registration in beyond {
            let entry = self.entry(registration)?;
            let (left, waiting) = self.after(registration, entry.stage);
            let due = self.money(entry.due());
            self.push(match entry.stage {
                Stage::Offered { .. } => Did::PlaceOffered { registration, until: starts_at, left, waiting },
                _ => Did::PaymentAwaited { registration, due, until: starts_at, left },
            });
        }
        Ok(())
    }

    fn expect_ahead(&self, starts_at: Timestamp) -> Result<(), Rejection> {
        if starts_at > self.now {
            return Ok(());
        }
        Err(Rejection::Flawed(vec![Flaw { at: "startsAt".to_owned(), expected: "a time to come".to_owned() }]))
    }

    fn call_off(&mut self, by: By, reason: &str) -> Result<(), Rejection> {
        self.expect_organiser(by)?;
        match self.run.life {
            Life::Cancelled => return Ok(()),
            Life::Completed => return Err(self.wrong_state()),
            Life::Draft | Life::Published => {}
        }
        self.push(Did::Cancelled { reason: reason.to_owned() });
        for (registration, stage) in self.everybody() {
            if matches!(stage, Stage::Attended | Stage::NoShow) {
                self.owe(registration, RefundReason::RunCancelled, i64::MAX);
            } else {
                self.cancel(registration, reason.to_owned(), RefundReason::RunCancelled)?;
            }
        }
        Ok(())
    }

    fn complete(&mut self, by: By) -> Result<(), Rejection> {
        self.expect_organiser(by)?;
        match self.run.life {
            Life::Completed => return Ok(()),
            Life::Draft | Life::Cancelled => return Err(self.wrong_state()),
            Life::Published if self.now < self.run.plan.ends_at => return Err(Rejection::NotEnded),
            Life::Published => {}
        }
        let (mut attended, mut absent) = (0, 0);
        for (registration, stage) in self.everybody() {
            match stage {
                Stage::Attended => attended += 1,
                Stage::NoShow => absent += 1,
                Stage::Confirmed => {
                    absent += 1;
                    self.push(Did::NoShowRecorded { registration });
                }
                _ => {
                    let (left, waiting) = self.after(registration, Stage::Expired);
                    self.push(Did::RegistrationExpired { registration, left, waiting });
                    self.owe(registration, RefundReason::CameTooLate, i64::MAX);
                }
            }
        }
        self.push(Did::Completed { attended, absent });
        Ok(())
    }

    fn create_discount(&mut self, by: By, discount: Discount) -> Result<(), Rejection> {
        self.expect_going(by)?;
        let discount = Discount { code: Discount::folded(&discount.code), ..discount };
        let mut flaws = discount.flaws(self.run.plan.currency);
        if self.run.codes.len() >= CODES {
            flaws.push(Flaw { at: "code".to_owned(), expected: format!("at most {CODES} codes of a run") });
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
}
