//! Looking at clusters and environments.

use async_graphql::{Context, ID, Object};
use commands::authorization::reads;
use domain::kernel::{AccountId, ClusterId, EnvironmentId};
use projections::environments::{clusters, environments};

use super::{
    cluster::{self, Cluster},
    environment::{self, Environment, EnvironmentState},
};
use crate::{
    context::Access,
    failure::Result,
    input::{self, number, optional_id},
    notes,
    paging::{self, Cursor, Instant, List},
};

#[derive(Default)]
pub(crate) struct EnvironmentQueries;

#[Object]
impl EnvironmentQueries {
    /// The clusters that are registered now, latest first, for administrators.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn clusters(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Instant, Cluster, ClusterTotals>> {
        ctx.caller().allowed(&reads::CLUSTERS)?;
        let (first, after) = (paging::bounded("first", first)?, paging::after(after.as_deref())?);
        let page = clusters::page(ctx.db(), after, first).await?;
        Ok(paging::list(page, after.is_some(), ClusterTotals, |row| paging::instant(row.after())))
    }

    /// A cluster, for administrators; null if there is none. One that was removed is still there.
    async fn cluster(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Cluster>> {
        ctx.caller().allowed(&reads::CLUSTER)?;
        cluster::cluster(ctx, input::id("id", &id)?).await
    }

    /// An environment of the caller's; null if there is none.
    async fn environment(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Environment>> {
        environment::environment(ctx, input::id::<EnvironmentId>("id", &id)?).await
    }

    /// Everybody's environments, latest first, for administrators; on one cluster or in one state only, if that is given.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn environments(
        &self,
        ctx: &Context<'_>,
        cluster_id: Option<ID>,
        state: Option<EnvironmentState>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<i64, Environment, EnvironmentTotals>> {
        let cluster = optional_id("clusterId", cluster_id.as_ref())?;
        page(ctx, cluster, state, first, after.as_deref()).await
    }
}

/// Everybody's environments. Who looks at them is in the audit, and whose they are.
pub(super) async fn page(
    ctx: &Context<'_>,
    cluster: Option<ClusterId>,
    state: Option<EnvironmentState>,
    first: Option<i32>,
    after: Option<&str>,
) -> Result<List<i64, Environment, EnvironmentTotals>> {
    ctx.caller().allowed(&reads::ENVIRONMENTS)?;
    let (first, after) = (paging::bounded("first", first)?, Cursor::<i64>::read("after", after)?);
    let filter = environments::Filter { node: cluster.map(|cluster| cluster.to_string()), state: state.map(Into::into) };
    let page = environments::filtered(ctx.db(), &filter, after, first).await?;
    notes::shown(ctx, None);
    for row in &page.rows {
        notes::shown_of(ctx, AccountId(row.learner));
    }
    Ok(paging::list(page, after.is_some(), EnvironmentTotals { filter }, |row| Cursor(row.requested)))
}

/// What is counted only when it is asked for.
pub(crate) struct ClusterTotals;

#[Object]
impl ClusterTotals {
    /// How many there are on all pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(number(clusters::total(ctx.db()).await?))
    }
}

/// What is counted only when it is asked for.
pub(crate) struct EnvironmentTotals {
    filter: environments::Filter,
}

#[Object]
impl EnvironmentTotals {
    /// How many there are on all pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(number(environments::total(ctx.db(), &self.filter).await?))
    }
}
