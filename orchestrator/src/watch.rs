//! Looks at every cluster again and again, each on its own, so that one that hangs delays no other. What is seen is counted here
//! and recorded by the cluster only when it has changed and lasts. How much is used is a measurement and kept as one.

mod measurement;

use std::{collections::HashMap, sync::Arc, time::Duration};

use commands::{
    Commands, Fault, Request,
    environments::{ClusterReport, Fleet},
};
use domain::{
    environments::cluster::{Health, Observation, Streak, Thresholds},
    kernel::{ClusterId, Timestamp},
};
use journal::Journal;
use projections::{Projections, environments::clusters};
use tokio::{sync::watch, task::JoinHandle, time::Instant};

/// How often clusters are looked at.
#[derive(Clone, Copy, Debug)]
pub struct WatchOptions {
    /// While they do well: from the beginning of a look to that of the next, up to a fifth less, so that not all are looked at
    /// together.
    pub every: Duration,
    /// While they do not, or have just begun to.
    pub soon: Duration,
    /// What one look may take.
    pub patience: Duration,
    /// When a cluster is short of something.
    pub thresholds: Thresholds,
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self {
            every: Duration::from_mins(5),
            soon: Duration::from_secs(20),
            patience: Duration::from_secs(30),
            thresholds: Thresholds::default(),
        }
    }
}

/// Looks at clusters.
pub struct Watch {
    pub commands: Arc<Commands>,
    pub fleet: Arc<dyn Fleet>,
    pub journal: Arc<dyn Journal>,
    pub projections: Arc<Projections>,
    /// This node's name: of several nodes, one looks at a cluster.
    pub node: String,
    pub options: WatchOptions,
}

impl Watch {
    /// Looks at all clusters that are registered, also at those that will be, until `stop` turns true.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut looking: HashMap<ClusterId, JoinHandle<()>> = HashMap::new();
        loop {
            match clusters::registered(self.projections.db()).await {
                Ok(rows) => {
                    looking.retain(|_, task| !task.is_finished());
                    for row in rows {
                        let cluster = ClusterId(row.cluster);
                        looking.entry(cluster).or_insert_with(|| tokio::spawn(Arc::clone(&self).follow(cluster)));
                    }
                }
                Err(error) => tracing::warn!(%error, "the clusters to be looked at could not be read; trying again"),
            }
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                () = tokio::time::sleep(self.options.soon) => {}
            }
        }
        for task in looking.into_values() {
            task.abort();
        }
    }

    /// Until the cluster is removed.
    async fn follow(self: Arc<Self>, cluster: ClusterId) {
        let (mut streak, mut measured) = (None, None);
        loop {
            let began = Instant::now();
            match self.look(cluster, &mut streak, &mut measured).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(fault) => tracing::warn!(%cluster, %fault, "a cluster could not be looked at; trying again"),
            }
            let calm = streak.as_ref().is_none_or(|streak: &Streak| matches!(streak.settled(), Some((Health::Healthy, _))));
            let wait = if calm { self.options.every } else { self.options.soon };
            tokio::time::sleep_until(began + wait.mul_f64(rand::random_range(0.8..0.95))).await;
        }
    }

    /// Looks once; whether the cluster is still one.
    async fn look(&self, cluster: ClusterId, streak: &mut Option<Streak>, measured: &mut Option<Timestamp>) -> Result<bool, Fault> {
        let held = self.options.every * 2 + self.options.patience;
        if self.journal.lease(&format!("watch/{cluster}"), &self.node, held).await?.is_none() {
            (*streak, *measured) = (None, None);
            return Ok(self.commands.environments.cluster(cluster).await?.member().is_some());
        }
        let request = Request::system("cluster_watch");
        let report = match self.commands.environments.connection(cluster).await {
            Ok(Some(connection)) => tokio::time::timeout(self.options.patience, self.fleet.test(&connection)).await.ok(),
            Ok(None) => return Ok(false),
            Err(fault @ Fault::CredentialsMissing { .. }) => {
                tracing::error!(%cluster, %fault, "a cluster cannot be reached");
                Some(ClusterReport::default())
            }
            Err(fault) => return Err(fault),
        };
        let (health, reason) = match &report {
            None => (Health::Unreachable, format!("no answer within {} s", self.options.patience.as_secs_f32())),
            Some(report) => judge(report),
        };
        let seen = Streak::after(streak.take(), Observation { health, reason, at: commands::system_clock() });
        self.commands.environments.observe_cluster(&request, cluster, &seen).await?;
        *streak = Some(seen);
        if let Some(report) = &report {
            self.measure(&request, cluster, report, measured).await?;
        }
        if let Some(assessment) = report.and_then(|report| report.assessed().ok()) {
            self.commands.environments.assess_cluster(&request, cluster, &assessment).await?;
        }
        Ok(true)
    }
}

/// How a cluster does, and why.
fn judge(report: &ClusterReport) -> (Health, String) {
    let reason = report.assessed().err().map(|rejection| rejection.to_string()).unwrap_or_default();
    match report {
        report if report.is_usable() => (Health::Healthy, reason),
        report if report.reachable => (Health::Degraded, reason),
        _ => (Health::Unreachable, reason),
    }
}
