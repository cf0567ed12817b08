//! Money that goes back. It is tracked, not moved, as what comes in.

use super::{
    super::BookingRejection as Rejection, PaymentStatus, RefundReason, RefundReport, RefundStatus, RunEvent as Did, Stage, Teller,
    decide::reason, payments::expect_few, places::Play,
};
use crate::kernel::{RefundId, RegistrationId};

impl Play {
    /// What whoever moves money tells of one that was recorded by hand, of the same payment and amount, is the same: it went back once.
    pub(super) fn refund(&mut self, report: RefundReport) -> Result<(), Rejection> {
        let RefundReport { by, registration, payment, refund, amount } = report;
        self.expect_teller(by)?;
        self.expect_amount(amount)?;
        let entry = self.entry(registration)?;
        let by_hand = matches!(by, Teller::Staff(_));
        let known = entry.refund(refund);
        if let Some((of, _, known)) = known
            && (of, known.amount) != (payment, amount.amount)
        {
            return Err(Rejection::PaymentDiffers);
        }
        let paid = entry.payments.get(&payment).filter(|paid| paid.status == PaymentStatus::Succeeded);
        let paid = paid.ok_or(Rejection::PaymentNotFound)?;
        let standing = known.filter(|(.., known)| known.stands()).map(|(_, id, known)| (id, known.status));
        let recorded = standing.or_else(|| {
            let same = paid.refunds.iter().find(|(_, known)| known.status == RefundStatus::ByHand && known.amount == amount.amount);
            same.filter(|_| !by_hand).map(|(id, known)| (*id, known.status))
        });
        if let Some((recorded, status)) = recorded {
            if !by_hand && status == RefundStatus::ByHand {
                self.push(Did::RefundVouchedFor { registration, payment, refund: recorded, told_as: refund });
            }
            return Ok(());
        }
        expect_few(paid.refunds.len())?;
        if amount.amount > paid.kept() {
            return Err(Rejection::RefundTooLarge { most: self.money(paid.kept()) });
        }
        let kept = self.money(entry.kept() - amount.amount);
        let owed = self.money((entry.owed - amount.amount).max(0));
        self.push(Did::RefundRecorded { registration, payment, refund, amount, kept, owed, by_hand });
        Ok(())
    }

    /// A refund that was recorded by hand never went back. What it settled is owed again, and it pays for a place that is held until it is
    /// paid for.
    pub(super) fn undo_refund(&mut self, registration: RegistrationId, refund: RefundId, why: &str) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        let (payment, refund, known) = entry.refund(refund).ok_or(Rejection::RefundNotFound)?;
        match known.status {
            RefundStatus::Undone => return Err(Rejection::RefundUndone),
            RefundStatus::Told => return Err(Rejection::RefundByProvider),
            RefundStatus::ByHand => {}
        }
        let (reason, stage) = (reason(why)?, entry.stage);
        let [amount, kept, owed, forgiven] =
            [known.amount, entry.kept() + known.amount, entry.owed + known.of_owed, entry.forgiven - known.forgiven]
                .map(|amount| self.money(amount));
        self.push(Did::RefundUndone { registration, payment, refund, amount, reason, kept, owed, forgiven });
        match stage {
            // By the run's policy some of it may be kept.
            Stage::Withdrawn => {}
            Stage::Rejected => self.owe(registration, RefundReason::Rejected, i64::MAX),
            Stage::Cancelled => self.owe(registration, RefundReason::CancelledByOrganiser, i64::MAX),
            Stage::Expired => self.owe(registration, RefundReason::CameTooLate, i64::MAX),
            _ => self.count_in(registration)?,
        }
        Ok(())
    }
}
