use domain::{fact::Fact, gamification::scorecard::Source, learning::session::SessionEvent};
use journal::{Recorded, TimerChange};

use super::Reaction;
use crate::{Commands, Fault, Request};

/// Finishing a workshop earns what its version promises on top of the steps.
pub(super) struct AwardPointsWhenSessionFinished;

#[async_trait::async_trait]
impl Reaction for AwardPointsWhenSessionFinished {
    fn name(&self) -> &'static str {
        "award_points_when_session_finished"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        if let Fact::Session(SessionEvent::Finished { end }) = fact {
            let source = Source::Workshop { workshop: end.workshop };
            commands.gamification.award(&Request::because_of(self.name(), event), end.learner, source, end.bonus).await?;
        }
        Ok(vec![])
    }
}
