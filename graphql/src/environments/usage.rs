//! How much of clusters was used, over time, and what they cost.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::TimeDelta;
use domain::{
    environments::cost::{Amount, Prices, Stood},
    identity::Permission,
    kernel::{ClusterId, Timestamp},
};
use journal::{UsagePoint as Point, UsageSpan, kept_step};

use crate::{
    context::Access,
    failure::{Failure, Result},
    input::{number, optional_id},
    services::Services,
};

/// How many points an answer may have.
const MOST: i64 = 1000;
/// Steps begin at whole minutes.
const MINUTE: i32 = 60;
/// Steps that are taken where none is asked for: the finest that is kept and has at most [`MOST`] points.
const USUAL: [i32; 3] = [300, 3600, 86_400];

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
        ctx.caller().require(Permission::ReadClusters)?;
        let cluster: Option<ClusterId> = optional_id("clusterId", cluster_id.as_ref())?;
        let now = chrono::Utc::now();
        let to = to.unwrap_or(now);
        if from >= to {
            return Err(Failure::bad_input("from", "from: expected an instant before to"));
        }
        let kept = kept_step(from, now).ok_or_else(|| Failure::bad_input("from", "from: expected an instant of the last 366 days"))?;
        let step = match step {
            Some(step) => checked(step, kept, to - from)?,
            None => usual(kept, to - from)?,
        };
        let span = UsageSpan { cluster: cluster.map(|cluster| cluster.0), from, to, step };
        let points = ctx.services().journal.usage(span).await?;
        Ok(points.iter().map(|point| UsagePoint::new(ctx.services(), point)).collect())
    }
}

/// A step that is asked for, if it can be answered.
fn checked(step: i32, kept: u32, span: TimeDelta) -> Result<u32> {
    let refused = |expected: String| Err(Failure::bad_input("step", format!("step: expected {expected}, got {step}")));
    let finest = number(kept).max(MINUTE);
    if step < finest || step % finest != 0 {
        return refused(match kept {
            0 => format!("a multiple of {MINUTE} seconds"),
            _ => format!("a multiple of {kept} seconds, which is what is kept of that time"),
        });
    }
    if !is_bounded(step, span) {
        return refused(format!("at least {} seconds for so long a time: {MOST} points at most", span.num_seconds() / MOST + 1));
    }
    Ok(step.unsigned_abs())
}

/// The step where none is asked for.
fn usual(kept: u32, span: TimeDelta) -> Result<u32> {
    let step = USUAL.into_iter().find(|step| *step >= number(kept) && is_bounded(*step, span));
    // A year of days is within the bound; what is to come is not asked for.
    step.map(i32::unsigned_abs).ok_or_else(|| Failure::bad_input("to", "to: expected an instant at most 1000 days after from"))
}

fn is_bounded(step: i32, span: TimeDelta) -> bool {
    span.num_seconds() / i64::from(step) <= MOST
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
