//! Compares what should be with what is, both ways: at the start for what a crash left behind, and every minute.

use std::{sync::Arc, time::Duration};

use domain::{
    environments::environment::{Environment, EnvironmentCommand as Do},
    kernel::EnvironmentId,
};
use journal::Position;
use projections::environments::environments;

use super::{Fault, Saga};
use crate::driver::Observed;

/// How often.
pub(super) const EVERY: Duration = Duration::from_mins(1);
const PAGE: u64 = 500;

impl Saga {
    /// Continues with every environment that is not gone; the position from which to follow the journal.
    pub(super) async fn pick_up(self: &Arc<Self>) -> Result<Position, Fault> {
        let head = self.journal.head().await?;
        if !self.projections.reached(head, EVERY).await {
            return Err(Fault::Outside("the read models are not level with the journal yet".into()));
        }
        for environment in self.live().await? {
            self.report_if_lost(environment).await?;
            self.wake(environment);
        }
        self.reap().await?;
        Ok(head)
    }

    pub(super) async fn keep_up(self: Arc<Self>) {
        if let Err(fault) = self.compare().await {
            tracing::error!(%fault, "environments could not be compared with what runs");
        }
    }

    async fn compare(self: &Arc<Self>) -> Result<(), Fault> {
        for environment in self.live().await? {
            if matches!(self.commands.environments.environment(environment).await?, Environment::Ready(_)) {
                self.report_if_lost(environment).await?;
            }
        }
        self.reap().await
    }

    async fn live(&self) -> Result<Vec<EnvironmentId>, Fault> {
        let mut live = Vec::new();
        let mut before = None;
        loop {
            let page = environments::live(self.projections.db(), before, PAGE).await.map_err(|error| Fault::Outside(error.to_string()))?;
            before = page.rows.last().map(|row| row.requested);
            live.extend(page.rows.into_iter().map(|row| EnvironmentId(row.environment)));
            if !page.more {
                return Ok(live);
            }
        }
    }

    /// What was made and does not run any more is made again.
    async fn report_if_lost(&self, environment: EnvironmentId) -> Result<(), Fault> {
        let made = match self.commands.environments.environment(environment).await? {
            Environment::Ready(made) | Environment::Provisioning(made) => made,
            Environment::Absent | Environment::TearingDown(..) | Environment::TornDown(_) | Environment::Stuck(..) => return Ok(()),
        };
        if made.placement.is_some() && self.observe(environment).await? != Observed::Running {
            tracing::warn!(%environment, "an environment is gone and will be made again");
            self.record(environment, || Do::ReportLost).await?;
        }
        Ok(())
    }

    /// Removes what runs for an environment that is gone, or that nobody asked for.
    async fn reap(&self) -> Result<(), Fault> {
        for environment in self.driver.list().await.map_err(|error| Fault::Outside(error.to_string()))? {
            let state = self.commands.environments.environment(environment).await?;
            if matches!(state, Environment::Absent | Environment::TornDown(_)) {
                tracing::warn!(%environment, state = state.state(), "leftovers of an environment are removed");
                self.revert(environment).await.map_err(|error| Fault::Outside(error.to_string()))?;
            }
        }
        Ok(())
    }
}
