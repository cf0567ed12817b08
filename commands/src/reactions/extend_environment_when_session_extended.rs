use domain::{environments::environment::EnvironmentCommand, fact::Fact, learning::session::SessionEvent};
use journal::{Recorded, TimerChange};

use super::{Reaction, is_asked_for};
use crate::{Commands, Fault, Request};

/// An environment lives as long as its session.
pub(super) struct ExtendEnvironmentWhenSessionExtended;

#[async_trait::async_trait]
impl Reaction for ExtendEnvironmentWhenSessionExtended {
    fn name(&self) -> &'static str {
        "extend_environment_when_session_extended"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let Fact::Session(
            SessionEvent::Extended { environment: Some(environment), expires_at, .. }
            | SessionEvent::Rescheduled { environment: Some(environment), expires_at },
        ) = fact
        else {
            return Ok(vec![]);
        };
        is_asked_for(commands, *environment).await?;
        let command = || EnvironmentCommand::Extend { expires_at: *expires_at };
        commands.environments.record(&Request::because_of(self.name(), event), *environment, command).await?;
        Ok(vec![])
    }
}
