use domain::{environments::cluster::ClusterEvent, fact::Fact, kernel::ClusterId};
use journal::{Recorded, TimerChange};

use super::Reaction;
use crate::{Commands, Fault};

/// Nothing that a removed cluster was connected with is kept, even where the vault could not forget it at once.
pub(super) struct DiscardCredentialsWhenClusterRemoved;

#[async_trait::async_trait]
impl Reaction for DiscardCredentialsWhenClusterRemoved {
    fn name(&self) -> &'static str {
        "discard_credentials_when_cluster_removed"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        if let Fact::Cluster(ClusterEvent::Removed) = fact {
            commands.environments.discard_cluster_credentials(ClusterId(event.stream.id)).await?;
        }
        Ok(vec![])
    }
}
