//! Decides on commands. What is due is done first, and what has become free is offered last, so that no place is idle while somebody who
//! fits waits, whether a timer came by or not.

use super::{
    super::{BookingRejection as Rejection, Flaw, Plan},
    By, Life, Run, RunCommand as Do, RunEvent as Did,
    places::Play,
};
use crate::kernel::Timestamp;

pub(super) fn decide(run: &Run, command: Do, now: Timestamp) -> Result<Vec<Did>, Rejection> {
    match (run, command) {
        (Run::Absent, Do::Schedule { organiser, series, plan }) => {
            sound(&plan)?;
            ends_ahead(&plan, now)?;
            Ok(vec![Did::Scheduled { organiser, series, plan }])
        }
        (Run::Absent, _) => Err(Rejection::NotFound),
        (Run::Scheduled(scheduled), command) => {
            let mut play = Play::new(scheduled, now);
            play.tidy();
            play.decide(command)?;
            play.tidy();
            Ok(play.events)
        }
    }
}

pub(super) fn sound(plan: &Plan) -> Result<(), Rejection> {
    let flaws = plan.flaws();
    if flaws.is_empty() { Ok(()) } else { Err(Rejection::Flawed(flaws)) }
}

/// Nobody puts on what is over already: it would not count as one of the runs that their plan allows.
pub(super) fn ends_ahead(plan: &Plan, now: Timestamp) -> Result<(), Rejection> {
    if plan.ends_at > now { Ok(()) } else { Err(Flaw::new("endsAt", "a time to come").into()) }
}

/// A reason that is given to people.
pub(super) fn reason(text: &str) -> Result<String, Rejection> {
    let text = text.trim();
    if text.chars().count() <= 500 { Ok(text.to_owned()) } else { Err(Flaw::new("reason", "500 characters at most").into()) }
}

impl Play {
    fn decide(&mut self, command: Do) -> Result<(), Rejection> {
        match command {
            Do::Schedule { .. } => Err(self.wrong_state()),
            Do::Revise { by, .. }
            | Do::Publish { by }
            | Do::Reschedule { by, .. }
            | Do::Cancel { by, .. }
            | Do::Complete { by }
            | Do::CreateDiscount { by, .. }
            | Do::RevokeDiscount { by, .. }
            | Do::Invite { by, .. }
            | Do::WithdrawInvitation { by, .. } => self.expect_organiser(by).and_then(|()| self.organise(command)),
            Do::Approve { by, .. }
            | Do::WithdrawApproval { by, .. }
            | Do::Reject { by, .. }
            | Do::Reinstate { by, .. }
            | Do::Prioritise { by, .. }
            | Do::CancelRegistration { by, .. }
            | Do::CheckIn { by, .. }
            | Do::UndoCheckIn { by, .. }
            | Do::RecordNoShow { by, .. }
            | Do::UndoNoShow { by, .. }
            | Do::UndoPayment { by, .. }
            | Do::UndoRefund { by, .. } => self.expect_staff(by).and_then(|()| self.manage(command)),
            Do::Request(application) => self.register(*application),
            Do::Withdraw { by, registration } => self.withdraw(&by, registration),
            Do::LeaveWaitlist { by, registration } => self.leave_waitlist(&by, registration),
            Do::GiveUp { account } => self.give_up(account),
            Do::Forget { registration, address, has_it, over_by } => self.forget(registration, address.as_ref(), has_it, over_by),
            Do::Transfer { by, registration, to } => self.transfer(&by, registration, &to),
            Do::AcceptOffer { by, registration } => self.answer_offer(&by, registration, true),
            Do::DeclineOffer { by, registration } => self.answer_offer(&by, registration, false),
            Do::BeginSession { account, address, session, ahead } => self.begin_session(account, address.as_ref(), session, ahead),
            Do::OpenPayment { by, registration, payment } => self.open_payment(&by, registration, payment),
            Do::ReportPayment(report) => self.report(report),
            Do::ReportRefund(report) => self.refund(report),
            Do::Settle => Ok(()),
        }
    }

    pub(super) fn wrong_state(&self) -> Rejection {
        Rejection::WrongState { state: self.run.life.name().to_owned() }
    }

    pub(super) fn expect_going(&self) -> Result<(), Rejection> {
        match self.run.life {
            Life::Draft | Life::Published => Ok(()),
            Life::Cancelled | Life::Completed => Err(self.wrong_state()),
        }
    }

    pub(super) fn expect_organiser(&self, by: By) -> Result<(), Rejection> {
        match by {
            By::Organiser(organiser) if organiser != self.run.organiser => Err(Rejection::NotFound),
            By::Organiser(_) | By::Manager => Ok(()),
        }
    }

    /// The same of who asks about a registration: whose run it is not does not learn whether there is one.
    pub(super) fn expect_staff(&self, by: By) -> Result<(), Rejection> {
        self.expect_organiser(by).map_err(|_| Rejection::RegistrationNotFound)
    }
}
