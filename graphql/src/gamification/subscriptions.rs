//! Following a leaderboard.

use async_graphql::{Context, ID, Subscription};
use domain::{Decider, gamification::scorecard::Scorecard, kernel::WorkshopId};
use futures_util::stream::BoxStream;
use projections::{Page, workshops::workshops};

use super::entries::{self, Leaderboard, LeaderboardPeriod};
use crate::{caller::Caller, changes::Changes, context::Access, failure::Result, input::optional_id, paging, services::Services};

#[derive(Default)]
pub(crate) struct LeaderboardSubscriptions;

#[Subscription]
impl LeaderboardSubscriptions {
    /// The top of a leaderboard as it is now, and again each time that it has changed.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn leaderboard_changed(
        &self,
        ctx: &Context<'_>,
        period: Option<LeaderboardPeriod>,
        workshop_id: Option<ID>,
        first: Option<i32>,
    ) -> Result<BoxStream<'static, Result<Leaderboard>>> {
        ctx.caller().account()?;
        let (first, period) = (paging::bounded("first", first)?, period.unwrap_or(LeaderboardPeriod::All));
        let id: Option<WorkshopId> = optional_id("workshopId", workshop_id.as_ref())?;
        let (services, caller, read_models) = (ctx.services().clone(), ctx.caller().clone(), ctx.read_models().clone());
        let mut changes = ctx.data_unchecked::<Changes>().watch();
        let mut position = services.journal.head().await?;
        Ok(Box::pin(async_stream::try_stream! {
            let mut shown = None;
            loop {
                let reached = services.projections.reached(position, services.settings.patience).await;
                let caller = caller.renewed(&services).await?;
                let board = entries::board(&read_models, period, id);
                let page = if is_visible(&services, &caller, id).await? {
                    entries::page(&read_models, &board, None, first).await?
                } else {
                    Page { rows: vec![], more: false }
                };
                if shown.as_ref() != Some(&page) {
                    shown = Some(page.clone());
                    yield entries::list(board, page, false);
                }
                // Where the read models are late, what they have is shown first, and what was waited for once they have it.
                if !reached {
                    continue;
                }
                match changes.next(|stream| stream.kind == Scorecard::STREAM).await {
                    Some(next) => position = next,
                    None => break,
                }
            }
        }))
    }
}

/// Whether the board is of all workshops, or of one that the caller may see.
async fn is_visible(services: &Services, caller: &Caller, workshop: Option<WorkshopId>) -> Result<bool> {
    let Some(id) = workshop else { return Ok(true) };
    let row = workshops::find(services.projections.db(), id).await?;
    Ok(row.is_some_and(|row| row.is_visible_to(caller.viewer())))
}
