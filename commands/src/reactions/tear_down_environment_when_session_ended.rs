use domain::{
    environments::environment::{EnvironmentCommand, TeardownReason},
    fact::Fact,
    learning::session::SessionEvent,
};
use journal::{Recorded, TimerChange};

use super::{Reaction, is_asked_for};
use crate::{Commands, Fault, Request};

/// However a session ends, its environment goes.
pub(super) struct TearDownEnvironmentWhenSessionEnded;

#[async_trait::async_trait]
impl Reaction for TearDownEnvironmentWhenSessionEnded {
    fn name(&self) -> &'static str {
        "tear_down_environment_when_session_ended"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let (end, reason) = match fact {
            Fact::Session(SessionEvent::Finished { end }) => (end, TeardownReason::SessionFinished),
            Fact::Session(SessionEvent::Abandoned { end }) => (end, TeardownReason::SessionAbandoned),
            Fact::Session(SessionEvent::Expired { end }) => (end, TeardownReason::SessionExpired),
            _ => return Ok(vec![]),
        };
        if let Some(environment) = end.environment {
            is_asked_for(commands, environment).await?;
            let command = || EnvironmentCommand::BeginTeardown { reason };
            commands.environments.record(&Request::because_of(self.name(), event), environment, command).await?;
        }
        Ok(vec![])
    }
}
