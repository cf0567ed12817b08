//! Starting and ending sessions, and putting off their end.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commands::{Fault, Outcome};
use domain::{
    kernel::{Minutes, SessionId},
    learning::LearningRejection,
};

use super::{Session, errors::LearningError, session};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
    input,
};

#[derive(InputObject)]
pub(crate) struct SessionStartInput {
    workshop_id: ID,
    /// An author tries the draft: it earns no points.
    #[graphql(default)]
    preview: bool,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct RunSessionStartInput {
    run_id: ID,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct SessionFinishInput {
    session_id: ID,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct SessionAbandonInput {
    session_id: ID,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct SessionExtendInput {
    session_id: ID,
    /// By how much.
    minutes: u32,
    idempotency_key: Option<String>,
}

macro_rules! payload {
    ($($name:ident),+) => {$(
        #[derive(SimpleObject)]
        pub(crate) struct $name {
            session: Option<Session>,
            errors: Vec<LearningError>,
            stale: bool,
        }
    )+};
}

payload!(SessionStartPayload, RunSessionStartPayload, SessionFinishPayload, SessionAbandonPayload, SessionExtendPayload);

#[derive(Default)]
pub(crate) struct SessionMutations;

#[Object]
impl SessionMutations {
    /// Start the latest version of a workshop.
    async fn session_start(&self, ctx: &Context<'_>, input: SessionStartInput) -> Result<SessionStartPayload> {
        let workshop = input::id("workshopId", &input.workshop_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.learning.start(&request, workshop, input.preview).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let session = match value {
            Some(id) => session(ctx, id).await?,
            None => None,
        };
        Ok(SessionStartPayload { session, errors, stale })
    }

    /// Start the session of a run that one is confirmed for: from a while before its start until its end, and until then it takes. Whoever
    /// has done so already gets the session that they have.
    async fn run_session_start(&self, ctx: &Context<'_>, input: RunSessionStartInput) -> Result<RunSessionStartPayload> {
        let run = input::id("runId", &input.run_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.learning.start_for_run(&request, run).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let session = match value {
            Some(id) => session(ctx, id).await?,
            None => None,
        };
        Ok(RunSessionStartPayload { session, errors, stale })
    }

    /// End a session whose steps are all completed.
    async fn session_finish(&self, ctx: &Context<'_>, input: SessionFinishInput) -> Result<SessionFinishPayload> {
        let id = input::id("sessionId", &input.session_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.learning.finish(&request, id).await;
        let (session, errors, stale) = changed(ctx, id, outcome).await?;
        Ok(SessionFinishPayload { session, errors, stale })
    }

    /// End a session as it is.
    async fn session_abandon(&self, ctx: &Context<'_>, input: SessionAbandonInput) -> Result<SessionAbandonPayload> {
        let id = input::id("sessionId", &input.session_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.learning.abandon(&request, id).await;
        let (session, errors, stale) = changed(ctx, id, outcome).await?;
        Ok(SessionAbandonPayload { session, errors, stale })
    }

    /// Let a session take longer, and its environment with it: one's own within the workshop's overtime, anybody's by up to a day for
    /// administrators.
    async fn session_extend(&self, ctx: &Context<'_>, input: SessionExtendInput) -> Result<SessionExtendPayload> {
        let id = input::id("sessionId", &input.session_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.learning.extend(&request, id, Minutes(input.minutes)).await;
        let (session, errors, stale) = changed(ctx, id, outcome).await?;
        Ok(SessionExtendPayload { session, errors, stale })
    }
}

async fn changed(
    ctx: &Context<'_>,
    id: SessionId,
    outcome: Result<Outcome<(), LearningRejection>, Fault>,
) -> Result<(Option<Session>, Vec<LearningError>, bool)> {
    let Decided { value, errors, stale } = decided(ctx, outcome?).await;
    let session = if value.is_some() { session(ctx, id).await? } else { None };
    Ok((session, errors, stale))
}
