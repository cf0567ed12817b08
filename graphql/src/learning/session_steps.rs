//! A step of a session: how far the learner is with it, and what is on its page.

use std::sync::Arc;

use async_graphql::{Context, Object};
use domain::{
    identity::Permission,
    kernel::{AccountId, SessionId, Timestamp},
};
use projections::learning::sessions::{self, StepProgress};

use super::attempts::Attempt;
use crate::{
    context::Access,
    failure::Result,
    input::number,
    paging,
    workshops::{StepPage, StepRule, load_content},
};

/// A step of a session.
pub(crate) struct SessionStep {
    pub(super) row: Arc<sessions::Model>,
    pub(super) at: usize,
}

impl SessionStep {
    fn step(&self) -> &StepProgress {
        &self.row.steps[self.at]
    }
}

/// A step of a session.
#[Object]
impl SessionStep {
    /// Unique within the session.
    async fn key(&self) -> &str {
        &self.step().key
    }

    async fn title(&self) -> &str {
        &self.step().title
    }

    async fn rule(&self) -> StepRule {
        self.step().rule.into()
    }

    /// What completing it earns.
    async fn points(&self) -> i32 {
        number(self.step().points.0)
    }

    async fn completed(&self) -> bool {
        self.step().is_completed()
    }

    async fn completed_at(&self) -> Option<Timestamp> {
        self.step().completed_at
    }

    /// From the completion of the step before to that of this one.
    async fn spent_seconds(&self) -> Option<i32> {
        self.step().spent.map(|spent| number(spent.0))
    }

    /// How often it was tried.
    async fn attempt_count(&self) -> i32 {
        number(self.step().attempts)
    }

    /// How many tries failed.
    async fn failure_count(&self) -> i32 {
        number(self.step().failures)
    }

    /// The latest tries, earliest first.
    #[graphql(complexity = "paging::cost(last, child_complexity)")]
    async fn attempts(&self, ctx: &Context<'_>, last: Option<i32>) -> Result<Vec<Attempt>> {
        let last = usize::try_from(paging::bounded("last", last)?).unwrap_or(usize::MAX);
        let of_session = ctx.loaders().attempts.load_one(SessionId(self.row.session)).await?;
        let mut attempts = Attempt::of_step(of_session.as_deref().map_or(&[], Vec::as_slice), &self.step().key);
        Ok(attempts.split_off(attempts.len().saturating_sub(last)))
    }

    /// What the learner reads and does.
    async fn page(&self, ctx: &Context<'_>) -> Result<Option<StepPage>> {
        let content = load_content(ctx, &self.row.content).await?;
        let disclosed = ctx.caller().is_or_may(AccountId(self.row.author), Permission::ManageWorkshops);
        let step = content.steps.iter().find(|step| step.key == self.step().key);
        Ok(step.map(|step| StepPage::of(step, disclosed)))
    }
}
