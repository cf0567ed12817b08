//! Content as the API shows it.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use domain::{
    kernel::Digest,
    workshops::{Outline, StepOutline, content},
};

use super::{
    StepPage,
    environment_needs::{EnvironmentNeeds, ProvidedFile},
    words::StepRule,
};
use crate::{
    context::Access,
    failure::{Failure, Result},
    input::number,
};

/// A step without its page.
#[derive(SimpleObject)]
pub(crate) struct WorkshopStep {
    /// Unique within the workshop.
    key: String,
    title: String,
    /// What completing it earns.
    points: i32,
    rule: StepRule,
}

impl From<&StepOutline> for WorkshopStep {
    fn from(step: &StepOutline) -> Self {
        Self { key: step.key.clone(), title: step.title.clone(), points: number(step.points.0), rule: step.rule.into() }
    }
}

/// The draft, for those who write the workshop.
pub(crate) struct WorkshopDraft {
    pub(super) revision: i64,
    pub(super) content: String,
    pub(super) outline: Outline,
}

/// The draft, for those who write the workshop.
#[Object]
impl WorkshopDraft {
    /// Counts drafts from 1.
    async fn revision(&self) -> i32 {
        number(self.revision)
    }

    async fn title(&self) -> &str {
        &self.outline.title
    }

    async fn summary(&self) -> &str {
        &self.outline.summary
    }

    /// What learners work in; null for a workshop that is only read and answered.
    async fn environment(&self, ctx: &Context<'_>) -> Result<Option<EnvironmentNeeds>> {
        Ok(load(ctx, &self.content).await?.environment.as_ref().map(EnvironmentNeeds::from))
    }

    /// Steps with their pages.
    async fn steps(&self, ctx: &Context<'_>) -> Result<Vec<DraftStep>> {
        let content = load(ctx, &self.content).await?;
        Ok(content.steps.iter().map(DraftStep::from).collect())
    }
}

/// A step with its page, for those who write it.
#[derive(SimpleObject)]
pub(crate) struct DraftStep {
    key: String,
    title: String,
    points: i32,
    rule: StepRule,
    page: StepPage,
    files: Vec<ProvidedFile>,
}

impl From<&content::Step> for DraftStep {
    fn from(step: &content::Step) -> Self {
        Self {
            key: step.key.clone(),
            title: step.title.clone(),
            points: number(step.points.0),
            rule: domain::workshops::RuleKind::from(&step.rule).into(),
            page: StepPage::of(step, true),
            files: step.files.iter().map(Into::into).collect(),
        }
    }
}

/// The content under a digest, as a row names it.
pub(crate) async fn load(ctx: &Context<'_>, digest: &str) -> Result<Arc<content::Content>> {
    let digest = Digest::try_from(digest.to_owned()).map_err(|error| Failure::Internal(format!("digest {digest}: {error}")))?;
    let content = ctx.loaders().contents.load_one(digest.clone()).await?;
    content.ok_or_else(|| Failure::Internal(format!("content {digest} is missing")))
}
