//! What becomes of what a guest has when what is known of them is destroyed.

use super::{super::BookingRejection as Rejection, Life, RunEvent as Did, Scheduled, Stage, places::Play};
use crate::kernel::{Digest, RegistrationId, Timestamp};

impl Play {
    /// Nobody is forgotten who may be at the run, who has to pay, or who money is to be given back to: whoever runs the run has to know who
    /// that is.
    pub(super) fn forget(
        &mut self,
        registration: RegistrationId,
        address: Option<&Digest>,
        has_it: bool,
        over_by: Option<Timestamp>,
    ) -> Result<(), Rejection> {
        if over_by.is_some_and(|by| !self.run.was_over(by)) {
            return Err(Rejection::NotEnded);
        }
        if self.run.registration(registration).is_some() {
            if has_it {
                self.let_go(registration)?;
            }
            // Who had it before may be who paid.
            let entry = self.entry(registration)?;
            if entry.owed > 0 {
                // But how much that is, they are not told: it is another's by now.
                return Err(if has_it { Rejection::MoneyOwed { owed: self.money(entry.owed) } } else { Rejection::OnHold });
            }
            if has_it && entry.payable() > 0 {
                return Err(Rejection::MoneyDue { due: self.money(entry.payable()) });
            }
        }
        let is_by_it = |address: &&Digest| self.run.invitation(address).is_some_and(|invited| invited.registration == registration);
        match address.filter(is_by_it) {
            Some(address) => self.withdraw_invitation(address.clone()),
            None => Ok(()),
        }
    }

    /// Gives up what counts, or may come to count again by a payment that comes late. Once the run is over it stays as it is.
    fn let_go(&mut self, registration: RegistrationId) -> Result<(), Rejection> {
        let stage = self.entry(registration)?.stage;
        if self.gives_places() {
            return match stage {
                stage if stage.is_past() => Err(Rejection::NotEnded),
                stage if stage.is_live() => self.leave(registration),
                Stage::Expired => {
                    let (left, waiting) = self.after(registration, Stage::Withdrawn);
                    self.push(Did::RegistrationWithdrawn { registration, left, waiting });
                    Ok(())
                }
                _ => Ok(()),
            };
        }
        // What is owed for a run that was called off is known once all its registrations have ended with it.
        let is_at_rest = self.run.life != Life::Cancelled && self.run.was_over(self.now);
        if stage.is_live() && !is_at_rest { Err(Rejection::NotEnded) } else { Ok(()) }
    }
}

impl Scheduled {
    /// Whether it was called off, or was over at a time.
    fn was_over(&self, by: Timestamp) -> bool {
        self.life == Life::Cancelled || self.plan.ends_at <= by
    }
}
