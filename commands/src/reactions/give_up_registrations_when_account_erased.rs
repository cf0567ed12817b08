use chrono::TimeDelta;
use domain::{booking::run::RunEvent, fact::Fact, identity::account::AccountEvent, kernel::RunId};
use journal::{Recorded, TimerChange};

use super::Reaction;
use crate::{Commands, Fault, Request};

/// How much the clocks of nodes may differ: to one of them a run may have begun that has not to another.
const LEEWAY: TimeDelta = TimeDelta::hours(1);

/// Who is erased gives up what they registered for, so that nothing is kept for them while others wait. What is to be given up follows
/// from what the run is by then, so that it comes to the same however often and late it is asked for.
pub(super) struct GiveUpRegistrationsWhenAccountErased;

#[async_trait::async_trait]
impl Reaction for GiveUpRegistrationsWhenAccountErased {
    fn name(&self) -> &'static str {
        "give_up_registrations_when_account_erased"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let because = || Request::because_of(self.name(), event);
        let happened = match fact {
            Fact::Account(AccountEvent::Erased { .. }) => {
                commands.booking.give_up_all(&because(), event).await?;
                return Ok(vec![]);
            }
            Fact::Run(happened) => happened,
            _ => return Ok(vec![]),
        };
        let registration = match happened {
            // This may have been on its way beside the erasure, and who runs the run does not see whom they reinstate.
            RunEvent::RegistrationRequested(requested) => Some(requested.registration),
            RunEvent::RegistrationTransferred { registration, .. } | RunEvent::RegistrationReinstated { registration, .. } => {
                Some(*registration)
            }
            // A run that had begun when they were erased may be yet to come. Of one that had not, everything was given up by then.
            RunEvent::Rescheduled { from, .. } if *from <= event.recorded_at + LEEWAY => None,
            _ => return Ok(vec![]),
        };
        commands.booking.give_up_of_erased(&because(), RunId(event.stream.id), registration).await?;
        Ok(vec![])
    }
}
