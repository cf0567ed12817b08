//! Looking at leaderboards.

use async_graphql::{Context, ID, Object};
use domain::kernel::WorkshopId;
use projections::Page;

use super::entries::{self, Leaderboard, LeaderboardPeriod, Place};
use crate::{
    context::Access,
    failure::Result,
    input::optional_id,
    paging::{self, Cursor},
    workshops::workshop,
};

#[derive(Default)]
pub(crate) struct LeaderboardQueries;

#[Object]
impl LeaderboardQueries {
    /// Who earned the most, for those who are signed in: over all workshops or in one, in all or in the period
    /// that it is now.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn leaderboard(
        &self,
        ctx: &Context<'_>,
        period: Option<LeaderboardPeriod>,
        workshop_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Leaderboard> {
        ctx.caller().account()?;
        let (first, after) = (paging::bounded("first", first)?, Cursor::<Place>::read("after", after.as_deref())?);
        let id: Option<WorkshopId> = optional_id("workshopId", workshop_id.as_ref())?;
        let board = entries::board(ctx.read_models(), period.unwrap_or(LeaderboardPeriod::All), id);
        // The board of a workshop that one may not see is as empty as that of one that is not there.
        let page = match id {
            Some(id) if workshop(ctx, id).await?.is_none() => Page { rows: vec![], more: false },
            _ => entries::page(ctx.read_models(), &board, after, first).await?,
        };
        Ok(entries::list(board, page, after.is_some()))
    }
}
