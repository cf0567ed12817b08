//! Making an environment, step by step; each step's start is recorded before its effect.

use std::sync::Arc;

use domain::{
    environments::environment::{EnvironmentCommand as Do, Failure, Made, Placement, TeardownReason},
    kernel::EnvironmentId,
    learning::session::Session,
    workshops::content::ProvidedFile,
};

use super::{Fault, Next, Saga, TRIES, outside, pause};
use crate::driver::{Driver, DriverError, EnvironmentSpec, Observed};

impl Saga {
    pub(super) async fn provision(&self, environment: EnvironmentId, made: Made) -> Result<Next, Fault> {
        if made.placement.is_none() {
            return self.place_here(environment).await;
        }
        let driver = self.driver(&made).await.map_err(outside)?;
        let open = made.open.as_ref().map(|open| (open.step.as_str(), open.attempt));
        let mut left = driver.steps().iter().copied().filter(|step| !made.done.iter().any(|done| done == step));
        let Some(first) = left.next() else {
            let (files, completed) = self.files(&made).await?;
            self.put(&*driver, environment, &files).await;
            if self.record(environment, || Do::MarkReady).await? {
                return self.open_for_work(&*driver, environment, &made, completed).await;
            }
            return Ok(Next::Again);
        };
        if open.is_some_and(|(_, attempt)| attempt >= TRIES) {
            return self.give_up(environment).await;
        }
        // What was made ahead may have gone since, and its learner would wait in vain for the last step to go well.
        if made.claimed && matches!(self.limited("looking at it", driver.stands(environment)).await, Ok(false)) {
            tracing::warn!(%environment, "an environment that was made ahead is gone and will be made again");
            self.revert(&*driver, environment).await.map_err(outside)?;
            self.leave(environment, &made, || Do::ReportLost).await?;
            return Ok(Next::Again);
        }
        let (spec, completed) = self.spec(environment, &made).await?;
        // The step that puts files may have been done for nobody yet, or when the learner had completed less.
        let is_resumed = !made.done.is_empty();
        if !self.record(environment, || start(first)).await? {
            return Ok(Next::Again); // Its end was asked for meanwhile.
        }
        let (mut step, mut attempt) = (first, open.map_or(0, |(_, attempt)| attempt) + 1);
        loop {
            if let Err(error) = self.limited(step, driver.apply(step, &spec)).await {
                return self.failed(environment, step, attempt, error).await;
            }
            let next = left.next();
            if next.is_none() && is_resumed {
                self.put(&*driver, environment, &spec.files).await;
            }
            // Recorded together: nothing happens between the two.
            if !self.record_all(environment, || [Do::SucceedStep { step: step.into() }, next.map_or(Do::MarkReady, start)]).await? {
                return Ok(Next::Again);
            }
            let Some(next) = next else { return self.open_for_work(&*driver, environment, &made, completed).await };
            if self.is_elsewhere(&made).await? {
                return Ok(Next::Rest);
            }
            (step, attempt) = (next, 1);
        }
    }

    async fn place_here(&self, environment: EnvironmentId) -> Result<Next, Fault> {
        let driver = &self.sites.local;
        // An environment that was lost may have left something behind.
        if self.observe(&**driver, environment).await? != Observed::Absent {
            self.revert(&**driver, environment).await.map_err(outside)?;
        }
        let placement = Placement {
            driver: driver.name().into(),
            node: self.sites.node.clone(),
            reason: format!("the {} driver on this node is the only one", driver.name()),
        };
        self.record(environment, || Do::Place(placement.clone())).await?;
        Ok(Next::Again)
    }

    async fn failed(&self, environment: EnvironmentId, step: &str, attempt: u32, error: DriverError) -> Result<Next, Fault> {
        let (failure, reason) = match error {
            DriverError::Transient(reason) => (Failure::Transient, reason),
            DriverError::Terminal(reason) => (Failure::Terminal, reason),
        };
        tracing::warn!(%environment, step, attempt, ?failure, reason, "a provisioning step failed");
        self.record(environment, || Do::FailStep { step: step.into(), failure, reason: reason.clone() }).await?;
        if failure == Failure::Terminal || attempt >= TRIES {
            return self.give_up(environment).await;
        }
        Ok(Next::After(pause(attempt)))
    }

    async fn give_up(&self, environment: EnvironmentId) -> Result<Next, Fault> {
        self.record(environment, || Do::BeginTeardown { reason: TeardownReason::ProvisioningFailed }).await?;
        Ok(Next::Again)
    }

    /// A step that was completed while the environment was being made, after so many that it was made for, has brought its files to
    /// nobody. No others: the learner may be at work on them by now.
    async fn open_for_work(
        &self,
        driver: &dyn Driver,
        environment: EnvironmentId,
        made: &Made,
        completed: Option<usize>,
    ) -> Result<Next, Fault> {
        let learning = &self.commands.learning;
        if let Session::Active(active) = learning.session(made.request.session).await? {
            let files = match completed {
                Some(completed) => learning.files_since(&active, completed).await?,
                None => learning.files(&active, active.completed.len()).await?,
            };
            self.put(driver, environment, &files).await;
        }
        Ok(Next::Rest)
    }

    async fn put(&self, driver: &dyn Driver, environment: EnvironmentId, files: &[ProvidedFile]) {
        if files.is_empty() {
            return;
        }
        if let Err(error) = self.limited("putting files", driver.put_files(environment, files)).await {
            tracing::warn!(%environment, %error, "files could not be provided");
        }
    }

    /// What is to be made, and after how many completed steps, as [`Self::files`] has it.
    async fn spec(&self, environment: EnvironmentId, made: &Made) -> Result<(EnvironmentSpec, Option<usize>), Fault> {
        let content = self.commands.workshops.content(&made.request.content).await?;
        let (files, completed) = self.files(made).await?;
        let spec = EnvironmentSpec {
            id: environment,
            session: made.request.session,
            learner: made.request.learner,
            needs: content.environment.clone().unwrap_or_default(),
            files,
        };
        Ok((spec, completed))
    }

    /// What is in the home after so many completed steps; none, if nothing is known yet of who is to work there.
    async fn files(&self, made: &Made) -> Result<(Vec<ProvidedFile>, Option<usize>), Fault> {
        // Files of steps that another node has seen completed meanwhile are put there when it is opened for work.
        match self.commands.learning.known_session(made.request.session).await? {
            Session::Active(active) => {
                let completed = active.completed.len();
                Ok((self.commands.learning.files(&active, completed).await?, Some(completed)))
            }
            Session::Absent | Session::Ended { .. } => Ok((vec![], None)),
        }
    }

    /// What makes an environment where it is placed; this host's, if it is not placed.
    pub(super) async fn driver(&self, made: &Made) -> Result<Arc<dyn Driver>, DriverError> {
        match &made.placement {
            Some(placement) => self.limited("connecting to its cluster", self.sites.driver(placement)).await,
            None => Ok(Arc::clone(&self.sites.local)),
        }
    }

    pub(super) async fn observe(&self, driver: &dyn Driver, environment: EnvironmentId) -> Result<Observed, Fault> {
        self.limited("looking at it", driver.observe(environment)).await.map_err(outside)
    }
}

fn start(step: &str) -> Do {
    Do::StartStep { step: step.into() }
}
