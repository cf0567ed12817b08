//! How the platform does, and where environments would go.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{NaiveTime, TimeZone};
use commands::authorization::reads;
use domain::{
    environments::cluster::Health,
    kernel::{ClusterId, WorkshopId},
};
use futures_util::try_join;
use projections::{
    environments::{
        clusters,
        environments::{self, Starts},
    },
    learning::sessions,
};

use super::{
    cluster::{Cluster, ClusterCapacity},
    environment::EnvironmentState,
    usage::{Cost, cost_since},
};
use crate::{
    context::Access,
    failure::Result,
    input::{self, number},
    workshops::load_content,
};

/// Starts count from so long ago.
const RECENT: chrono::TimeDelta = chrono::TimeDelta::hours(24);

/// How the platform does.
#[derive(SimpleObject)]
pub(crate) struct PlatformStatistics {
    /// Clusters that are registered.
    clusters: i32,
    /// Those of them that are well.
    healthy_clusters: i32,
    /// How many environments are in which state, those that are gone left out.
    environments_by_state: Vec<EnvironmentCount>,
    /// Sessions started since midnight in the platform's time zone, previews left out.
    sessions_today: i32,
    /// Seconds within which half of the environments asked for in the last 24 hours were ready; null, if none was.
    start_p50: Option<f64>,
    /// Seconds within which 99 of 100 were.
    start_p99: Option<f64>,
    /// How many of the environments asked for in the last 24 hours could not be made, per environment that could or could not,
    /// from 0 to 1; null before the first.
    failure_rate: Option<f64>,
    /// Of all registered clusters together, as it was found last.
    capacity: ClusterCapacity,
    /// Of all clusters since midnight in the platform's time zone; null, if the operator has set no prices.
    cost_today: Option<Cost>,
}

/// Environments in one state.
#[derive(SimpleObject)]
pub(crate) struct EnvironmentCount {
    state: EnvironmentState,
    count: i32,
}

/// Where an environment of a workshop would go now.
#[derive(SimpleObject)]
pub(crate) struct PlacementPreview {
    /// Clusters that take it, the best first.
    choices: Vec<PlacementChoice>,
    /// Clusters that do not.
    refusals: Vec<PlacementRefusal>,
}

/// A cluster where an environment could go.
#[derive(SimpleObject)]
pub(crate) struct PlacementChoice {
    cluster: Cluster,
    /// The higher, the better; of no meaning beside choices for another workshop.
    score: i32,
    /// For people; do not parse it.
    reason: String,
}

/// A cluster where an environment could not go.
#[derive(SimpleObject)]
pub(crate) struct PlacementRefusal {
    cluster: Cluster,
    /// For people; do not parse it.
    reason: String,
}

#[derive(Default)]
pub(crate) struct PlatformQueries;

#[Object]
impl PlatformQueries {
    /// How the platform does, for administrators.
    #[graphql(complexity = "20 + child_complexity")]
    async fn platform_statistics(&self, ctx: &Context<'_>) -> Result<PlatformStatistics> {
        ctx.caller().allowed(&reads::PLATFORM_STATISTICS)?;
        let (db, now, time_zone) = (ctx.db(), ctx.read_models().at(), ctx.read_models().time_zone());
        let today = now.with_timezone(&time_zone).date_naive();
        let midnight = time_zone.from_local_datetime(&today.and_time(NaiveTime::MIN)).earliest().map_or(now, |at| at.to_utc());
        let (clusters, by_state, sessions_today, starts) = try_join!(
            clusters::registered(db),
            environments::live_by_state(db),
            sessions::started_since(db, today, time_zone),
            environments::starts_since(db, now - RECENT),
        )?;
        let count = |(state, count): (environments::EnvironmentState, u64)| EnvironmentCount { state: state.into(), count: number(count) };
        Ok(PlatformStatistics {
            clusters: number(clusters.len()),
            healthy_clusters: number(clusters.iter().filter(|row| row.health.0 == Health::Healthy).count()),
            environments_by_state: by_state.into_iter().map(count).collect(),
            sessions_today: number(sessions_today),
            start_p50: starts.p50.map(seconds),
            start_p99: starts.p99.map(seconds),
            failure_rate: failure_rate(&starts),
            capacity: ClusterCapacity::of_all(&clusters),
            cost_today: cost_since(ctx, midnight).await?,
        })
    }

    /// Where an environment of a workshop's latest version, or else of its draft, would go now, for administrators; null if there
    /// is no such workshop, or its environments are not made on clusters.
    #[graphql(complexity = "20 + child_complexity")]
    async fn placement_preview(&self, ctx: &Context<'_>, workshop_id: ID) -> Result<Option<PlacementPreview>> {
        ctx.caller().allowed(&reads::PLACEMENT_PREVIEW)?;
        let id: WorkshopId = input::id("workshopId", &workshop_id)?;
        let Some(workshop) = ctx.loaders().workshops.load_one(id).await? else { return Ok(None) };
        let content = load_content(ctx, workshop.content.as_ref().unwrap_or(&workshop.draft_content)).await?;
        let Some(needs) = &content.environment else { return Ok(None) };
        let rows = clusters::registered(ctx.db()).await?;
        let Some(ranking) = ctx.services().placements.rank(needs, &rows) else { return Ok(None) };
        let cluster = |id: ClusterId| rows.iter().find(|row| row.cluster == id.0).cloned().map(Cluster::from);
        let choice =
            |crate::Choice { cluster: id, score, reason }| Some(PlacementChoice { cluster: cluster(id)?, score: number(score), reason });
        let refusal = |(id, reason)| Some(PlacementRefusal { cluster: cluster(id)?, reason });
        Ok(Some(PlacementPreview {
            choices: ranking.choices.into_iter().filter_map(choice).collect(),
            refusals: ranking.refusals.into_iter().filter_map(refusal).collect(),
        }))
    }
}

impl ClusterCapacity {
    fn of_all(clusters: &[clusters::Model]) -> Self {
        let sum = |of: fn(&clusters::Model) -> i64| number(clusters.iter().map(of).sum::<i64>());
        Self {
            nodes: sum(|row| row.nodes),
            cpu_millicores: sum(|row| row.cpu),
            memory_mebibytes: sum(|row| row.memory),
            storage_mebibytes: sum(|row| row.storage),
            pods: sum(|row| row.pods),
        }
    }
}

#[allow(clippy::cast_precision_loss)] // Milliseconds of a start stay far below 2^52.
fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

#[allow(clippy::cast_precision_loss)] // Counts stay far below 2^52.
fn failure_rate(starts: &Starts) -> Option<f64> {
    let all = starts.ready + starts.failed;
    (all > 0).then(|| starts.failed as f64 / all as f64)
}
