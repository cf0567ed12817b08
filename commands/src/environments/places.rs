//! Places on clusters. Taking and leaving one is recorded together with what the environment does, so that neither is without the
//! other: a limit is never exceeded, and no place is lost.

use domain::{
    environments::{
        EnvironmentRejection as Rejection,
        cluster::{Cluster, ClusterCommand},
        environment::{Environment, EnvironmentCommand, Placement},
    },
    kernel::{ClusterId, EnvironmentId},
};
use serde_json::json;

use super::Environments;
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Operation, Transaction},
};

impl Environments {
    /// Places an environment on a cluster, if the cluster takes it.
    ///
    /// # Errors
    /// A fault.
    pub async fn place_on_cluster(
        &self,
        request: &Request,
        environment: EnvironmentId,
        cluster: ClusterId,
        placement: &Placement,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let operation = Operation::new(acts::ENVIRONMENT_PLACE, json!({ "environment": environment, "cluster": cluster }));
        let work = |transaction: Transaction| async move {
            transaction.decide::<Cluster>(cluster.into(), ClusterCommand::Reserve { environment }).await?;
            transaction.decide::<Environment>(environment.into(), EnvironmentCommand::Place(placement.clone())).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Records that something was removed from a cluster that should not have been there.
    ///
    /// # Errors
    /// A fault.
    pub async fn report_leftovers(
        &self,
        request: &Request,
        cluster: ClusterId,
        environment: EnvironmentId,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let operation = Operation::new(acts::CLUSTER_REPORT_LEFTOVERS, json!({ "cluster": cluster, "environment": environment }));
        let report = || ClusterCommand::ReportLeftovers { environment };
        self.dispatcher.command::<Cluster>(request, operation, cluster.into(), report).await
    }

    /// Records that nothing of an environment is left on a cluster, by [`EnvironmentCommand::FinishTeardown`] or
    /// [`EnvironmentCommand::ReportLost`], and gives its place to others.
    ///
    /// # Errors
    /// A fault.
    pub async fn leave_cluster(
        &self,
        request: &Request,
        environment: EnvironmentId,
        cluster: ClusterId,
        command: impl Fn() -> EnvironmentCommand + Send + Sync,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let operation = Operation::new(acts::ENVIRONMENT_LEAVE, json!({ "environment": environment, "cluster": cluster }));
        let command = &command;
        let work = |transaction: Transaction| async move {
            // First the stream that many write to: only for the first a turn is waited for.
            transaction.decide::<Cluster>(cluster.into(), ClusterCommand::Release { environment }).await?;
            transaction.decide::<Environment>(environment.into(), command()).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }
}
