use domain::{
    environments::environment::{Environment, EnvironmentCommand, TeardownReason},
    fact::Fact,
    learning::session::SessionEvent,
};
use journal::{Recorded, TimerChange};

use super::Reaction;
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
            // Another reaction asks for it, and may come to the start after this one has come to the end.
            if let Environment::Absent = commands.environments.environment(environment).await? {
                return Err(Fault::Outside(format!("{environment} has not been asked for yet")));
            }
            let command = || EnvironmentCommand::BeginTeardown { reason };
            commands.environments.record(&Request::because_of(self.name(), event), environment, command).await?;
        }
        Ok(vec![])
    }
}
