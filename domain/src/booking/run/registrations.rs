//! What becomes of registrations.

use chrono::TimeDelta;

use super::{
    super::{Admission, BookingRejection as Rejection},
    Caller, Entry, Life, RefundReason, RunCommand as Do, RunEvent as Did, Stage,
    decide::reason,
    places::Play,
};
use crate::kernel::{AccountId, RegistrationId};

/// So long before the start people are checked in: who comes the evening before is.
const CHECK_IN: TimeDelta = TimeDelta::days(1);
/// All of something, in hundredths of a percent.
pub(super) const WHOLE: u16 = 10_000;

impl Play {
    /// What the organiser does about a registration.
    pub(super) fn manage(&mut self, command: Do) -> Result<(), Rejection> {
        match command {
            Do::Approve { registration, .. } => self.approve(registration),
            Do::WithdrawApproval { registration, .. } => self.withdraw_approval(registration),
            Do::Reject { registration, reason, .. } => self.reject(registration, &reason),
            Do::Reinstate { registration, .. } => self.reinstate(registration),
            Do::Prioritise { registration, priority, .. } => self.prioritise(registration, priority),
            Do::CancelRegistration { registration, reason, .. } => self.cancel(registration, &reason),
            Do::CheckIn { registration, .. } => self.check_in(registration),
            Do::UndoCheckIn { registration, .. } => self.step(registration, Stage::Attended, Did::CheckInUndone { registration }),
            Do::RecordNoShow { registration, .. } if self.now < self.run.plan.starts_at => Err(wrong(self.entry(registration)?)),
            Do::RecordNoShow { registration, .. } => self.step(registration, Stage::Confirmed, Did::NoShowRecorded { registration }),
            Do::UndoNoShow { registration, .. } => self.step(registration, Stage::NoShow, Did::NoShowUndone { registration }),
            Do::UndoPayment { registration, payment, reason, .. } => self.undo_payment(registration, payment, &reason),
            Do::UndoRefund { registration, refund, reason, .. } => self.undo_refund(registration, refund, &reason),
            _ => Ok(()),
        }
    }

    /// Not weeks ahead: whoever is let in at the door of another run would count as having been at this one.
    fn check_in(&mut self, registration: RegistrationId) -> Result<(), Rejection> {
        let from = self.run.plan.starts_at - CHECK_IN;
        if self.entry(registration)?.stage == Stage::Confirmed && self.now < from {
            return Err(Rejection::CheckInTooEarly { from });
        }
        self.step(registration, Stage::Confirmed, Did::CheckedIn { registration, at: self.now })
    }

    /// In a run that is over, who did not come is a no show: taking that back says that they did.
    fn step(&mut self, registration: RegistrationId, from: Stage, event: Did) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        let is_over = self.run.life == Life::Completed;
        match (entry.stage, &event) {
            (Stage::NoShow, Did::CheckedIn { .. }) if is_over => {}
            (Stage::Attended, Did::CheckInUndone { .. }) if is_over => {
                self.push(event);
                self.push(Did::NoShowRecorded { registration });
                return Ok(());
            }
            (Stage::NoShow, Did::NoShowUndone { .. }) if is_over => {
                self.push(event);
                self.push(Did::CheckedIn { registration, at: self.now });
                return Ok(());
            }
            (stage, _) if stage != from => return Err(wrong(entry)),
            _ => {}
        }
        self.push(event);
        Ok(())
    }

    fn approve(&mut self, registration: RegistrationId) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        match entry.stage {
            Stage::PendingApproval { holds_place } => {
                let is_theirs = holds_place || self.run.is_free_for(&entry.ticket, entry.seats);
                // Once the run has begun, nobody pays for a place any more, or waits for one.
                if !self.gives_places() && (entry.due() > 0 || !is_theirs) {
                    return Err(Rejection::NotOpen);
                }
                self.push(Did::RegistrationApproved { registration });
                if holds_place { self.seat(registration) } else { self.admit(registration, true) }
            }
            stage if entry.approved && stage.is_live() => Ok(()),
            Stage::Waitlisted | Stage::Offered { .. } if self.run.plan.admission != Admission::Automatic => {
                self.push(Did::RegistrationApproved { registration });
                Ok(())
            }
            _ => Err(wrong(entry)),
        }
    }

    fn withdraw_approval(&mut self, registration: RegistrationId) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        let Admission::Approval { holds_place } = self.run.plan.admission else { return Err(wrong(entry)) };
        if !entry.approved || entry.kept() > 0 {
            return Err(wrong(entry));
        }
        match entry.stage {
            // They stay in line; once they have a place, it is up to the organiser again.
            Stage::Waitlisted | Stage::Offered { .. } if holds_place => self.push(Did::ApprovalWithdrawn { registration }),
            Stage::Waitlisted | Stage::Offered { .. } | Stage::AwaitingPayment { .. } | Stage::Confirmed => {
                self.push(Did::ApprovalWithdrawn { registration });
                self.await_approval(registration, holds_place);
            }
            _ => return Err(wrong(entry)),
        }
        Ok(())
    }

    fn reject(&mut self, registration: RegistrationId, why: &str) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        match entry.stage {
            Stage::PendingApproval { .. } | Stage::Waitlisted => {}
            Stage::Rejected => return Ok(()),
            _ => return Err(wrong(entry)),
        }
        let reason = reason(why)?;
        let (left, waiting) = self.after(registration, Stage::Rejected);
        self.push(Did::RegistrationRejected { registration, reason, left, waiting });
        self.owe(registration, RefundReason::Rejected, i64::MAX);
        Ok(())
    }

    fn reinstate(&mut self, registration: RegistrationId) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        if entry.stage.is_live() || !self.gives_places() {
            return Err(wrong(entry));
        }
        if self.run.plan.ticket(&entry.ticket).is_none() {
            return Err(Rejection::TicketNotFound);
        }
        self.expect_code(entry)?;
        self.expect_nobody(&entry.person, registration)?;
        self.push(Did::RegistrationReinstated { registration, number: self.run.count + 1 });
        self.admit(registration, true)
    }

    fn prioritise(&mut self, registration: RegistrationId, priority: u8) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        if !entry.stage.is_live() || entry.stage.is_past() {
            return Err(wrong(entry));
        }
        if entry.priority != priority {
            self.push(Did::RegistrationPrioritised { registration, priority });
        }
        Ok(())
    }

    fn cancel(&mut self, registration: RegistrationId, why: &str) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        match entry.stage {
            Stage::Cancelled => return Ok(()),
            stage if !stage.is_live() || stage.is_past() => return Err(wrong(entry)),
            _ => {}
        }
        let reason = reason(why)?;
        self.cancel_for(registration, reason, RefundReason::CancelledByOrganiser);
        Ok(())
    }

    pub(super) fn withdraw(&mut self, by: &Caller, registration: RegistrationId) -> Result<(), Rejection> {
        let entry = self.theirs(by, registration)?;
        let stage = entry.stage;
        match stage {
            Stage::Withdrawn => Ok(()),
            _ if !stage.is_live() || stage.is_past() || !self.gives_places() => Err(wrong(entry)),
            _ => self.leave(registration),
        }
    }

    /// What is theirs goes to who waits, and what they paid back to them by the run's policy.
    pub(super) fn leave(&mut self, registration: RegistrationId) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        // Who never had a place of their own loses nothing, and neither does who had one at another time. Who was confirmed had one, also
        // where somebody else comes instead, who is yet to be approved.
        let keeps_terms = entry.confirmed && entry.number > self.run.moved_for;
        let share = if keeps_terms { self.run.plan.refund_share(self.now) } else { WHOLE };
        let back = self.money(entry.kept() - entry.owed).share(share.into(), WHOLE.into());
        let (left, waiting) = self.after(registration, Stage::Withdrawn);
        self.push(Did::RegistrationWithdrawn { registration, left, waiting });
        self.owe(registration, RefundReason::Withdrawn, back.amount);
        Ok(())
    }

    /// What an account has that is erased would be idle: nobody is left who could come, or give it up. Who has come already has.
    pub(super) fn give_up(&mut self, account: AccountId) -> Result<(), Rejection> {
        let Some(registration) = self.run.registration_of(account) else { return Ok(()) };
        if self.entry(registration)?.stage.is_past() || !self.gives_places() {
            return Ok(());
        }
        self.withdraw(&Caller::Account(account), registration)
    }

    pub(super) fn leave_waitlist(&mut self, by: &Caller, registration: RegistrationId) -> Result<(), Rejection> {
        let entry = self.theirs(by, registration)?;
        match entry.stage {
            Stage::Waitlisted | Stage::Withdrawn => self.withdraw(by, registration),
            _ => Err(wrong(entry)),
        }
    }

    pub(super) fn answer_offer(&mut self, by: &Caller, registration: RegistrationId, accepts: bool) -> Result<(), Rejection> {
        let entry = self.theirs(by, registration)?;
        if !matches!(entry.stage, Stage::Offered { .. }) {
            return Err(wrong(entry));
        }
        if accepts {
            return self.seat(registration);
        }
        let (left, _) = self.after(registration, Stage::Withdrawn);
        self.push(Did::OfferDeclined { registration, left });
        self.owe(registration, RefundReason::Withdrawn, i64::MAX);
        Ok(())
    }
}

pub(super) fn wrong(entry: &Entry) -> Rejection {
    Rejection::WrongStage { stage: entry.stage.name().to_owned() }
}
