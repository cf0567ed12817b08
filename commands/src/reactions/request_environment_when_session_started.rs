use domain::{
    environments::environment::{EnvironmentCommand, Request as Wanted},
    fact::Fact,
    kernel::SessionId,
    learning::session::SessionEvent,
};
use journal::{Recorded, TimerChange};

use super::Reaction;
use crate::{Commands, Fault, Request};

/// A session of a workshop that needs an environment gets one.
pub(super) struct RequestEnvironmentWhenSessionStarted;

#[async_trait::async_trait]
impl Reaction for RequestEnvironmentWhenSessionStarted {
    fn name(&self) -> &'static str {
        "request_environment_when_session_started"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let Fact::Session(SessionEvent::Started(start)) = fact else { return Ok(vec![]) };
        let Some(environment) = start.environment else { return Ok(vec![]) };
        let wanted = Wanted {
            session: SessionId(event.stream.id),
            learner: start.learner,
            workshop: start.workshop,
            content: start.content.clone(),
            expires_at: start.expires_at,
        };
        let command = || EnvironmentCommand::Request(wanted.clone());
        commands.environments.record(&Request::because_of(self.name(), event), environment, command).await?;
        Ok(vec![])
    }
}
