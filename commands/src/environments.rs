//! What the saga records of environments, and what it is asked for.

use domain::{
    environments::{
        EnvironmentRejection as Rejection,
        environment::{Environment, EnvironmentCommand},
    },
    kernel::EnvironmentId,
};
use serde_json::json;

use crate::{Dispatcher, Fault, Outcome, Request, dispatch::Operation};

/// Commands of the context `environments`.
#[derive(Clone)]
pub struct Environments {
    dispatcher: Dispatcher,
}

impl Environments {
    pub(crate) const fn new(dispatcher: Dispatcher) -> Self {
        Self { dispatcher }
    }

    /// An environment's state.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn environment(&self, environment: EnvironmentId) -> Result<Environment, Fault> {
        self.dispatcher.state(environment.into()).await
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
        let operation = Operation::new("environmentRecord", json!({ "environment": environment }));
        self.dispatcher.command::<Environment>(request, operation, environment.into(), command).await
    }
}
