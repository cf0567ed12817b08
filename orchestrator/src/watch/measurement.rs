//! How much of a cluster is used, kept with the time that it stands for.

use chrono::TimeDelta;
use commands::{
    Fault, Request,
    environments::{ClusterReport, Taken},
};
use domain::{
    environments::cluster::Capacity,
    kernel::{ClusterId, Timestamp},
};
use journal::{Amounts, UsageSample, UsageSpan};

use super::Watch;

impl Watch {
    /// Keeps what was seen of a cluster, if anything was. `last` is when it was measured last, as far as this node knows.
    pub(super) async fn measure(
        &self,
        request: &Request,
        cluster: ClusterId,
        report: &ClusterReport,
        last: &mut Option<Timestamp>,
    ) -> Result<(), Fault> {
        let Some(taken) = &report.taken else { return Ok(()) };
        let at = commands::system_clock();
        let every = TimeDelta::from_std(self.options.every).unwrap_or(TimeDelta::MAX);
        let before = match *last {
            Some(before) => Some(before),
            // Another node may have looked, or this one before it was started again.
            None => self.measured_last(cluster, at, every * 2).await?,
        };
        let since = before.map_or(every, |before| (at - before).min(every * 2));
        let seconds = u32::try_from(since.num_seconds()).unwrap_or_default().max(1);
        let environments = self.commands.environments.cluster(cluster).await?.member().map_or(0, |member| member.taken().into());
        self.journal.keep_usage(sample(cluster, at, seconds, &report.capacity, taken, environments)).await?;
        *last = Some(at);
        let (amounts, thresholds) = ((report.capacity, taken.requested), self.options.thresholds);
        self.commands.environments.measure_cluster(request, cluster, amounts, thresholds).await?;
        Ok(())
    }

    async fn measured_last(&self, cluster: ClusterId, at: Timestamp, within: TimeDelta) -> Result<Option<Timestamp>, Fault> {
        let span = UsageSpan { cluster: Some(cluster.0), from: at - within, to: at, step: 1 };
        Ok(self.journal.usage(span).await?.last().map(|point| point.at))
    }
}

fn sample(cluster: ClusterId, at: Timestamp, seconds: u32, capacity: &Capacity, taken: &Taken, environments: i64) -> UsageSample {
    let amounts = |of: fn(&Capacity) -> u32| Amounts {
        used: of(&taken.used).into(),
        requested: of(&taken.requested).into(),
        allocatable: of(capacity).into(),
    };
    UsageSample {
        cluster: cluster.0,
        at,
        seconds,
        cpu: amounts(|of| of.cpu.0),
        memory: amounts(|of| of.memory.0),
        storage: amounts(|of| of.storage.0),
        pods: amounts(|of| of.pods),
        environments,
    }
}
