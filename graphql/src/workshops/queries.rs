//! Finding workshops.

use async_graphql::{Context, ID, InputObject, Object};
use projections::workshops::workshops;

use super::{
    Workshop,
    words::{Difficulty, WorkshopState, category},
    workshop::visible,
};
use crate::{
    context::Access,
    failure::Result,
    input::{number, optional_id},
    paging::{self, Instant, List},
};

/// Which workshops are looked for; what is left out does not restrict.
#[derive(InputObject, Default)]
pub(crate) struct WorkshopFilter {
    category: Option<String>,
    difficulty: Option<Difficulty>,
    /// One of its tags, as written.
    tag: Option<String>,
    /// One of its languages, as a BCP 47 tag.
    language: Option<String>,
    /// Words that must all be in the title or the summary, in either case.
    search: Option<String>,
    author_id: Option<ID>,
    state: Option<WorkshopState>,
}

impl WorkshopFilter {
    fn read(self) -> Result<workshops::Filter> {
        Ok(workshops::Filter {
            category: self.category.map(category).transpose()?,
            difficulty: self.difficulty.map(Into::into),
            tag: self.tag,
            language: self.language,
            text: self.search,
            author: optional_id("filter.authorId", self.author_id.as_ref())?,
            state: self.state.map(Into::into),
        })
    }
}

#[derive(Default)]
pub(crate) struct WorkshopQueries;

#[Object]
impl WorkshopQueries {
    /// Workshops that are listed for the caller, latest first: what is public, and what is their own.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn workshops(
        &self,
        ctx: &Context<'_>,
        filter: Option<WorkshopFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Instant, Workshop, WorkshopTotals>> {
        let filter = filter.unwrap_or_default().read()?;
        let (first, after) = (paging::bounded("first", first)?, paging::after(after.as_deref())?);
        let page = workshops::page(ctx.db(), &filter, ctx.caller().viewer(), after, first).await?;
        Ok(paging::list(page, after.is_some(), WorkshopTotals { filter }, |row| paging::instant(row.after())))
    }

    /// The workshop under a slug; null if there is none, or it is not for the caller.
    async fn workshop(&self, ctx: &Context<'_>, slug: String) -> Result<Option<Workshop>> {
        let row = workshops::by_slug(ctx.db(), &slug).await?;
        Ok(row.and_then(|row| visible(ctx, row)))
    }
}

/// What is counted only when it is asked for.
pub(crate) struct WorkshopTotals {
    filter: workshops::Filter,
}

#[Object]
impl WorkshopTotals {
    /// How many there are on all pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(number(workshops::total(ctx.db(), &self.filter, ctx.caller().viewer()).await?))
    }
}
