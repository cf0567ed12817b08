//! How much of clusters was used, over time, and what they cost.

use async_graphql::{Context, ID, Object, SimpleObject};
use commands::authorization::reads;
use domain::{
    environments::cost::{Amount, Prices, Stood},
    kernel::{ClusterId, Timestamp},
};
use journal::{UsagePoint as Point, UsageSpan};

use crate::{
    context::Access,
    failure::{Failure, Result},
    input::{number, optional_id},
    services::Services,
};

/// What something cost.
#[derive(SimpleObject)]
pub(crate) struct Cost {
    /// In units of the currency, with two to six decimals, such as `13.92`.
    amount: String,
    /// ISO 4217.
    currency: String,
}

impl Cost {
    /// None without prices.
    pub(crate) fn of(services: &Services, stood: impl IntoIterator<Item = Stood>) -> Option<Self> {
        let prices = services.settings.prices.as_ref()?;
        Some(Self::new(prices, stood.into_iter().map(|stood| prices.cost(stood).0).fold(0, i64::saturating_add)))
    }

    fn new(prices: &Prices, amount: i64) -> Self {
        Self { amount: Amount(amount).to_string(), currency: prices.currency().to_owned() }
    }
}

/// How clusters did over one step of time.
#[derive(SimpleObject)]
pub(crate) struct UsagePoint {
    /// When the step begins.
    at: Timestamp,
    /// In thousandths of a core, a mean; as requested, where it was not measured.
    cpu_used: i32,
    /// In thousandths of a core, a mean.
    cpu_requested: i32,
    /// In thousandths of a core, as it was last.
    cpu_allocatable: i32,
    /// In MiB, a mean; as requested, where it was not measured.
    memory_used: i32,
    /// In MiB, a mean.
    memory_requested: i32,
    /// In MiB, as it was last.
    memory_allocatable: i32,
    /// Of the nodes' own disks, in MiB, a mean; as requested, where it was not measured.
    storage_used: i32,
    /// Of the nodes' own disks, in MiB, a mean.
    storage_requested: i32,
    /// Of the nodes' own disks, in MiB, as it was last.
    storage_allocatable: i32,
    /// Those that run, a mean.
    pods: i32,
    /// How many may run, as it was last.
    pods_allocatable: i32,
    /// Environments with a place, a mean.
    environments: i32,
    /// Of what was allocatable, for as long as it was measured; null, if the operator has set no prices.
    cost: Option<Cost>,
}

impl UsagePoint {
    fn new(services: &Services, point: &Point) -> Self {
        Self {
            at: point.at,
            cpu_used: number(point.cpu.used),
            cpu_requested: number(point.cpu.requested),
            cpu_allocatable: number(point.cpu.allocatable),
            memory_used: number(point.memory.used),
            memory_requested: number(point.memory.requested),
            memory_allocatable: number(point.memory.allocatable),
            storage_used: number(point.storage.used),
            storage_requested: number(point.storage.requested),
            storage_allocatable: number(point.storage.allocatable),
            pods: number(point.pods.used),
            pods_allocatable: number(point.pods.allocatable),
            environments: number(point.environments),
            cost: Cost::of(services, [stood(point)]),
        }
    }
}

const fn stood(point: &Point) -> Stood {
    Stood { cpu: point.cpu_seconds, memory: point.memory_seconds, clusters: point.cluster_seconds }
}

#[derive(Default)]
pub(crate) struct UsageQueries;

#[Object]
impl UsageQueries {
    /// How much of a cluster, or of all together, was used from an instant until another (now, if left out), earliest first, for
    /// administrators. Of all together, a step is the sum over those that were measured in it.
    ///
    /// `step` is in seconds, a multiple of 60 and of what is kept: as measured for a day, 300 for a week, 3600 for a year. Steps
    /// begin at multiples of it since 1970, the first at or before `from`; those without a measurement are left out. There are at
    /// most 1000. Left out, it is the first of 300, 3600 and 86400 that will do.
    #[graphql(complexity = "100 + 10 * child_complexity")]
    async fn resource_usage(
        &self,
        ctx: &Context<'_>,
        cluster_id: Option<ID>,
        from: Timestamp,
        to: Option<Timestamp>,
        step: Option<i32>,
    ) -> Result<Vec<UsagePoint>> {
        ctx.caller().allowed(&reads::RESOURCE_USAGE)?;
        let cluster: Option<ClusterId> = optional_id("clusterId", cluster_id.as_ref())?;
        let span = UsageSpan::try_new(cluster.map(|cluster| cluster.0), from, to, step, chrono::Utc::now());
        let span = span.map_err(|refused| Failure::bad_input(refused.field, refused.to_string()))?;
        let points = ctx.services().journal.usage(span).await?;
        Ok(points.iter().map(|point| UsagePoint::new(ctx.services(), point)).collect())
    }
}

/// What all clusters have cost since an instant; none without prices.
pub(super) async fn cost_since(ctx: &Context<'_>, from: Timestamp) -> Result<Option<Cost>> {
    let services = ctx.services();
    if services.settings.prices.is_none() {
        return Ok(None);
    }
    let to = chrono::Utc::now().max(from);
    let points = services.journal.usage(UsageSpan { cluster: None, from, to, step: 86_400 }).await?;
    Ok(Cost::of(services, points.iter().map(stood)))
}
