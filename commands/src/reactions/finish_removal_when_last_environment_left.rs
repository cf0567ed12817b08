use domain::{
    environments::cluster::{ClusterEvent, Schedule},
    fact::Fact,
    kernel::ClusterId,
};
use journal::{Recorded, TimerChange};

use super::Reaction;
use crate::{Commands, Fault, Request};

/// A cluster that is on its way out goes once nobody lives there.
pub(super) struct FinishRemovalWhenLastEnvironmentLeft;

#[async_trait::async_trait]
impl Reaction for FinishRemovalWhenLastEnvironmentLeft {
    fn name(&self) -> &'static str {
        "finish_removal_when_last_environment_left"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let Fact::Cluster(ClusterEvent::PlaceReleased { taken: 0, .. } | ClusterEvent::RemovalStarted { live: 0 }) = fact else {
            return Ok(vec![]);
        };
        let cluster = ClusterId(event.stream.id);
        let state = commands.environments.cluster(cluster).await?;
        if state.member().is_some_and(|member| member.schedule == Schedule::Removing) {
            commands.environments.finish_cluster_removal(&Request::because_of(self.name(), event), cluster).await?;
        }
        Ok(vec![])
    }
}
