//! What operators do about environments.

use domain::{
    environments::{
        EnvironmentRejection as Rejection,
        cluster::{Cluster, ClusterCommand},
        environment::{Environment, EnvironmentCommand, TeardownReason},
    },
    kernel::EnvironmentId,
};
use serde_json::json;

use super::Environments;
use crate::{
    Fault, Outcome, Request,
    authorization::{Act, acts},
    dispatch::{Operation, Transaction},
};

type Decision = Result<Outcome<(), Rejection>, Fault>;

impl Environments {
    /// Has the teardown of a stuck environment tried again.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn retry_environment(&self, request: &Request, environment: EnvironmentId) -> Decision {
        self.operate(request, acts::ENVIRONMENT_RETRY, environment, || EnvironmentCommand::Resolve).await
    }

    /// Takes a stuck environment for gone, and gives its place on a cluster to others. What is left of it is removed once it is
    /// found and can be.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn skip_environment(&self, request: &Request, environment: EnvironmentId) -> Decision {
        let operation = Operation::new(acts::ENVIRONMENT_SKIP, json!({ "environment": environment }));
        let work = |transaction: Transaction| async move {
            let skipped = transaction.decide::<Environment>(environment.into(), EnvironmentCommand::Skip).await?;
            // As it was decided on, or newer: then this is decided again.
            let state = self.environment(environment).await?;
            let cluster = state.made().and_then(|made| made.placement.as_ref()?.cluster());
            if let Some(cluster) = cluster.filter(|_| skipped) {
                transaction.decide::<Cluster>(cluster.into(), ClusterCommand::Release { environment }).await?;
            }
            Ok(())
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Has an environment torn down, whoever works there. Its session goes on without one.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn force_teardown(&self, request: &Request, environment: EnvironmentId) -> Decision {
        let teardown = || EnvironmentCommand::BeginTeardown { reason: TeardownReason::Forced };
        self.operate(request, acts::ENVIRONMENT_FORCE_TEARDOWN, environment, teardown).await
    }

    async fn operate(
        &self,
        request: &Request,
        act: Act,
        environment: EnvironmentId,
        command: impl Fn() -> EnvironmentCommand + Send + Sync,
    ) -> Decision {
        let operation = Operation::new(act, json!({ "environment": environment }));
        self.dispatcher.command::<Environment>(request, operation, environment.into(), command).await
    }
}
