//! Unmaking an environment: every step, in reverse, also those that only may have run.

use domain::{environments::environment::EnvironmentCommand as Do, kernel::EnvironmentId};

use super::{Fault, Next, Saga, TRIES, pause};
use crate::driver::DriverError;

impl Saga {
    pub(super) async fn tear_down(&self, environment: EnvironmentId) -> Result<Next, Fault> {
        let mut failures = 0;
        while let Err(error) = self.revert(environment).await {
            failures += 1;
            tracing::warn!(%environment, failures, %error, "a teardown failed");
            if failures >= TRIES || matches!(error, DriverError::Terminal(_)) {
                let reason = error.to_string();
                self.record(environment, || Do::GetStuck { reason: reason.clone() }).await?;
                return Ok(Next::Rest);
            }
            tokio::time::sleep(pause(failures)).await;
        }
        self.record(environment, || Do::FinishTeardown).await?;
        Ok(Next::Rest)
    }

    /// Undoes all steps; what is not there is done.
    pub(super) async fn revert(&self, environment: EnvironmentId) -> Result<(), DriverError> {
        for step in self.driver.steps().iter().rev() {
            self.limited(&format!("undoing {step}"), self.driver.revert(step, environment)).await?;
        }
        Ok(())
    }
}
