//! Several nodes, one journal: each works on the environments that were placed on it, and on those of a node that died.

use std::{sync::Arc, time::Duration};

use domain::{
    environments::environment::{Made, Placement},
    kernel::EnvironmentId,
};

use super::{Fault, Saga};

/// How often a node says that it lives.
pub(super) const BEAT: Duration = Duration::from_secs(5);
/// After so long without a word it is taken for dead.
pub(super) const LIFE: Duration = Duration::from_secs(15);

impl Saga {
    /// Says that this node lives. A node that comes back within a moment of being taken for dead waits for its turn.
    pub(super) async fn beat(self: Arc<Self>) {
        if let Err(error) = self.journal.lease(&lease(&self.sites.node), &self.sites.node, LIFE).await {
            tracing::warn!(%error, "this node could not say that it lives");
        }
        self.renew().await;
    }

    /// Whether an environment is another node's to work on. One that is not placed yet is anybody's.
    pub(super) async fn is_elsewhere(&self, made: &Made) -> Result<bool, Fault> {
        match &made.placement {
            Some(placement) => match placement.cluster() {
                Some(cluster) => Ok(!self.holds(cluster).await?),
                None => Ok(placement.node != self.sites.node),
            },
            None => Ok(false),
        }
    }

    /// Whether the node that an environment was placed on is dead: who can take its lease has outlived it.
    pub(super) async fn is_orphaned(&self, environment: EnvironmentId, made: &Made) -> Result<bool, Fault> {
        let other = |placement: &&Placement| placement.node != self.sites.node && placement.cluster().is_none();
        let Some(placement) = made.placement.as_ref().filter(other) else { return Ok(false) };
        let dead = self.journal.lease(&lease(&placement.node), &self.sites.node, LIFE).await?.is_some();
        if dead {
            tracing::warn!(%environment, node = placement.node, "the node of an environment is dead");
        }
        Ok(dead)
    }
}

fn lease(node: &str) -> String {
    format!("node/{node}")
}
