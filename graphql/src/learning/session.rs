//! A learner's way through one version of a workshop.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use domain::{
    identity::Permission,
    kernel::{AccountId, RunId, SessionId, Timestamp, WorkshopId},
};
use projections::learning::sessions;

use super::session_steps::SessionStep;
use crate::{
    context::Access,
    environments::{Environment, environment_of},
    failure::Result,
    identity::{Account, account},
    input::number,
    notes,
    workshops::{Workshop, workshop},
};

/// What became of a session.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "sessions::SessionStatus")]
pub(crate) enum SessionStatus {
    Active,
    Finished,
    Abandoned,
    Expired,
}

/// A learner's way through one version of a workshop.
pub(crate) struct Session {
    pub(super) row: Arc<sessions::Model>,
}

impl From<sessions::Model> for Session {
    fn from(row: sessions::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl Session {
    fn session(&self) -> SessionId {
        SessionId(self.row.session)
    }
}

/// A learner's way through one version of a workshop.
#[Object]
impl Session {
    pub(crate) async fn id(&self) -> ID {
        self.session().to_string().into()
    }

    async fn status(&self) -> SessionStatus {
        self.row.status.0.into()
    }

    /// The workshop as it is by now; null if the caller may not see it any more.
    async fn workshop(&self, ctx: &Context<'_>) -> Result<Option<Workshop>> {
        workshop(ctx, WorkshopId(self.row.workshop)).await
    }

    /// The run that it was begun for, and ends with; null if it was begun by itself.
    async fn run_id(&self) -> Option<ID> {
        self.row.run.map(|run| RunId(run).to_string().into())
    }

    /// The workshop's title when the session started.
    async fn title(&self) -> &str {
        &self.row.title
    }

    /// The version of the workshop; null in a preview of a draft.
    async fn version(&self) -> Option<i32> {
        self.row.version.map(number)
    }

    /// Whether an author tries a draft: it earns no points.
    async fn preview(&self) -> bool {
        self.row.is_preview()
    }

    async fn learner(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        account(ctx, AccountId(self.row.learner)).await
    }

    /// In the order of the workshop.
    async fn steps(&self) -> Vec<SessionStep> {
        (0..self.row.steps.len()).map(|at| SessionStep { row: self.row.clone(), at }).collect()
    }

    /// The first step that is not completed.
    async fn current_step(&self) -> Option<SessionStep> {
        let at = self.row.steps.iter().position(|step| !step.is_completed())?;
        Some(SessionStep { row: self.row.clone(), at })
    }

    async fn completed_steps(&self) -> i32 {
        number(self.row.completed)
    }

    async fn total_steps(&self) -> i32 {
        number(self.row.of)
    }

    /// Earned so far; at the end with those for finishing.
    async fn points(&self) -> i32 {
        number(self.row.points)
    }

    /// Where the learner works; null if the workshop needs no environment.
    async fn environment(&self, ctx: &Context<'_>) -> Result<Option<Environment>> {
        if self.row.environment.is_none() {
            return Ok(None);
        }
        environment_of(ctx, self.session()).await
    }

    async fn started_at(&self) -> Timestamp {
        self.row.started_at
    }

    /// When it ends by itself.
    async fn expires_at(&self) -> Timestamp {
        self.row.expires_at
    }

    async fn ended_at(&self) -> Option<Timestamp> {
        self.row.ended_at
    }

    /// From its start to its end; null while it goes on.
    async fn spent_seconds(&self) -> Option<i32> {
        self.row.spent.map(number)
    }
}

/// A session, if it is there and the caller's, or the caller may see everybody's. Who sees somebody else's is in the audit.
pub(crate) async fn session(ctx: &Context<'_>, id: SessionId) -> Result<Option<Session>> {
    let row = ctx.loaders().sessions.load_one(id).await?;
    let visible = row.filter(|row| notes::is_disclosed(ctx, AccountId(row.learner), Permission::ManageSessions));
    Ok(visible.map(Into::into))
}
