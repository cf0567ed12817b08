//! How an author's workshops fare, in one look.

use async_graphql::{
    Context, Object,
    connection::{Connection, Edge, EmptyFields},
};
use commands::authorization::reads;
use domain::kernel::AccountId;
use projections::{
    learning::workshop_statistics,
    workshops::workshops::{self, Filter, Viewer},
};

use super::{WorkshopStatistics, statistics::ratio};
use crate::{
    context::Access,
    failure::Result,
    input::number,
    paging::{self, Instant, List},
};

/// How an author's workshops fare; previews are left out of all numbers.
pub(crate) struct AuthorDashboard {
    author: AccountId,
    totals: Vec<workshop_statistics::Model>,
}

impl AuthorDashboard {
    pub(super) async fn load(ctx: &Context<'_>) -> Result<Self> {
        ctx.caller().allowed(&reads::AUTHOR_DASHBOARD)?;
        let author = ctx.caller().account()?;
        Ok(Self { author, totals: workshop_statistics::of_author(ctx.db(), author).await? })
    }

    fn sum(&self, of: impl Fn(&workshop_statistics::Model) -> i64) -> i64 {
        self.totals.iter().map(of).sum()
    }
}

/// How an author's workshops fare; previews are left out of all numbers.
#[Object]
impl AuthorDashboard {
    /// Sessions started in all workshops together.
    async fn starts(&self) -> i32 {
        number(self.sum(|totals| totals.starts))
    }

    /// Sessions finished in all workshops together.
    async fn completions(&self) -> i32 {
        number(self.sum(|totals| totals.finishes))
    }

    /// Completions per start, from 0 to 1; null before the first start.
    async fn completion_rate(&self) -> Option<f64> {
        ratio(self.sum(|totals| totals.finishes), self.sum(|totals| totals.starts))
    }

    /// Each workshop, the latest first.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn workshops(&self, ctx: &Context<'_>, first: Option<i32>, after: Option<String>) -> Result<List<Instant, WorkshopStatistics>> {
        let (first, after) = (paging::bounded("first", first)?, paging::after(after.as_deref())?);
        let own = Filter { author: Some(self.author), ..Filter::default() };
        let page = workshops::page(ctx.db(), &own, Viewer::Account(self.author), after, first).await?;
        let statistics = futures_util::future::try_join_all(page.rows.iter().map(|row| WorkshopStatistics::load(ctx, row))).await?;
        let mut list = Connection::with_additional_fields(after.is_some(), page.more, EmptyFields);
        let edges = page.rows.iter().zip(statistics).map(|(row, statistics)| Edge::new(paging::instant(row.after()), statistics));
        list.edges.extend(edges);
        Ok(list)
    }
}
