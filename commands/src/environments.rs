//! What the saga records of environments, what it is asked for, and the clusters they are made on.

mod cluster_access;
mod clusters;
mod fleet;
mod operations;
mod places;
mod pools;
mod resources;

use std::sync::Arc;

use domain::{
    environments::{
        EnvironmentRejection as Rejection,
        cluster::Cluster,
        environment::{Environment, EnvironmentCommand},
    },
    kernel::{ClusterId, CredentialsId, EnvironmentId},
};
use serde_json::json;

pub use clusters::ClusterProfile;
pub use fleet::{AccessError, ClusterAccess, ClusterReport, Connection, Fleet, PointFailure, Taken};
pub use resources::{EnvironmentResource, LogParts, PodLog, ResourceChanges, ResourceKind, Resources, ResourcesError};

use crate::{
    Dispatcher, Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Operation, Transaction},
};

/// Commands of the context `environments`.
#[derive(Clone)]
pub struct Environments {
    dispatcher: Dispatcher,
    fleet: Arc<dyn Fleet>,
}

impl Environments {
    pub(crate) const fn new(dispatcher: Dispatcher, fleet: Arc<dyn Fleet>) -> Self {
        Self { dispatcher, fleet }
    }

    /// An environment's state.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn environment(&self, environment: EnvironmentId) -> Result<Environment, Fault> {
        self.dispatcher.state(environment.into()).await
    }

    /// An environment's state as this node knows it, with at least its first `events` events in it: what other nodes have recorded
    /// since may be missing.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn known_environment(&self, environment: EnvironmentId, events: i64) -> Result<Environment, Fault> {
        self.dispatcher.known(environment.into(), events, Environment::clone).await
    }

    /// Which credentials a cluster has, as this node knows it; none, if it is not registered.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn known_credentials(&self, cluster: ClusterId) -> Result<Option<CredentialsId>, Fault> {
        self.dispatcher.known(cluster.into(), 0, |state: &Cluster| state.member().map(|member| member.credentials.id)).await
    }

    /// A cluster's state.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn cluster(&self, cluster: ClusterId) -> Result<Cluster, Fault> {
        self.dispatcher.state(cluster.into()).await
    }

    /// Records a step of an environment's life.
    ///
    /// # Errors
    /// A fault.
    pub async fn record(
        &self,
        request: &Request,
        environment: EnvironmentId,
        command: impl Fn() -> EnvironmentCommand + Send + Sync,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        self.record_all(request, environment, || [command()]).await
    }

    /// Records steps of an environment's life that follow each other at once: all of them, or none.
    ///
    /// # Errors
    /// A fault.
    pub async fn record_all<const N: usize>(
        &self,
        request: &Request,
        environment: EnvironmentId,
        commands: impl Fn() -> [EnvironmentCommand; N] + Send + Sync,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let operation = Operation::new(acts::ENVIRONMENT_RECORD, json!({ "environment": environment }));
        let commands = &commands;
        let work =
            |transaction: Transaction| async move { transaction.decide_all::<Environment>(environment.into(), commands()).await.map(drop) };
        self.dispatcher.execute(request, operation, work).await
    }
}
