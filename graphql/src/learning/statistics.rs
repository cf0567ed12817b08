//! How a workshop fares.

use async_graphql::{Context, Object, SimpleObject};
use domain::kernel::WorkshopId;
use projections::{
    learning::{step_statistics, workshop_statistics},
    workshops::workshops,
};

use super::loaders::StepsOf;
use crate::{context::Access, failure::Result, input::number, workshops::Workshop};

/// How a workshop fares over all its sessions, previews left out.
pub(crate) struct WorkshopStatistics {
    workshop: workshops::Model,
    /// None before the first session.
    totals: Option<workshop_statistics::Model>,
}

impl WorkshopStatistics {
    pub(crate) async fn load(ctx: &Context<'_>, workshop: &workshops::Model) -> Result<Self> {
        let totals = ctx.loaders().statistics.load_one(WorkshopId(workshop.workshop)).await?;
        Ok(Self { workshop: workshop.clone(), totals })
    }

    fn count(&self, of: impl Fn(&workshop_statistics::Model) -> i64) -> i64 {
        self.totals.as_ref().map_or(0, of)
    }
}

/// How a workshop fares over all its sessions, previews left out.
#[Object]
impl WorkshopStatistics {
    async fn workshop(&self) -> Workshop {
        self.workshop.clone().into()
    }

    /// Sessions started.
    async fn starts(&self) -> i32 {
        number(self.count(|totals| totals.starts))
    }

    /// Sessions finished.
    async fn completions(&self) -> i32 {
        number(self.count(|totals| totals.finishes))
    }

    async fn abandonments(&self) -> i32 {
        number(self.count(|totals| totals.abandons))
    }

    async fn expiries(&self) -> i32 {
        number(self.count(|totals| totals.expiries))
    }

    /// Completions per start, from 0 to 1; null before the first start.
    async fn completion_rate(&self) -> Option<f64> {
        ratio(self.count(|totals| totals.finishes), self.count(|totals| totals.starts))
    }

    /// From start to finish, in finished sessions.
    async fn average_seconds(&self) -> Option<f64> {
        ratio(self.count(|totals| totals.spent), self.count(|totals| totals.finishes))
    }

    /// Where learners get on and where they get stuck, in the order of the workshop.
    async fn steps(&self, ctx: &Context<'_>) -> Result<Vec<StepStatistics>> {
        let known = ctx.loaders().statistics.load_one(StepsOf(WorkshopId(self.workshop.workshop))).await?.unwrap_or_default();
        let outline = self.workshop.outline.as_ref().unwrap_or(&self.workshop.draft_outline);
        let of_step = |step: &domain::workshops::StepOutline| {
            StepStatistics::of(&step.key, &step.title, known.iter().find(|totals| totals.step == step.key))
        };
        Ok(outline.steps.iter().map(of_step).collect())
    }
}

/// How learners get on with a step.
#[derive(SimpleObject)]
pub(crate) struct StepStatistics {
    key: String,
    title: String,
    /// Sessions that came to it.
    reached: i32,
    /// Sessions in which it was completed.
    completions: i32,
    /// Tries at it.
    attempts: i32,
    /// Tries that failed.
    failures: i32,
    /// Failed tries per try, from 0 to 1; null before the first.
    failure_rate: Option<f64>,
    /// Until it was completed, from the completion of the step before.
    average_seconds: Option<f64>,
}

impl StepStatistics {
    fn of(key: &str, title: &str, totals: Option<&step_statistics::Model>) -> Self {
        let count = |of: fn(&step_statistics::Model) -> i64| totals.map_or(0, of);
        Self {
            key: key.to_owned(),
            title: title.to_owned(),
            reached: number(count(|totals| totals.reached)),
            completions: number(count(|totals| totals.completed)),
            attempts: number(count(|totals| totals.attempts)),
            failures: number(count(|totals| totals.failures)),
            failure_rate: ratio(count(|totals| totals.failures), count(|totals| totals.attempts)),
            average_seconds: ratio(count(|totals| totals.spent), count(|totals| totals.completed)),
        }
    }
}

/// A share or an average; none of nothing.
#[allow(clippy::cast_precision_loss)] // Counts and seconds stay far below 2^52.
pub(super) fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
