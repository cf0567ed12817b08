//! Compares what should be with what is, both ways: at the start for what a crash left behind, and every minute.

use std::{sync::Arc, time::Duration};

use domain::{
    environments::environment::{Environment, EnvironmentCommand as Do, Made},
    kernel::{ClusterId, EnvironmentId},
};
use journal::Position;
use projections::environments::{clusters, environments};

use super::{Fault, Saga, outside, request};
use crate::driver::{Driver, Observed};

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
        let live = self.live().await?;
        for &environment in &live {
            // One that cannot be looked at keeps nobody else waiting; it is looked at again before long.
            if let Err(fault) = self.look_after(environment, true).await {
                tracing::error!(%environment, %fault, "an environment could not be compared with what runs");
            }
            if let Err(fault) = self.wait_again(environment).await {
                tracing::error!(%environment, %fault, "an environment could not be put where it waited");
            }
        }
        // Once all that wait are known, so that they are served in their order.
        for environment in live {
            self.wake(environment);
        }
        if let Err(fault) = self.reap().await {
            tracing::error!(%fault, "leftovers of environments could not be looked for");
        }
        Ok(head)
    }

    /// Has an environment wait for a place again if it did before.
    async fn wait_again(&self, environment: EnvironmentId) -> Result<(), Fault> {
        if let Environment::Provisioning(made) = self.commands.environments.environment(environment).await?
            && made.placement.is_none()
        {
            self.enqueue(environment, &made).await?;
        }
        Ok(())
    }

    pub(super) async fn keep_up(self: Arc<Self>) {
        if let Err(fault) = self.compare().await {
            tracing::error!(%fault, "environments could not be compared with what runs");
        }
    }

    async fn compare(self: &Arc<Self>) -> Result<(), Fault> {
        for environment in self.live().await? {
            if let Err(fault) = self.look_after(environment, false).await {
                tracing::error!(%environment, %fault, "an environment could not be compared with what runs");
            }
        }
        self.reap().await
    }

    async fn live(&self) -> Result<Vec<EnvironmentId>, Fault> {
        let mut live = Vec::new();
        let mut before = None;
        loop {
            let page = environments::live(self.projections.db(), before, PAGE).await.map_err(outside)?;
            before = page.rows.last().map(|row| row.requested);
            live.extend(page.rows.into_iter().map(|row| EnvironmentId(row.environment)));
            if !page.more {
                return Ok(live);
            }
        }
    }

    /// What was made and does not run any more is made again; also what was being made, if nobody is at it (`interrupted`).
    async fn look_after(self: &Arc<Self>, environment: EnvironmentId, interrupted: bool) -> Result<(), Fault> {
        let state = self.commands.environments.environment(environment).await?;
        let Some(made) = state.made() else { return Ok(()) };
        if self.is_elsewhere(made).await? {
            return self.inherit(environment, &state, made).await;
        }
        if made.placement.as_ref().is_some_and(|placement| placement.cluster().is_some()) {
            return self.look_after_on_cluster(environment, &state, made).await;
        }
        let here = &*self.sites.local;
        let lost = match &state {
            Environment::Ready(_) => self.observe(here, environment).await? != Observed::Running,
            // What cannot be looked at may stand in part: before it is placed again, that is undone.
            Environment::Provisioning(made) if interrupted && made.placement.is_some() => {
                !matches!(self.observe(here, environment).await, Ok(Observed::Running))
            }
            Environment::Provisioning(_)
            | Environment::Absent
            | Environment::TearingDown(..)
            | Environment::TornDown(_)
            | Environment::Stuck(..) => false,
        };
        if lost {
            tracing::warn!(%environment, "an environment is gone and will be made again");
            self.record(environment, || Do::ReportLost).await?;
        }
        Ok(())
    }

    /// A cluster outlives the node that works on it, so what was begun there is gone on with.
    async fn look_after_on_cluster(self: &Arc<Self>, environment: EnvironmentId, state: &Environment, made: &Made) -> Result<(), Fault> {
        if !matches!(state, Environment::Ready(_)) {
            self.wake(environment);
            return Ok(());
        }
        let driver = self.driver(made).await.map_err(outside)?;
        let stands = self.limited("looking at it", driver.stands(environment)).await.map_err(outside)?;
        if !stands {
            tracing::warn!(%environment, "an environment is gone and will be made again");
            // Before it may be placed elsewhere.
            self.revert(&*driver, environment).await.map_err(outside)?;
            self.leave(environment, made, || Do::ReportLost).await?;
        }
        Ok(())
    }

    /// What was on a node that died is made again, or its end recorded: nothing of it is left there.
    async fn inherit(&self, environment: EnvironmentId, state: &Environment, made: &Made) -> Result<(), Fault> {
        if !self.is_orphaned(environment, made).await? {
            return Ok(());
        }
        match state {
            Environment::Provisioning(_) | Environment::Ready(_) => self.record(environment, || Do::ReportLost).await?,
            Environment::TearingDown(..) => self.record(environment, || Do::FinishTeardown).await?,
            Environment::Absent | Environment::TornDown(_) | Environment::Stuck(..) => false,
        };
        Ok(())
    }

    /// Removes what runs for an environment that is gone, or that nobody asked for.
    async fn reap(&self) -> Result<(), Fault> {
        self.reap_at(None, &*self.sites.local).await?;
        let Some(there) = self.sites.clusters() else { return Ok(()) };
        let rows = clusters::registered(self.projections.db()).await.map_err(outside)?;
        for cluster in rows.into_iter().map(|row| ClusterId(row.cluster)) {
            // Also where no environment lives; by one node at a time.
            if self.journal.lease(&format!("leftovers/{cluster}"), &self.sites.node, EVERY).await?.is_none() {
                continue;
            }
            // One that cannot be reached keeps no other waiting.
            let reaped = match self.limited("connecting to a cluster", there.driver(cluster)).await {
                Ok(driver) => self.reap_at(Some(cluster), &*driver).await,
                Err(error) => Err(outside(error)),
            };
            if let Err(fault) = reaped {
                tracing::error!(%cluster, %fault, "leftovers of environments on a cluster could not be looked for");
            }
        }
        Ok(())
    }

    async fn remove_leftovers(&self, cluster: Option<ClusterId>, driver: &dyn Driver, environment: EnvironmentId) -> Result<(), Fault> {
        // They may have gone since they were listed, in the usual way.
        if self.observe(driver, environment).await? == Observed::Absent {
            return Ok(());
        }
        tracing::warn!(%environment, "leftovers of an environment are removed");
        self.revert(driver, environment).await.map_err(outside)?;
        if let Some(cluster) = cluster {
            self.commands.environments.report_leftovers(&request(), cluster, environment).await?;
        }
        Ok(())
    }

    /// On a cluster, or on this host.
    async fn reap_at(&self, cluster: Option<ClusterId>, driver: &dyn Driver) -> Result<(), Fault> {
        let node = cluster.map_or_else(|| self.sites.node.clone(), |cluster| cluster.to_string());
        let there = self.limited("looking for environments", driver.list()).await.map_err(outside)?;
        for environment in there {
            let state = self.commands.environments.environment(environment).await?;
            // Also one that was made again elsewhere while this node was taken for dead.
            let elsewhere = |made: &Made| made.placement.as_ref().is_some_and(|placement| placement.node != node);
            if state.made().is_none_or(elsewhere) {
                // One that cannot be removed keeps no other.
                if let Err(fault) = self.remove_leftovers(cluster, driver, environment).await {
                    tracing::error!(%environment, %fault, "leftovers of an environment could not be removed");
                }
            }
        }
        Ok(())
    }
}
