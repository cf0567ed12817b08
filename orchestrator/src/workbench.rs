//! The way into environments that are ready: checks, files, terminals, and what learners see of their part of a cluster.

mod resources;

use std::{sync::Arc, time::Duration};

use commands::{
    Fault,
    learning::{Laboratory, LaboratoryError, Observation},
    stored::JournalStore,
    workshops::ScriptParser,
};
use domain::{
    environments::environment::Environment,
    kernel::{EnvironmentId, SessionId},
    learning::session::{CheckEnd, Session},
    workshops::content::{Check, ProvidedFile},
};
use journal::Journal;

use crate::{
    driver::{Driver, DriverError, ScriptEnd, ScriptRun, Terminal, TerminalSize},
    sandbox::SandboxDriver,
    sites::Sites,
};

/// What a check may print before it is stopped.
pub const CHECK_OUTPUT: u64 = 1 << 20;

/// Works in environments on behalf of learners.
#[derive(Clone)]
pub struct Workbench {
    sites: Arc<Sites>,
    store: JournalStore,
}

impl Workbench {
    /// Environments are looked up in `journal` and reached where they are placed.
    #[must_use]
    pub fn new(sites: Arc<Sites>, journal: Arc<dyn Journal>) -> Self {
        Self { sites, store: JournalStore(journal) }
    }

    /// Opens a shell in an environment.
    ///
    /// # Errors
    /// The environment is not ready, or has no room for another shell.
    pub async fn terminal(&self, environment: EnvironmentId, size: TerminalSize) -> Result<Terminal, LaboratoryError> {
        let driver = self.ready(environment).await?;
        driver.terminal(environment, size).await.map_err(|error| unable(&error))
    }

    /// What reaches an environment that is ready.
    async fn ready(&self, environment: EnvironmentId) -> Result<Arc<dyn Driver>, LaboratoryError> {
        let state = self.store.load::<Environment>(environment.into()).await.map_err(|fault| failed(&fault))?.aggregate.0;
        match state {
            Environment::Ready(made) => match made.placement {
                Some(placement) => self.sites.driver(&placement).await.map_err(|error| unable(&error)),
                None => Ok(Arc::clone(&self.sites.local)),
            },
            // It is asked for by a reaction, a moment after the session has started.
            Environment::Absent => Err(LaboratoryError::NotReady("requested".into())),
            state => Err(LaboratoryError::NotReady(state.state().into())),
        }
    }

    async fn environment_of(&self, session: SessionId) -> Result<(EnvironmentId, Arc<dyn Driver>), LaboratoryError> {
        let state = self.store.load::<Session>(session.into()).await.map_err(|fault| failed(&fault))?.aggregate.0;
        let environment = match state {
            Session::Active(active) => active.start.environment,
            Session::Absent | Session::Ended { .. } => None,
        };
        let environment = environment.ok_or_else(|| LaboratoryError::NotReady("absent".into()))?;
        Ok((environment, self.ready(environment).await?))
    }
}

fn unable(error: &DriverError) -> LaboratoryError {
    LaboratoryError::Failed(error.to_string())
}

fn failed(fault: &Fault) -> LaboratoryError {
    LaboratoryError::Failed(fault.to_string())
}

#[async_trait::async_trait]
impl Laboratory for Workbench {
    async fn check(&self, session: SessionId, check: &Check) -> Result<Observation, LaboratoryError> {
        let (environment, driver) = self.environment_of(session).await?;
        let run = ScriptRun {
            script: check.script.clone().ok_or_else(|| LaboratoryError::Failed(format!("check {} has no script", check.name)))?,
            arguments: check.arguments.clone(),
            timeout: Duration::from_secs(check.timeout.0.into()),
            output_limit: CHECK_OUTPUT,
            as_learner: false,
        };
        let outcome = driver.run(environment, &run).await.map_err(|error| unable(&error))?;
        let end = match outcome.end {
            ScriptEnd::Exited(status) => CheckEnd::Exited(status),
            ScriptEnd::Signalled(signal) => CheckEnd::Signalled(signal),
            ScriptEnd::TimedOut => CheckEnd::TimedOut,
            ScriptEnd::OutputLimit => CheckEnd::OutputLimit,
        };
        let milliseconds = u32::try_from(outcome.took.as_millis()).unwrap_or(u32::MAX);
        Ok(Observation { end, output: outcome.tail, digest: outcome.digest, milliseconds })
    }

    async fn provide(&self, session: SessionId, files: &[ProvidedFile]) -> Result<(), LaboratoryError> {
        let (environment, driver) = self.environment_of(session).await?;
        driver.put_files(environment, files).await.map_err(|error| unable(&error))
    }
}

/// Parses authors' scripts with the sandbox's own shell.
pub struct SandboxShell(pub SandboxDriver);

#[async_trait::async_trait]
impl ScriptParser for SandboxShell {
    async fn complaint(&self, script: &str) -> Result<Option<String>, Fault> {
        Ok(self.0.parses(script).await.err())
    }
}
