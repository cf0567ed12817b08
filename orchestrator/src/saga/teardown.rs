//! Unmaking an environment: every step, in reverse, also those that only may have run.

use domain::{
    environments::environment::{EnvironmentCommand as Do, Made},
    kernel::EnvironmentId,
};

use super::{Fault, Next, Saga, TRIES, pause};
use crate::driver::{Driver, DriverError};

impl Saga {
    pub(super) async fn tear_down(&self, environment: EnvironmentId, made: &Made) -> Result<Next, Fault> {
        self.waiting().remove(&environment);
        let mut failures = 0;
        while let Err(error) = self.unmake(environment, made).await {
            failures += 1;
            tracing::warn!(%environment, failures, %error, "a teardown failed");
            if failures >= TRIES || matches!(error, DriverError::Terminal(_)) {
                let reason = error.to_string();
                self.record(environment, || Do::GetStuck { reason: reason.clone() }).await?;
                return Ok(Next::Rest);
            }
            tokio::time::sleep(pause(failures)).await;
        }
        self.leave(environment, made, || Do::FinishTeardown).await?;
        Ok(Next::Rest)
    }

    /// Undoes all steps where an environment was placed; what is not there is done.
    pub(super) async fn unmake(&self, environment: EnvironmentId, made: &Made) -> Result<(), DriverError> {
        let driver = self.driver(made).await?;
        self.revert(&*driver, environment).await
    }

    /// Undoes all steps; what is not there is done.
    pub(super) async fn revert(&self, driver: &dyn Driver, environment: EnvironmentId) -> Result<(), DriverError> {
        for step in driver.steps().iter().rev() {
            self.limited(&format!("undoing {step}"), driver.revert(step, environment)).await?;
        }
        Ok(())
    }
}
