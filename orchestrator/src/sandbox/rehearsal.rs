//! Playing a step through before learners do: its check must fail before the solution and pass after it.

use domain::kernel::EnvironmentId;

use crate::driver::{Driver, DriverError, EnvironmentSpec, ScriptEnd, ScriptOutcome, ScriptRun};

/// How a step went in rehearsal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsal {
    /// The check, before the solution.
    pub before: ScriptOutcome,
    /// The solution.
    pub solution: ScriptOutcome,
    /// The check, after the solution.
    pub after: ScriptOutcome,
}

impl Rehearsal {
    /// Whether the check tells done from not done. A check that fails by running out of time or output tells nothing.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let failed = matches!(self.before.end, ScriptEnd::Exited(status) if status != 0);
        failed && self.solution.end == ScriptEnd::Exited(0) && self.after.end == ScriptEnd::Exited(0)
    }
}

/// Makes an environment by all of the driver's steps.
///
/// # Errors
/// The first step's that failed; what was made is undone.
pub async fn provision(driver: &dyn Driver, spec: &EnvironmentSpec) -> Result<(), DriverError> {
    for step in driver.steps() {
        if let Err(error) = driver.apply(step, spec).await {
            dismantle(driver, spec.id).await?;
            return Err(error);
        }
    }
    Ok(())
}

/// Undoes all of the driver's steps.
///
/// # Errors
/// The first step's that failed.
pub async fn dismantle(driver: &dyn Driver, environment: EnvironmentId) -> Result<(), DriverError> {
    for step in driver.steps().iter().rev() {
        driver.revert(step, environment).await?;
    }
    Ok(())
}

/// Runs check, solution and check again in an environment that stands.
///
/// # Errors
/// The driver's; a script that fails is no error.
pub async fn rehearse(
    driver: &dyn Driver,
    environment: EnvironmentId,
    check: &ScriptRun,
    solution: &ScriptRun,
) -> Result<Rehearsal, DriverError> {
    let before = driver.run(environment, check).await?;
    let solution = driver.run(environment, solution).await?;
    let after = driver.run(environment, check).await?;
    Ok(Rehearsal { before, solution, after })
}
