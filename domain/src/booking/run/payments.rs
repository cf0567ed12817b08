//! Money that comes in. It is tracked, not moved: what came in is never denied, whatever has become of the registration.

use super::{
    super::{BookingRejection as Rejection, Flaw},
    Caller, Payment, PaymentReport, PaymentStatus, RefundReason, RunEvent as Did, Stage, Teller,
    decide::reason,
    places::Play,
    registrations::wrong,
};
use crate::kernel::{Money, MoneyError, PaymentId, RegistrationId};

/// The most that is paid at once, in minor units.
const MOST: i64 = 1_000_000_000_000;
/// The most payments of a registration, and refunds of a payment.
const OFTEN: usize = 1000;

impl Play {
    pub(super) fn open_payment(&mut self, by: &Caller, registration: RegistrationId, payment: PaymentId) -> Result<(), Rejection> {
        let entry = self.theirs(by, registration)?;
        let due = entry.payable();
        // Who has the place pays to whoever runs the run, who records it.
        let has_to_pay = due > 0 && matches!(entry.stage, Stage::AwaitingPayment { .. });
        if !has_to_pay {
            return Err(Rejection::NothingDue);
        }
        if entry.open_payment().is_some() {
            return Ok(());
        }
        if entry.payments.contains_key(&payment) {
            return Err(Rejection::PaymentDiffers);
        }
        expect_few(entry.payments.len())?;
        let (amount, kept) = (self.money(due), self.money(entry.kept()));
        let status = PaymentStatus::Pending;
        self.push(Did::PaymentReported { registration, payment, status, amount, kept, by_hand: false });
        Ok(())
    }

    pub(super) fn report(&mut self, report: PaymentReport) -> Result<(), Rejection> {
        let PaymentReport { by, registration, payment, status, amount } = report;
        self.expect_teller(by)?;
        self.expect_amount(amount)?;
        let entry = self.entry(registration)?;
        let known = entry.payments.get(&payment);
        if known.is_some_and(|known| known.amount != amount.amount) {
            return Err(Rejection::PaymentDiffers);
        }
        let is_paid = status == PaymentStatus::Succeeded;
        let by_hand = is_paid && matches!(by, Teller::Staff(_));
        if !is_news(known.map(|known| known.status), status) {
            // Who moves the money has it: from now on nobody takes back that it came in.
            let is_vouched_for = is_paid && !by_hand && known.is_some_and(Payment::came_by_hand);
            if is_vouched_for {
                self.push(Did::PaymentVouchedFor { registration, payment });
            }
            return Ok(());
        }
        if known.is_none() {
            expect_few(entry.payments.len())?;
            // A transfer pays for one place, whoever copied its id.
            if self.run.registrations().any(|(_, other)| other.payments.contains_key(&payment)) {
                return Err(Rejection::PaymentDiffers);
            }
        }
        let kept = self.money(entry.kept() + if is_paid { amount.amount } else { 0 });
        self.push(Did::PaymentReported { registration, payment, status, amount, kept, by_hand });
        if is_paid { self.paid(registration, amount.amount) } else { Ok(()) }
    }

    /// A payment that was recorded by hand never came in. Whoever was confirmed by it has to pay for the place, which is held for them
    /// meanwhile; once the run has begun nobody loses theirs, and what is due stays due.
    pub(super) fn undo_payment(&mut self, registration: RegistrationId, payment: PaymentId, why: &str) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        let known = entry.payments.get(&payment).ok_or(Rejection::PaymentNotFound)?;
        match known.status {
            PaymentStatus::Undone => return Err(Rejection::PaymentUndone),
            PaymentStatus::Succeeded if known.refunded() > 0 => return Err(Rejection::PaymentRefunded),
            PaymentStatus::Succeeded if !known.by_hand => return Err(Rejection::PaymentByProvider),
            PaymentStatus::Succeeded => {}
            PaymentStatus::Pending | PaymentStatus::Unknown | PaymentStatus::Failed => return Err(Rejection::PaymentNotFound),
        }
        let (stage, amount) = (entry.stage, known.amount);
        // What was to be given back of it is not: it is taken from that first.
        let (kept, owed) = (entry.kept() - amount, (entry.owed - amount).max(0));
        let due = (entry.quote.total.amount - kept + owed - entry.forgiven).max(0);
        let has_to_pay = due > 0 && self.gives_places();
        if has_to_pay && stage.is_past() {
            // Whoever was let in ahead is to be confirmed again before they have to pay.
            return Err(wrong(entry));
        }
        let reason = reason(why)?;
        let (amount, kept, owed) = (self.money(amount), self.money(kept), self.money(owed));
        self.push(Did::PaymentUndone { registration, payment, amount, reason, kept, owed });
        if has_to_pay && stage == Stage::Confirmed {
            self.await_payment(registration, due);
        }
        Ok(())
    }

    /// Money has come in: it pays for the place, where there is one to pay for, or is owed.
    fn paid(&mut self, registration: RegistrationId, amount: i64) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        let is_enough = entry.due() == 0;
        let counts = match entry.stage {
            // It came late: the place is there, or it is not, and this is where that is decided.
            Stage::Expired => {
                let may_be = self.expect_nobody(&entry.person, registration).is_ok() && self.expect_code(entry).is_ok();
                let is_there = self.gives_places() && self.run.is_free_for(&entry.ticket, entry.seats);
                if is_enough && may_be && is_there {
                    self.seat(registration)?;
                }
                is_enough && may_be && is_there
            }
            stage => stage.is_live(),
        };
        if counts {
            return self.count_in(registration);
        }
        // What was kept before, as by the run's policy, stays.
        self.owe(registration, RefundReason::CameTooLate, amount);
        Ok(())
    }

    /// What is kept pays for the place that is held until it is paid for, and what is too much is owed.
    pub(super) fn count_in(&mut self, registration: RegistrationId) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        if matches!(entry.stage, Stage::AwaitingPayment { .. }) && entry.due() == 0 {
            self.confirm(registration);
        }
        let entry = self.entry(registration)?;
        let excess = entry.kept() - entry.owed - entry.quote.total.amount;
        self.owe(registration, RefundReason::PaidTooMuch, excess);
        Ok(())
    }

    pub(super) fn expect_teller(&self, by: Teller) -> Result<(), Rejection> {
        match by {
            Teller::Provider => Ok(()),
            Teller::Staff(by) => self.expect_staff(by),
        }
    }

    pub(super) fn expect_amount(&self, amount: Money) -> Result<(), Rejection> {
        if amount.currency != self.run.plan.currency {
            return Err(MoneyError::CurrenciesMixed.into());
        }
        if !(1..=MOST).contains(&amount.amount) {
            return Err(Flaw::new("amount", &format!("more than nothing, and {MOST} minor units at most")).into());
        }
        Ok(())
    }
}

pub(super) fn expect_few(count: usize) -> Result<(), Rejection> {
    if count < OFTEN { Ok(()) } else { Err(Flaw::new("paymentId", &format!("at most {OFTEN} of a registration")).into()) }
}

/// Whether something becomes known by it. That a payment succeeded stays; one that failed may yet succeed, as providers have it, and
/// so may one that was taken back.
const fn is_news(known: Option<PaymentStatus>, status: PaymentStatus) -> bool {
    use PaymentStatus::{Failed, Pending, Succeeded, Undone, Unknown};
    match (known, status) {
        (None, _)
        | (Some(Pending | Unknown | Failed | Undone), Succeeded)
        | (Some(Pending | Unknown), Failed)
        | (Some(Pending), Unknown) => true,
        // That it is pending is known from the start, and says less than that nobody knows.
        (Some(_), _) => false,
    }
}
