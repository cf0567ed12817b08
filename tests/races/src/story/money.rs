//! Money in the story: it is counted by who sent it, too.

use domain::booking::run::{PaymentStatus, RunEvent as Did};

use super::{
    Story,
    entry::{At, Entry},
};
use crate::Fault;

impl Story {
    pub(super) fn pay(&mut self, event: &Did) -> Result<(), Fault> {
        match event {
            Did::PaymentReported { registration, payment, status, amount, kept, .. } => {
                let came_in = *status == PaymentStatus::Succeeded;
                self.told.payments += u64::from(came_in);
                let entry = self.entry(*registration)?;
                let before = entry.payments.insert(*payment, (amount.amount, came_in));
                if before.is_some_and(|(known, came_in)| came_in || known != amount.amount) {
                    return Err("a payment that came in was changed".into());
                }
                agrees(entry, kept.amount, entry.owed)
            }
            Did::RefundOwed { registration, amount, owed, .. } => {
                let entry = self.entry(*registration)?;
                entry.owed += amount.amount;
                agrees(entry, entry.kept(), owed.amount)
            }
            Did::RefundRecorded { registration, amount, kept, owed, .. } => {
                self.told.refunds += 1;
                let entry = self.entry(*registration)?;
                entry.refunded += amount.amount;
                entry.owed = (entry.owed - amount.amount).max(0);
                agrees(entry, kept.amount, owed.amount)
            }
            _ => Ok(()),
        }
    }

    /// Once all that is owed was given back: who has a place paid for it, and nobody else did. `sent` is what people say they sent.
    pub(crate) fn ends_well(&self, sent: i64) -> Result<(), Fault> {
        let expected = |entry: &Entry| if entry.at == At::Confirmed { entry.total } else { 0 };
        if let Some((registration, entry)) = self.entries.iter().find(|(_, entry)| entry.kept() != expected(entry) || entry.owed != 0) {
            let (kept, owed) = (entry.kept(), entry.owed);
            return Err(format!("{registration} is {:?}: {kept} of {} are kept, {owed} owed", entry.at, entry.total).into());
        }
        let sum = |of: fn(&Entry) -> i64| self.entries.values().map(of).sum::<i64>();
        let (came_in, refunded, earned) =
            (sum(Entry::came_in), sum(|entry| entry.refunded), self.entries.values().map(expected).sum::<i64>());
        if came_in != sent || came_in != refunded + earned {
            return Err(format!("{sent} were sent, {came_in} came in, {refunded} went back, {earned} were earned").into());
        }
        Ok(())
    }
}

/// Whether what an event says of the sums is what they come to, and no more is owed than there is.
fn agrees(entry: &Entry, kept: i64, owed: i64) -> Result<(), Fault> {
    if (entry.kept(), entry.owed) == (kept, owed) && (0..=kept).contains(&owed) {
        Ok(())
    } else {
        Err(format!("{} kept and {} owed, not {kept} and {owed}", entry.kept(), entry.owed).into())
    }
}
