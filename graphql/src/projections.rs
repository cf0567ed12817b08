//! How the read models do, for administrators.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use commands::authorization::{acts, reads};
use projections::{ProjectionError, ReadModelState as State, ReadModelStatus};

use crate::{
    context::Access,
    failure::{Failure, Result},
    input::number,
    journal::Position,
};

/// How a read model does.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "State")]
pub(crate) enum ReadModelState {
    /// It takes events as they come.
    Following,
    /// It was level once and is more than a page behind.
    Behind,
    /// It is being built from the beginning.
    Rebuilding,
    /// It met an event that it cannot take; the others go on without it.
    Parked,
}

/// What queries are answered from, folded from the journal.
#[derive(SimpleObject)]
pub(crate) struct ReadModel {
    name: &'static str,
    /// Raised whenever the same events give other rows.
    version: i32,
    state: ReadModelState,
    /// The last event it took.
    position: Position,
    /// The last event there is.
    head: Position,
    /// Events that it has not taken.
    behind: i32,
    /// Events taken in a second while it caught up last.
    events_per_second: f64,
    /// How long it will take to catch up at that speed.
    seconds_remaining: Option<f64>,
    /// Why it does not go on, if it is parked.
    parked: Option<String>,
}

impl From<ReadModelStatus> for ReadModel {
    fn from(status: ReadModelStatus) -> Self {
        Self {
            name: status.name,
            version: i32::try_from(status.version).unwrap_or(i32::MAX),
            state: status.state.into(),
            position: status.position.into(),
            head: status.head.into(),
            behind: number(status.behind),
            events_per_second: status.per_second,
            seconds_remaining: status.remaining.map(|remaining| remaining.as_secs_f64()),
            parked: status.parked,
        }
    }
}

#[derive(Default)]
pub(crate) struct ProjectionQueries;

#[Object]
impl ProjectionQueries {
    /// Every read model and how it does, for administrators.
    async fn projections(&self, ctx: &Context<'_>) -> Result<Vec<ReadModel>> {
        ctx.caller().allowed(&reads::PROJECTIONS)?;
        Ok(ctx.services().projections.status().into_iter().map(Into::into).collect())
    }
}

/// Which read model is to try again.
#[derive(InputObject)]
pub(crate) struct ProjectionResumeInput {
    name: String,
}

/// How the read models do once it was asked to.
#[derive(SimpleObject)]
pub(crate) struct ProjectionResumePayload {
    /// Whether it was parked.
    resumed: bool,
    projections: Vec<ReadModel>,
}

#[derive(Default)]
pub(crate) struct ProjectionMutations;

#[Object]
impl ProjectionMutations {
    /// Lets a parked read model try again, for administrators. Within a second it goes on, or is parked again.
    async fn projection_resume(&self, ctx: &Context<'_>, input: ProjectionResumeInput) -> Result<ProjectionResumePayload> {
        ctx.caller().allowed(&acts::PROJECTION_RESUME)?;
        let projections = &ctx.services().projections;
        let resumed = projections.resume(&input.name).await?;
        Ok(ProjectionResumePayload { resumed, projections: projections.status().into_iter().map(Into::into).collect() })
    }
}

impl From<ProjectionError> for Failure {
    fn from(error: ProjectionError) -> Self {
        match error {
            ProjectionError::Unknown { .. } => Self::bad_input("input.name", error.to_string()),
            ProjectionError::Database(error) => error.into(),
            ProjectionError::Journal(error) => error.into(),
            error => Self::Internal(error.to_string()),
        }
    }
}
