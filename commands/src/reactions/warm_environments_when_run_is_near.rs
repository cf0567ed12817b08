use domain::{
    booking::run::RunEvent,
    fact::Fact,
    kernel::{RunId, WorkshopId},
};
use journal::{Recorded, Timer, TimerChange};

use super::Reaction;
use crate::{Commands, Fault, Request, booking::Need};

/// For as many as are confirmed and have not begun, environments are made ahead of a run, and given back some time after its start.
/// How many is worked out anew each time from what the run is by then.
pub(super) struct WarmEnvironmentsWhenRunIsNear;

/// What a timer is for.
const FROM: &str = "from";
const UNTIL: &str = "until";

#[async_trait::async_trait]
impl Reaction for WarmEnvironmentsWhenRunIsNear {
    fn name(&self) -> &'static str {
        "warm_environments_when_run_is_near"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let Fact::Run(happened) = fact else { return Ok(vec![]) };
        let run = RunId(event.stream.id);
        let is_of_all = match happened {
            RunEvent::Published {}
            | RunEvent::Rescheduled { .. }
            | RunEvent::Revised { .. }
            | RunEvent::Cancelled { .. }
            | RunEvent::Completed { .. } => true,
            RunEvent::RegistrationConfirmed { .. }
            | RunEvent::RegistrationWithdrawn { .. }
            | RunEvent::RegistrationCancelled { .. }
            | RunEvent::RegistrationTransferred { .. }
            | RunEvent::ApprovalWithdrawn { .. }
            | RunEvent::PaymentUndone { .. }
            | RunEvent::NoShowRecorded { .. }
            | RunEvent::NoShowUndone { .. }
            | RunEvent::SessionBegun { .. } => false,
            _ => return Ok(vec![]),
        };
        let Some(need) = commands.booking.need(run).await? else { return Ok(vec![]) };
        if is_of_all || need.is_now() {
            self.tell(commands, run, need.workshop, need.count).await?;
        }
        let timer = |what: &str, due| TimerChange::Set(Timer { key: format!("{run} {} {what}", need.workshop), due });
        Ok(if is_of_all { vec![timer(FROM, need.from), timer(UNTIL, need.until)] } else { vec![] })
    }

    async fn due(&self, timer: &Timer, commands: &Commands) -> Result<(), Fault> {
        let Some((run, workshop, what)) = parts(&timer.key) else { return Ok(()) };
        // The run may be of another workshop by now.
        let need = commands.booking.need(run).await?.filter(|need| need.workshop == workshop);
        self.tell(commands, run, workshop, need.map_or(0, |need| need.count)).await?;
        // The timer must outlive a clock that was set back, and a run that was put off.
        let due = need.map(|Need { from, until, at, .. }| (if what == UNTIL { until } else { from }, at));
        match due {
            Some((due, at)) if at < due => Err(Fault::Outside(format!("{run} is not so near before {due}"))),
            _ => Ok(()),
        }
    }
}

impl WarmEnvironmentsWhenRunIsNear {
    async fn tell(&self, commands: &Commands, run: RunId, workshop: WorkshopId, count: u32) -> Result<(), Fault> {
        commands.environments.need(&Request::system(self.name()), workshop, run, count).await.map(drop)
    }
}

fn parts(key: &str) -> Option<(RunId, WorkshopId, &str)> {
    let mut parts = key.split(' ');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?))
}
