use domain::{
    fact::Fact,
    gamification::scorecard::Source,
    kernel::SessionId,
    learning::session::{Session, SessionEvent},
};
use journal::{Recorded, TimerChange};

use super::Reaction;
use crate::{Commands, Fault, Request};

/// A completed step earns its points. In a preview it carries none.
pub(super) struct AwardPointsWhenStepCompleted;

#[async_trait::async_trait]
impl Reaction for AwardPointsWhenStepCompleted {
    fn name(&self) -> &'static str {
        "award_points_when_step_completed"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let Fact::Session(SessionEvent::StepCompleted { step, points, .. }) = fact else { return Ok(vec![]) };
        let (learner, workshop) = match commands.learning.session(SessionId(event.stream.id)).await? {
            Session::Active(active) => (active.start.learner, active.start.workshop),
            Session::Ended { learner, workshop } => (learner, workshop),
            Session::Absent => return Ok(vec![]),
        };
        let source = Source::Step { workshop, step: step.clone() };
        commands.gamification.award(&Request::because_of(self.name(), event), learner, source, *points).await?;
        Ok(vec![])
    }
}
