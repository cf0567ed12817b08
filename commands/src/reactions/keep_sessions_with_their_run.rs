use domain::{booking::run::RunEvent, fact::Fact, kernel::RunId};
use journal::{Recorded, TimerChange};

use super::Reaction;
use crate::{Commands, Fault, Request};

/// The sessions of a run are moved and end with it, and with the place that they were begun for. What is to be of them follows from
/// what the run is by then, so that it comes to the same however often and late it is asked for.
pub(super) struct KeepSessionsWithTheirRun;

#[async_trait::async_trait]
impl Reaction for KeepSessionsWithTheirRun {
    fn name(&self) -> &'static str {
        "keep_sessions_with_their_run"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let Fact::Run(happened) = fact else { return Ok(vec![]) };
        let registration = match happened {
            RunEvent::Rescheduled { .. } | RunEvent::Cancelled { .. } => None,
            RunEvent::RegistrationWithdrawn { registration, .. }
            | RunEvent::RegistrationCancelled { registration, .. }
            | RunEvent::RegistrationRejected { registration, .. }
            | RunEvent::RegistrationTransferred { registration, .. }
            | RunEvent::PaymentUndone { registration, .. }
            | RunEvent::ApprovalWithdrawn { registration } => Some(*registration),
            _ => return Ok(vec![]),
        };
        for (session, until) in commands.booking.session_ends(RunId(event.stream.id), registration).await? {
            commands.learning.reschedule(&Request::system(self.name()), session, until).await?;
        }
        Ok(vec![])
    }
}
