use chrono::TimeDelta;
use domain::{
    booking::run::RunEvent,
    fact::Fact,
    identity::account::AccountEvent,
    kernel::{AccountId, RunId},
};
use journal::{Recorded, Timer, TimerChange};

use super::Reaction;
use crate::{Commands, Fault, Request};

/// How much the clocks of nodes may differ: to one of them a run may have begun that has not to another.
const LEEWAY: TimeDelta = TimeDelta::hours(1);

/// Who is erased gives up what they registered for, so that nothing is kept for them while others wait. What is to be given up follows
/// from what the run is by then, so that it comes to the same however often and late it is asked for.
///
/// Each run has a timer until it has begun, so that these are all that have to be looked at, and no journal is gone through. A run
/// whose timer is not there yet was published in the page of events that the erasure is in, or after it: so was whatever came to the
/// account there, and when that is taken, it is seen that the account is erased.
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
                commands.booking.give_up_all(&because(), AccountId(event.stream.id), self.name()).await?;
                return Ok(vec![]);
            }
            Fact::Run(happened) => happened,
            _ => return Ok(vec![]),
        };
        let run = RunId(event.stream.id);
        let registration = match happened {
            // This may have been on its way beside the erasure, and who runs the run does not see whom they reinstate.
            RunEvent::RegistrationRequested(requested) => Some(requested.registration),
            RunEvent::RegistrationTransferred { registration, .. } | RunEvent::RegistrationReinstated { registration, .. } => {
                Some(*registration)
            }
            // A run that had begun when they were erased may be yet to come. Of one that had not, everything was given up by then.
            RunEvent::Rescheduled { from, .. } if *from <= event.recorded_at + LEEWAY => None,
            RunEvent::Published {} | RunEvent::Rescheduled { .. } => return timer(run, commands).await,
            _ => return Ok(vec![]),
        };
        commands.booking.give_up_of_erased(&because(), run, registration).await?;
        if registration.is_none() { timer(run, commands).await } else { Ok(vec![]) }
    }

    async fn due(&self, timer: &Timer, commands: &Commands) -> Result<(), Fault> {
        let Ok(run) = timer.key.parse::<RunId>() else { return Ok(()) };
        match commands.booking.starts_at(run).await? {
            // A clock was set back, or the run was put off since.
            Some(starts_at) if commands.identity.now() < starts_at + LEEWAY => Err(Fault::Outside(format!("{run} has not begun"))),
            _ => Ok(()),
        }
    }
}

/// Lasts until a run has begun, whatever the clock; none, if it has. The latest time counts.
async fn timer(run: RunId, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
    let due = commands.booking.starts_at(run).await?.map(|starts_at| starts_at + LEEWAY);
    let due = due.filter(|due| commands.identity.now() < *due);
    Ok(due.map(|due| TimerChange::Set(Timer { key: run.to_string(), due })).into_iter().collect())
}
