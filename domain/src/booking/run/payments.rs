//! Money that comes in and goes back. It is tracked, not moved: what came in is never denied, whatever has become of the registration.

use super::{
    super::{BookingRejection as Rejection, Flaw},
    PaymentReport, PaymentStatus, RefundReason, RunEvent as Did, Stage,
    places::Play,
};
use crate::kernel::{Money, MoneyError, PaymentId, RegistrationId};

impl Play {
    pub(super) fn report(&mut self, report: PaymentReport) -> Result<(), Rejection> {
        let PaymentReport { registration, payment, status, amount } = report;
        self.expect_amount(amount)?;
        let entry = self.entry(registration)?;
        let known = entry.payments.get(&payment);
        if known.is_some_and(|known| known.amount != amount.amount) {
            return Err(Rejection::PaymentDiffers);
        }
        if !is_news(known.map(|known| known.status), status) {
            return Ok(());
        }
        let is_paid = status == PaymentStatus::Succeeded;
        let kept = self.money(entry.kept() + if is_paid { amount.amount } else { 0 });
        self.push(Did::PaymentReported { registration, payment, status, amount, kept });
        if is_paid { self.paid(registration) } else { Ok(()) }
    }

    /// Money has come in: it pays for the place, where there is one to pay for, or is owed.
    fn paid(&mut self, registration: RegistrationId) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        let is_enough = entry.due() == 0;
        let keeps_place = match entry.stage {
            Stage::AwaitingPayment { .. } => {
                if is_enough {
                    self.confirm(registration);
                }
                true
            }
            // It came late: the place is there, or it is not, and this is where that is decided.
            Stage::Expired => {
                let others = entry.person.keys().any(|key| self.run.people.contains_key(&key));
                let may_have = is_enough && !others && self.gives_places() && self.fits(&entry.ticket, entry.seats);
                if may_have {
                    self.confirm(registration);
                }
                may_have
            }
            stage => stage.is_live(),
        };
        if keeps_place {
            let entry = self.entry(registration)?;
            let excess = entry.kept() - entry.owed - entry.quote.total.amount;
            self.owe(registration, RefundReason::PaidTooMuch, excess);
        } else {
            self.owe(registration, RefundReason::CameTooLate, i64::MAX);
        }
        Ok(())
    }

    pub(super) fn refund(&mut self, registration: RegistrationId, payment: PaymentId, amount: Money) -> Result<(), Rejection> {
        self.expect_amount(amount)?;
        let entry = self.entry(registration)?;
        let paid = entry.payments.get(&payment).filter(|paid| paid.status == PaymentStatus::Succeeded);
        let paid = paid.ok_or(Rejection::PaymentNotFound)?;
        let most = paid.amount - paid.refunded;
        if amount.amount > most {
            return Err(Rejection::RefundTooLarge { most: self.money(most) });
        }
        let kept = self.money(entry.kept() - amount.amount);
        let owed = self.money((entry.owed - amount.amount).max(0));
        self.push(Did::RefundRecorded { registration, payment, amount, kept, owed });
        Ok(())
    }

    fn expect_amount(&self, amount: Money) -> Result<(), Rejection> {
        if amount.currency != self.run.plan.currency {
            return Err(MoneyError::CurrenciesMixed.into());
        }
        if amount.amount <= 0 {
            return Err(Rejection::Flawed(vec![Flaw { at: "amount".to_owned(), expected: "more than nothing".to_owned() }]));
        }
        Ok(())
    }
}

/// Whether something becomes known by it. That a payment succeeded stays; one that failed may yet succeed, as providers have it.
const fn is_news(known: Option<PaymentStatus>, status: PaymentStatus) -> bool {
    use PaymentStatus::{Failed, Pending, Succeeded, Unknown};
    match (known, status) {
        (None, _) | (Some(Pending | Unknown | Failed), Succeeded) | (Some(Pending | Unknown), Failed) => true,
        (Some(Pending), Unknown) | (Some(Unknown), Pending) => true,
        (Some(Succeeded), _) | (Some(Pending), Pending) | (Some(Unknown), Unknown) | (Some(Failed), Failed | Pending | Unknown) => false,
    }
}
