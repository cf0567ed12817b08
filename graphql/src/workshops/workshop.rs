//! A workshop, as far as the viewer may see it.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::{
    identity::Permission,
    kernel::{AccountId, Timestamp, WorkshopId},
    workshops::Outline,
};
use projections::workshops::workshops;

use super::{
    content::{WorkshopDraft, WorkshopStep, load},
    versions::{self, WorkshopVersion},
    words::{Difficulty, StepOrder, Visibility, WorkshopState, category_name},
};
use crate::{
    context::Access,
    failure::Result,
    identity::{Account, account},
    input::number,
    learning::WorkshopStatistics,
    paging::{self, List},
};

/// A workshop. What it says is that of the latest version, or of the draft while there is none.
pub(crate) struct Workshop {
    row: Arc<workshops::Model>,
}

impl From<workshops::Model> for Workshop {
    fn from(row: workshops::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl Workshop {
    fn outline(&self) -> &Outline {
        self.row.outline.as_ref().map_or(&self.row.draft_outline.0, |outline| &outline.0)
    }

    fn is_written_by(&self, ctx: &Context<'_>) -> bool {
        ctx.caller().is_or_may(AccountId(self.row.author), Permission::ManageWorkshops)
    }
}

/// A workshop. What it says is that of the latest version, or of the draft while there is none.
#[Object]
impl Workshop {
    pub(crate) async fn id(&self) -> ID {
        WorkshopId(self.row.workshop).to_string().into()
    }

    async fn slug(&self) -> &str {
        &self.row.slug
    }

    async fn state(&self) -> WorkshopState {
        self.row.state.0.into()
    }

    async fn title(&self) -> &str {
        &self.outline().title
    }

    async fn summary(&self) -> &str {
        &self.outline().summary
    }

    /// `CommonMark`.
    async fn description(&self, ctx: &Context<'_>) -> Result<String> {
        let digest = self.row.content.as_ref().unwrap_or(&self.row.draft_content);
        Ok(load(ctx, digest).await?.description.clone())
    }

    /// docker, kubernetes, cloud, devops, ai-ml, data-science, security, or another word.
    async fn category(&self) -> Result<String> {
        category_name(&self.outline().category)
    }

    async fn difficulty(&self) -> Difficulty {
        self.outline().difficulty.into()
    }

    /// How long a learner is expected to take.
    async fn duration_minutes(&self) -> i32 {
        number(self.outline().duration.0)
    }

    async fn tags(&self) -> &[String] {
        &self.outline().tags
    }

    /// Natural languages as BCP 47 tags, the first being the main one.
    async fn languages(&self) -> &[String] {
        &self.outline().languages
    }

    async fn visibility(&self) -> Visibility {
        self.outline().visibility.into()
    }

    async fn step_order(&self) -> StepOrder {
        self.outline().order.into()
    }

    /// What finishing earns, on top of the steps.
    async fn completion_points(&self) -> i32 {
        number(self.outline().completion_points.0)
    }

    async fn steps(&self) -> Vec<WorkshopStep> {
        self.outline().steps.iter().map(WorkshopStep::from).collect()
    }

    /// Whether a session of it gets an environment to work in.
    async fn has_environment(&self) -> bool {
        self.outline().lifetime.is_some()
    }

    async fn author(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        account(ctx, AccountId(self.row.author)).await
    }

    /// The number of the latest version; null while there is none.
    async fn version(&self) -> Option<i32> {
        self.row.version.map(number)
    }

    async fn published_at(&self) -> Option<Timestamp> {
        self.row.published_at
    }

    async fn updated_at(&self) -> Timestamp {
        self.row.updated_at
    }

    /// For those who write it.
    async fn draft(&self, ctx: &Context<'_>) -> Option<WorkshopDraft> {
        self.is_written_by(ctx).then(|| WorkshopDraft {
            revision: self.row.revision,
            content: self.row.draft_content.clone(),
            outline: self.row.draft_outline.0.clone(),
        })
    }

    /// What was published, latest first, for those who write it.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn versions(&self, ctx: &Context<'_>, first: Option<i32>, after: Option<String>) -> Result<Option<List<i64, WorkshopVersion>>> {
        if !self.is_written_by(ctx) {
            return Ok(None);
        }
        versions::page(ctx, WorkshopId(self.row.workshop), first, after.as_deref()).await.map(Some)
    }

    /// How it fares, for those who write it.
    async fn statistics(&self, ctx: &Context<'_>) -> Result<Option<WorkshopStatistics>> {
        if !self.is_written_by(ctx) {
            return Ok(None);
        }
        WorkshopStatistics::load(ctx, &self.row).await.map(Some)
    }
}

/// A workshop, if it is there and the caller may see it.
pub(crate) async fn workshop(ctx: &Context<'_>, id: WorkshopId) -> Result<Option<Workshop>> {
    let row = ctx.loaders().workshops.load_one(id).await?;
    Ok(row.and_then(|row| visible(ctx, row)))
}

/// The workshop, if the caller may see it.
pub(super) fn visible(ctx: &Context<'_>, row: workshops::Model) -> Option<Workshop> {
    row.is_visible_to(ctx.caller().viewer()).then(|| row.into())
}
