//! What environments use of what is kept for them: those that sit idle, and those that are too large.

use std::{cmp::Reverse, collections::HashMap};

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::TimeDelta;
use commands::authorization::reads;
use domain::{
    environments::cost::Stood,
    kernel::{AccountId, ClusterId, EnvironmentId, Mebibytes, Millicores, Seconds, SessionId},
};
use projections::environments::environments::{self, EnvironmentState};

use super::{
    environment::{Environment, budget},
    usage::Cost,
};
use crate::{
    context::Access,
    failure::{Failure, Result},
    input::{self, number},
    notes, paging,
    services::Budget,
};

/// How many rows are read at once.
const PAGE: u64 = 500;
/// Nothing is said of one that has not been ready so long: it has not begun.
const BEGUN: TimeDelta = TimeDelta::minutes(10);
/// One that uses less of its processor, in percent, is idle.
const IDLE: u32 = 2;
/// One that uses less of its processor and of its memory, in percent, is oversized.
const OVERSIZED: u32 = 25;

/// What an environment uses of what it may request.
#[derive(SimpleObject)]
pub(crate) struct EnvironmentUsage {
    environment: Environment,
    /// In thousandths of a core, as measured now.
    cpu_used: i32,
    /// In thousandths of a core, all that it may request.
    cpu_requested: i32,
    /// In MiB, as measured now.
    memory_used: i32,
    /// In MiB, all that it may request.
    memory_requested: i32,
    /// Whether it uses less than 2 % of its CPU. Never in its first 10 minutes.
    is_idle: bool,
    /// Whether it uses less than a quarter of its CPU, and of its memory. Never in its first 10 minutes.
    is_oversized: bool,
    /// What an hour of what it does not use costs; null without prices.
    unused_hourly: Option<Cost>,
}

#[derive(Default)]
pub(crate) struct EnvironmentUsageQueries;

#[Object]
impl EnvironmentUsageQueries {
    /// What environments that are ready on a cluster use now, the one with the most unused first, for administrators; null if
    /// the cluster does not measure it, or there is none.
    #[graphql(complexity = "100 + paging::cost(first, child_complexity)")]
    async fn environment_usage(&self, ctx: &Context<'_>, cluster_id: ID, first: Option<i32>) -> Result<Option<Vec<EnvironmentUsage>>> {
        ctx.caller().allowed(&reads::ENVIRONMENT_USAGE)?;
        let cluster: ClusterId = input::id("clusterId", &cluster_id)?;
        let first = paging::bounded("first", first)?;
        let is_there = ctx.loaders().clusters.load_one(cluster).await?.is_some_and(|row| row.removed_at.is_none());
        if !is_there {
            return Ok(None);
        }
        let Some(used) = ctx.services().placements.used(cluster).await.map_err(Failure::Unavailable)? else { return Ok(None) };
        let mut all: Vec<(Stood, environments::Model, Budget, Budget)> = Vec::new();
        for (row, requested) in ready(ctx, cluster).await? {
            let used = used.get(&EnvironmentId(row.environment)).copied().unwrap_or_default();
            all.push((unused(used, requested), row, used, requested));
        }
        let prices = ctx.services().settings.prices.as_ref();
        all.sort_by_key(|(unused, row, ..)| Reverse((prices.map(|prices| prices.cost(*unused)), unused.cpu, unused.memory, row.requested)));
        all.truncate(usize::try_from(first).unwrap_or_default());
        for (_, row, ..) in &all {
            notes::shown_of(ctx, AccountId(row.learner));
        }
        Ok(Some(all.into_iter().map(|(unused, row, used, requested)| usage(ctx, unused, row, used, requested)).collect()))
    }
}

/// Environments that are ready on a cluster, and what each may request.
async fn ready(ctx: &Context<'_>, cluster: ClusterId) -> Result<Vec<(environments::Model, Budget)>> {
    let (mut rows, mut before, mut more) = (Vec::new(), None, true);
    while more {
        let page = environments::by_node(ctx.db(), &cluster.to_string(), before, PAGE).await?;
        (before, more) = (page.rows.last().map(|row| row.requested), page.more);
        rows.extend(page.rows.into_iter().filter(|row| row.state.0 == EnvironmentState::Ready));
    }
    let sessions = ctx.loaders().sessions.load_many(rows.iter().map(|row| SessionId(row.session))).await?;
    let (mut budgets, mut found) = (HashMap::<String, Option<Budget>>::new(), Vec::new());
    for row in rows {
        let Some(session) = sessions.get(&SessionId(row.session)) else { continue };
        let requested = match budgets.get(&session.content) {
            Some(known) => *known,
            None => *budgets.entry(session.content.clone()).or_insert(budget(ctx, &session.content).await?),
        };
        found.extend(requested.map(|requested| (row, requested)));
    }
    Ok(found)
}

/// An hour of what is not used.
fn unused(used: Budget, requested: Budget) -> Stood {
    let cpu = Millicores(requested.cpu.0.saturating_sub(used.cpu.0));
    Stood::environment(cpu, Mebibytes(requested.memory.0.saturating_sub(used.memory.0)), Seconds(3600))
}

fn usage(ctx: &Context<'_>, unused: Stood, row: environments::Model, used: Budget, requested: Budget) -> EnvironmentUsage {
    let has_begun = row.ready_at.is_some_and(|ready| ctx.read_models().at() - ready >= BEGUN);
    let is_below = |percent: u32, used: u32, requested: u32| u64::from(used) * 100 < u64::from(requested) * u64::from(percent);
    let cpu = |percent| is_below(percent, used.cpu.0, requested.cpu.0);
    EnvironmentUsage {
        cpu_used: number(used.cpu.0),
        cpu_requested: number(requested.cpu.0),
        memory_used: number(used.memory.0),
        memory_requested: number(requested.memory.0),
        is_idle: has_begun && cpu(IDLE),
        is_oversized: has_begun && cpu(OVERSIZED) && is_below(OVERSIZED, used.memory.0, requested.memory.0),
        unused_hourly: Cost::of(ctx.services(), [unused]),
        environment: row.into(),
    }
}
