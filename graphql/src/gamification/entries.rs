//! Places on a leaderboard.

use async_graphql::{Context, Enum, Object};
use domain::kernel::{AccountId, WorkshopId};
use projections::{
    Page,
    gamification::leaderboard::{self, Board, Period, RankAfter, Ranked},
};

use crate::{
    failure::Result,
    identity::{Account, account},
    input::number,
    paging::{self, Cursor, List},
    read_models::ReadModels,
};

/// A span of time that is ranked by itself, by the platform's calendar.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Period")]
pub(crate) enum LeaderboardPeriod {
    /// From the beginning.
    All,
    Day,
    /// From Monday.
    Week,
    Month,
}

/// A learner's place.
pub(crate) struct LeaderboardEntry {
    ranked: Ranked,
}

impl From<Ranked> for LeaderboardEntry {
    fn from(ranked: Ranked) -> Self {
        Self { ranked }
    }
}

/// A learner's place.
#[Object]
impl LeaderboardEntry {
    /// From 1; equal points have equal ranks.
    async fn rank(&self) -> i32 {
        number(self.ranked.rank)
    }

    async fn points(&self) -> i32 {
        number(self.ranked.entry.points)
    }

    async fn learner(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        account(ctx, AccountId(self.ranked.entry.account)).await
    }
}

/// What is counted only when it is asked for.
pub(crate) struct LeaderboardTotals {
    board: Board,
}

#[Object]
impl LeaderboardTotals {
    /// How many learners are on the board.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        use crate::context::Access;
        Ok(number(leaderboard::total(ctx.db(), &self.board).await?))
    }
}

/// Points, and the position at which they were reached.
pub(super) type Place = (i64, i64);

pub(super) type Leaderboard = List<Place, LeaderboardEntry, LeaderboardTotals>;

/// The board of the period that it is, at the instant that the request is about.
pub(super) fn board(read_models: &ReadModels, period: LeaderboardPeriod, workshop: Option<WorkshopId>) -> Board {
    Board::at(period.into(), read_models.at(), read_models.time_zone(), workshop)
}

pub(super) async fn page(read_models: &ReadModels, board: &Board, after: Option<Place>, first: u64) -> Result<Page<Ranked>> {
    let after = after.map(|(points, reached)| RankAfter { points, reached });
    Ok(leaderboard::page(read_models.db(), board, after, first).await?)
}

pub(super) fn list(board: Board, page: Page<Ranked>, comes_after: bool) -> Leaderboard {
    let cursor = |ranked: &Ranked| Cursor((ranked.entry.points, ranked.entry.reached));
    paging::list(page, comes_after, LeaderboardTotals { board }, cursor)
}
