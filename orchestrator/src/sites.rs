//! Where environments are made: on this host, and on clusters.

use std::sync::{Arc, OnceLock};

use domain::{
    environments::{cluster::Capacity, environment::Placement},
    kernel::{ClusterId, EnvironmentId, Mebibytes, Millicores},
    workshops::content::EnvironmentNeeds,
};
use projections::environments::clusters;

use crate::{
    driver::{Driver, DriverError},
    placement::{Candidate, Need, Ranking, rank, take},
};

/// The clusters that environments are made on, as far as the saga needs them.
#[async_trait::async_trait]
pub trait Clusters: Send + Sync + 'static {
    /// What a workshop's environment needs of a cluster; none, if it is made on this host.
    fn need(&self, needs: &EnvironmentNeeds) -> Option<Need>;

    /// What of a cluster's capacity is spoken for, as it was seen last.
    fn used(&self, cluster: ClusterId) -> Capacity;

    /// The driver of a cluster.
    ///
    /// # Errors
    /// The cluster is not registered, or cannot be connected to.
    async fn driver(&self, cluster: ClusterId) -> Result<Arc<dyn Driver>, DriverError>;

    /// What environments on a cluster use; none, if that is not measured there.
    ///
    /// # Errors
    /// The cluster is not registered, or does not answer.
    async fn measured(&self, _cluster: ClusterId) -> Result<Option<Vec<Used>>, DriverError> {
        Ok(None)
    }
}

/// What an environment uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    pub environment: EnvironmentId,
    pub cpu: Millicores,
    pub memory: Mebibytes,
}

/// Where environments are made.
pub struct Sites {
    /// This host's driver.
    pub local: Arc<dyn Driver>,
    /// This node's name, as recorded with each placement on this host. No two nodes have the same, and none has a cluster's.
    pub node: String,
    clusters: OnceLock<Arc<dyn Clusters>>,
}

impl Sites {
    /// This host alone, until clusters are added.
    #[must_use]
    pub fn new(local: Arc<dyn Driver>, node: String) -> Arc<Self> {
        Arc::new(Self { local, node, clusters: OnceLock::new() })
    }

    /// Adds clusters, once: what reaches them works with the commands that learners' checks come by.
    pub fn add(&self, clusters: Arc<dyn Clusters>) {
        if self.clusters.set(clusters).is_err() {
            tracing::error!("clusters were added before; these are not used");
        }
    }

    /// The clusters, if there are any.
    #[must_use]
    pub fn clusters(&self) -> Option<&Arc<dyn Clusters>> {
        self.clusters.get()
    }

    /// Every one of these clusters, judged for an environment that needs this; none, if it is made on this host.
    #[must_use]
    pub fn rank(&self, needs: &EnvironmentNeeds, clusters: &[clusters::Model]) -> Option<Ranking> {
        let there = self.clusters()?;
        let need = there.need(needs)?;
        Some(rank(&need, &candidates(&**there, clusters)))
    }

    /// For how many environments that need this there is room on these clusters, up to `most`. On this host there is for all.
    #[must_use]
    pub fn room(&self, needs: &EnvironmentNeeds, clusters: &[clusters::Model], most: u32) -> u32 {
        let Some((there, need)) = self.clusters().and_then(|there| Some((there, there.need(needs)?))) else { return most };
        let mut candidates = candidates(&**there, clusters);
        for taken in 0..most {
            let Some(choice) = rank(&need, &candidates).choices.into_iter().next() else { return taken };
            take(&mut candidates, choice.cluster, &need);
        }
        most
    }

    /// What makes environments at a place.
    ///
    /// # Errors
    /// It is a cluster that cannot be connected to, or another node.
    pub async fn driver(&self, placement: &Placement) -> Result<Arc<dyn Driver>, DriverError> {
        match (placement.cluster(), self.clusters()) {
            (Some(cluster), Some(clusters)) => clusters.driver(cluster).await,
            (Some(cluster), None) => Err(DriverError::Transient(format!("this node reaches no clusters, so not {cluster} either"))),
            (None, _) if placement.node == self.node => Ok(Arc::clone(&self.local)),
            (None, _) => Err(DriverError::Terminal(format!(
                "the environment is on node {}, which alone can reach it: send this session's requests there",
                placement.node
            ))),
        }
    }
}

/// These clusters, with what of each is spoken for.
pub(crate) fn candidates(there: &dyn Clusters, clusters: &[clusters::Model]) -> Vec<Candidate> {
    clusters.iter().map(|row| Candidate::new(row, there.used(ClusterId(row.cluster)))).collect()
}
