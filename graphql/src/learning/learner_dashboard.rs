//! What a learner has done, in one look.

use async_graphql::{Context, Object};
use domain::kernel::AccountId;
use projections::{
    gamification::leaderboard::{self, Board, Period, Ranked},
    learning::{
        learners,
        sessions::{Filter, SessionStatus},
    },
};

use super::{
    Session,
    queries::{SessionTotals, page},
    statistics::ratio,
};
use crate::{
    context::Access,
    failure::Result,
    input::number,
    paging::{self, Instant, List},
};

/// What a learner has done; previews are left out of all numbers.
pub(crate) struct LearnerDashboard {
    learner: AccountId,
    /// None before the first session.
    totals: Option<learners::Model>,
    /// None before the first point.
    place: Option<Ranked>,
}

impl LearnerDashboard {
    pub(super) async fn load(ctx: &Context<'_>) -> Result<Self> {
        let learner = ctx.caller().account()?;
        let board = Board::at(Period::All, ctx.read_models().at(), ctx.read_models().time_zone(), None);
        let totals = learners::find(ctx.db(), learner).await?;
        let place = leaderboard::rank_of(ctx.db(), &board, learner).await?;
        Ok(Self { learner, totals, place })
    }

    fn count(&self, of: impl Fn(&learners::Model) -> i64) -> i64 {
        self.totals.as_ref().map_or(0, of)
    }

    fn sessions(&self, status: SessionStatus) -> Filter {
        Filter { learner: Some(self.learner), status: Some(status), ..Filter::default() }
    }
}

/// What a learner has done; previews are left out of all numbers.
#[Object]
impl LearnerDashboard {
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn active_sessions(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Instant, Session, SessionTotals>> {
        page(ctx, self.sessions(SessionStatus::Active), first, after.as_deref()).await
    }

    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn finished_sessions(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Instant, Session, SessionTotals>> {
        page(ctx, self.sessions(SessionStatus::Finished), first, after.as_deref()).await
    }

    async fn active_count(&self) -> i32 {
        number(self.count(|totals| totals.active))
    }

    async fn finished_count(&self) -> i32 {
        number(self.count(|totals| totals.finished))
    }

    async fn steps_completed(&self) -> i32 {
        number(self.count(|totals| totals.steps_completed))
    }

    /// At completed steps.
    async fn spent_seconds(&self) -> i32 {
        number(self.count(|totals| totals.spent))
    }

    async fn points(&self) -> i32 {
        number(self.place.as_ref().map_or(0, |place| place.entry.points))
    }

    /// On the leaderboard over all workshops and all time; null before the first point.
    async fn rank(&self) -> Option<i32> {
        self.place.as_ref().map(|place| number(place.rank))
    }

    /// Finished sessions per session started, from 0 to 1; null before the first.
    async fn completion_rate(&self) -> Option<f64> {
        let started = self.count(|totals| totals.active + totals.finished + totals.abandoned + totals.expired);
        ratio(self.count(|totals| totals.finished), started)
    }
}
