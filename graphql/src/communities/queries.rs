//! Finding communities.

use async_graphql::{Context, ID, Object};
use projections::communities::communities;

use super::{Community, community};
use crate::{
    context::Access,
    failure::Result,
    input::{self, number},
    paging::{self, Instant, List},
};

#[derive(Default)]
pub(crate) struct CommunityQueries;

#[Object]
impl CommunityQueries {
    /// Communities that are open, those that were founded last first.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn communities(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Instant, Community, CommunityTotals>> {
        let (first, after) = (paging::bounded("first", first)?, paging::after(after.as_deref())?);
        let page = communities::page(ctx.db(), after, first).await?;
        Ok(paging::list(page, after.is_some(), CommunityTotals, |row| paging::instant(row.after())))
    }

    /// The community with this id, open or closed; null if there is none.
    async fn community(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Community>> {
        community(ctx, input::id("id", &id)?).await
    }
}

/// What is counted only when it is asked for.
pub(crate) struct CommunityTotals;

#[Object]
impl CommunityTotals {
    /// How many there are on all pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(number(communities::total(ctx.db()).await?))
    }
}
