use domain::{
    booking::run::{Life, RunEvent, Scheduled, Stage},
    fact::Fact,
    identity::mail::{Booked, Occasion},
    kernel::{MailId, RunId, Timestamp},
};
use journal::{Recorded, Timer, TimerChange};
use uuid::Uuid;

use super::Reaction;
use crate::{Commands, Fault, Request};

/// Who is confirmed is reminded some time before the run starts: once for each time that it has.
pub(super) struct RemindPeopleWhenTheirRunIsNear;

#[async_trait::async_trait]
impl Reaction for RemindPeopleWhenTheirRunIsNear {
    fn name(&self) -> &'static str {
        "remind_people_when_their_run_is_near"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let Fact::Run(RunEvent::Published {} | RunEvent::Rescheduled { .. }) = fact else { return Ok(vec![]) };
        let run = RunId(event.stream.id);
        // The latest time counts, whichever of the two came last. The one timer of a run is moved with it.
        let due = commands.booking.look(run, |state| due(state, commands)).await?;
        Ok(due.map(|due| TimerChange::Set(Timer { key: run.to_string(), due })).into_iter().collect())
    }

    async fn due(&self, timer: &Timer, commands: &Commands) -> Result<(), Fault> {
        let Ok(run) = timer.key.parse::<RunId>() else { return Ok(()) };
        let (now, request) = (commands.identity.now(), Request::system(self.name()));
        let coming = |state: &Scheduled| {
            let is_coming = state.life == Life::Published && state.plan.starts_at > now;
            let due = due(state, commands).filter(|_| is_coming)?;
            let confirmed = state.registrations().filter(|(_, entry)| entry.stage == Stage::Confirmed);
            Some((due, state.plan.starts_at, confirmed.map(|(registration, _)| registration).collect::<Vec<_>>()))
        };
        let Some((due, starts_at, confirmed)) = commands.booking.look(run, coming).await? else { return Ok(()) };
        if now < due {
            // A clock was set back, or the run was put off since.
            return Err(Fault::Outside(format!("{run} is not near before {due}")));
        }
        let start = starts_at.timestamp_micros().to_be_bytes();
        for registration in confirmed {
            let mail = MailId(Uuid::new_v5(&registration.0, &[b"reminded of ".as_slice(), &start].concat()));
            commands.identity.queue_about(&request, mail, Occasion::RunReminder, Booked::of(registration), now).await?;
        }
        Ok(())
    }
}

/// When people are reminded of a run; none, if they are not.
fn due(state: &Scheduled, commands: &Commands) -> Option<Timestamp> {
    commands.booking.reminded_before().map(|before| state.plan.starts_at - before)
}
