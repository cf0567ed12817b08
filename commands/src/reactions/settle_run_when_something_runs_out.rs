use domain::{
    booking::run::RunEvent,
    fact::Fact,
    kernel::{RegistrationId, RunId},
};
use journal::{Recorded, Timer, TimerChange};

use super::Reaction;
use crate::{Commands, Fault, Request};

/// A place that was held for somebody is let go of when its time is over, and what was too much for one decision goes on.
pub(super) struct SettleRunWhenSomethingRunsOut;

#[async_trait::async_trait]
impl Reaction for SettleRunWhenSomethingRunsOut {
    fn name(&self) -> &'static str {
        "settle_run_when_something_runs_out"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let Fact::Run(happened) = fact else { return Ok(vec![]) };
        let run = RunId(event.stream.id);
        match happened {
            RunEvent::PaymentAwaited { registration, until, .. } | RunEvent::PlaceOffered { registration, until, .. } => {
                Ok(vec![TimerChange::Set(Timer { key: key(run, *registration), due: *until })])
            }
            // These may be more than one decision can do.
            RunEvent::Cancelled { .. } | RunEvent::Completed { .. } | RunEvent::Revised { .. } => {
                commands.booking.settle(&Request::system(self.name()), run).await.map(|_| vec![])
            }
            _ => Ok(vec![]),
        }
    }

    async fn due(&self, timer: &Timer, commands: &Commands) -> Result<(), Fault> {
        let Some((run, registration)) = parts(&timer.key) else { return Ok(()) };
        commands.booking.settle(&Request::system(self.name()), run).await?;
        // The timer must outlive a clock that was set back, and a time that was put off.
        match commands.booking.look(run, move |state| state.registration(registration)?.stage.until()).await? {
            Some(until) => Err(Fault::Outside(format!("{registration} is held until {until}"))),
            None => Ok(()),
        }
    }
}

fn key(run: RunId, registration: RegistrationId) -> String {
    format!("{run} {registration}")
}

fn parts(key: &str) -> Option<(RunId, RegistrationId)> {
    let (run, registration) = key.split_once(' ')?;
    Some((run.parse().ok()?, registration.parse().ok()?))
}
