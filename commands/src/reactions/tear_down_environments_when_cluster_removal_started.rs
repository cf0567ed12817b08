use domain::{
    environments::{
        cluster::ClusterEvent,
        environment::{EnvironmentCommand, TeardownReason},
    },
    fact::Fact,
    kernel::ClusterId,
};
use journal::{Recorded, TimerChange};

use super::Reaction;
use crate::{Commands, Fault, Request};

/// Whoever still lives on a cluster that is on its way out is torn down. Nobody new comes: it takes none from then on.
pub(super) struct TearDownEnvironmentsWhenClusterRemovalStarted;

#[async_trait::async_trait]
impl Reaction for TearDownEnvironmentsWhenClusterRemovalStarted {
    fn name(&self) -> &'static str {
        "tear_down_environments_when_cluster_removal_started"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let Fact::Cluster(ClusterEvent::RemovalStarted { .. }) = fact else { return Ok(vec![]) };
        let state = commands.environments.cluster(ClusterId(event.stream.id)).await?;
        for environment in state.member().into_iter().flat_map(|member| &member.places) {
            let request = Request::because_of(self.name(), event).with_key(Some(format!("{} {environment}", event.event_id)));
            let command = || EnvironmentCommand::BeginTeardown { reason: TeardownReason::ClusterRemoved };
            commands.environments.record(&request, *environment, command).await?;
        }
        Ok(vec![])
    }
}
