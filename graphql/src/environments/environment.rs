//! An isolated place to work in.

use async_graphql::{Context, Enum, ID, Object};
use domain::{
    environments::cost::Stood,
    identity::Permission,
    kernel::{AccountId, ClusterId, EnvironmentId, Seconds, SessionId, Timestamp},
};
use projections::environments::environments;

use super::{Cluster, cluster, usage::Cost};
use crate::{
    context::Access,
    failure::Result,
    input::number,
    learning::{Session, session},
    notes,
    services::Budget,
    workshops::load_content,
};

/// What state an environment is in.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "environments::EnvironmentState")]
pub(crate) enum EnvironmentState {
    /// Asked for, being placed or being made.
    Provisioning,
    Ready,
    TearingDown,
    /// Nothing of it is left.
    TornDown,
    /// Undoing it failed; an operator decides.
    Stuck,
}

/// An isolated place to work in, made for one session.
pub(crate) struct Environment {
    row: environments::Model,
}

impl From<environments::Model> for Environment {
    fn from(row: environments::Model) -> Self {
        Self { row }
    }
}

/// An isolated place to work in, made for one session.
#[Object]
impl Environment {
    pub(crate) async fn id(&self) -> ID {
        EnvironmentId(self.row.environment).to_string().into()
    }

    async fn state(&self) -> EnvironmentState {
        self.row.state.0.into()
    }

    async fn session(&self, ctx: &Context<'_>) -> Result<Option<Session>> {
        session(ctx, SessionId(self.row.session)).await
    }

    /// What kind of environment it is, such as `sandbox`; null until it is placed.
    async fn driver(&self) -> Option<&str> {
        self.row.driver.as_deref()
    }

    /// The host or the cluster, for administrators.
    async fn node(&self, ctx: &Context<'_>) -> Option<&str> {
        self.row.node.as_deref().filter(|_| is_operator(ctx))
    }

    /// The cluster it is on, for administrators; null where it is on none.
    async fn cluster(&self, ctx: &Context<'_>) -> Result<Option<Cluster>> {
        match self.cluster_id() {
            Some(id) => cluster(ctx, id).await,
            None => Ok(None),
        }
    }

    /// Why it is there, for administrators.
    async fn placement_reason(&self, ctx: &Context<'_>) -> Option<&str> {
        self.row.reason.as_deref().filter(|_| is_operator(ctx))
    }

    /// How many environments are served before this one, while it waits for a place; null once it has one.
    async fn queue_position(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let waits = self.row.state.0 == environments::EnvironmentState::Provisioning && self.row.node.is_none();
        Ok(if waits { Some(number(environments::waiting_before(ctx.db(), self.row.requested).await?)) } else { None })
    }

    /// What is being done, or was done last.
    async fn step(&self) -> Option<&str> {
        self.row.step.as_deref()
    }

    /// What went wrong last, until it goes well.
    async fn failure(&self) -> Option<&str> {
        self.row.failure.as_deref()
    }

    async fn requested_at(&self) -> Timestamp {
        self.row.requested_at
    }

    async fn ready_at(&self) -> Option<Timestamp> {
        self.row.ready_at
    }

    /// When it goes by itself.
    async fn expires_at(&self) -> Timestamp {
        self.row.expires_at
    }

    /// What it has cost so far, from when it was ready: what it may request, at the operator's prices; null without prices, before
    /// it is ready, and where it is on no cluster.
    async fn cost(&self, ctx: &Context<'_>) -> Result<Option<Cost>> {
        let Some(ready) = self.row.ready_at.filter(|_| self.cluster_id().is_some()) else { return Ok(None) };
        let Some(session) = ctx.loaders().sessions.load_one(SessionId(self.row.session)).await? else { return Ok(None) };
        let budget = budget(ctx, &session.content).await?;
        let stood = self.row.ended_at.unwrap_or_else(|| ctx.read_models().at()) - ready;
        let seconds = Seconds(u32::try_from(stood.num_seconds().max(0)).unwrap_or(u32::MAX));
        let stood = budget.map(|budget| Stood::environment(budget.cpu, budget.memory, seconds));
        Ok(stood.and_then(|stood| Cost::of(ctx.services(), [stood])))
    }

    /// When nothing of it was left.
    async fn ended_at(&self) -> Option<Timestamp> {
        self.row.ended_at
    }
}

impl Environment {
    fn cluster_id(&self) -> Option<ClusterId> {
        self.row.node.as_deref().and_then(|node| node.parse().ok())
    }
}

/// Whether the caller sees to everybody's environments.
fn is_operator(ctx: &Context<'_>) -> bool {
    ctx.caller().actor.may(Permission::ManageSessions)
}

/// What an environment for this content may request of a cluster.
pub(super) async fn budget(ctx: &Context<'_>, content: &str) -> Result<Option<Budget>> {
    let content = load_content(ctx, content).await?;
    Ok(content.environment.as_ref().and_then(|needs| ctx.services().placements.budget(needs)))
}

/// An environment, if it is there and the caller's, or the caller may see everybody's. Who sees somebody else's is in the audit.
pub(crate) async fn environment(ctx: &Context<'_>, id: EnvironmentId) -> Result<Option<Environment>> {
    Ok(ctx.loaders().environments.load_one(id).await?.and_then(|row| visible(ctx, row)))
}

/// The environment that a session works in.
pub(crate) async fn environment_of(ctx: &Context<'_>, session: SessionId) -> Result<Option<Environment>> {
    Ok(ctx.loaders().environments.load_one(session).await?.and_then(|row| visible(ctx, row)))
}

fn visible(ctx: &Context<'_>, row: environments::Model) -> Option<Environment> {
    notes::is_disclosed(ctx, AccountId(row.learner), Permission::ManageSessions).then_some(Environment { row })
}
