//! Money that goes back. It is tracked, not moved, as what comes in.

use super::{
    super::BookingRejection as Rejection, Entry, PaymentStatus, RefundReason, RefundReport, RefundStatus, RunEvent as Did, Stage, Teller,
    decide::reason, payments::expect_few, places::Play, registrations::WHOLE,
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

    /// A refund that was recorded by hand never went back. It pays for the place, as if it had never been recorded; of who is not coming any
    /// more it is owed.
    pub(super) fn undo_refund(&mut self, registration: RegistrationId, refund: RefundId, why: &str) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        let (payment, refund, known) = entry.refund(refund).ok_or(Rejection::RefundNotFound)?;
        match known.status {
            RefundStatus::Undone => return Err(Rejection::RefundUndone),
            RefundStatus::Told => return Err(Rejection::RefundByProvider),
            RefundStatus::ByHand => {}
        }
        let (reason, stage) = (reason(why)?, entry.stage);
        let again = match stage {
            Stage::Withdrawn => known.of_owed + self.back_of(entry, known.amount - known.of_owed),
            _ => 0,
        };
        let [amount, kept, owed, forgiven] =
            [known.amount, entry.kept() + known.amount, entry.owed + again, entry.forgiven - known.forgiven]
                .map(|amount| self.money(amount));
        self.push(Did::RefundUndone { registration, payment, refund, amount, reason, kept, owed, forgiven });
        match stage {
            Stage::Withdrawn => {}
            Stage::Rejected => self.owe(registration, RefundReason::Rejected, i64::MAX),
            Stage::Cancelled => self.owe(registration, RefundReason::CancelledByOrganiser, i64::MAX),
            Stage::Expired => self.owe(registration, RefundReason::CameTooLate, i64::MAX),
            _ => self.count_in(registration)?,
        }
        Ok(())
    }

    /// How much of an amount goes back to who withdrew: the share of all else that did by the run's policy, or is to.
    fn back_of(&self, entry: &Entry, amount: i64) -> i64 {
        let refunds = entry.payments.values().flat_map(|payment| payment.refunds.values());
        let back: i64 = entry.owed + refunds.filter(|refund| refund.stands()).map(|refund| refund.of_owed).sum::<i64>();
        let all = back + entry.kept() - entry.owed;
        if all <= back {
            return amount;
        }
        let share = (i128::from(back) * i128::from(WHOLE) + i128::from(all / 2)) / i128::from(all);
        self.money(amount).share(u32::try_from(share).unwrap_or_default(), WHOLE.into()).amount
    }
}
