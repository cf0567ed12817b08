//! Published versions, which never change.

use async_graphql::{Context, SimpleObject};
use domain::kernel::{Timestamp, WorkshopId};
use projections::workshops::versions;

use super::content::WorkshopStep;
use crate::{
    context::Access,
    failure::Result,
    input::number,
    paging::{self, Cursor, List},
};

/// One published version.
#[derive(SimpleObject)]
pub(crate) struct WorkshopVersion {
    /// From 1.
    number: i32,
    title: String,
    steps: Vec<WorkshopStep>,
    published_at: Timestamp,
}

impl From<versions::Model> for WorkshopVersion {
    fn from(row: versions::Model) -> Self {
        Self {
            number: number(row.version),
            title: row.outline.title.clone(),
            steps: row.outline.steps.iter().map(WorkshopStep::from).collect(),
            published_at: row.published_at,
        }
    }
}

/// Versions of a workshop, latest first.
pub(super) async fn page(
    ctx: &Context<'_>,
    workshop: WorkshopId,
    first: Option<i32>,
    after: Option<&str>,
) -> Result<List<i64, WorkshopVersion>> {
    let (first, before) = (paging::bounded("first", first)?, Cursor::read("after", after)?);
    let page = versions::page(ctx.db(), workshop, before, first).await?;
    Ok(paging::list(page, before.is_some(), async_graphql::connection::EmptyFields, |row| Cursor(row.version)))
}
