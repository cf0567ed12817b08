use domain::{fact::Fact, kernel::SessionId, learning::session::SessionEvent};
use journal::{Recorded, TimerChange};

use super::Reaction;
use crate::{Commands, Fault};

/// The files a step provides appear in the learner's home when the step becomes the current one.
pub(super) struct ProvideFilesWhenStepCompleted;

#[async_trait::async_trait]
impl Reaction for ProvideFilesWhenStepCompleted {
    fn name(&self) -> &'static str {
        "provide_files_when_step_completed"
    }

    fn shows_twice(&self) -> bool {
        true
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        if let Fact::Session(SessionEvent::StepCompleted { completed, .. }) = fact {
            commands.learning.provide(SessionId(event.stream.id), *completed).await?;
        }
        Ok(vec![])
    }
}
