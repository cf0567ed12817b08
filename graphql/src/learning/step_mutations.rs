//! Completing steps: by reading, by answering, by having them checked.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commands::{Fault, Outcome};
use domain::{
    kernel::SessionId,
    learning::{LearningRejection, session},
};

use super::{Session, errors::LearningError};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
    input,
};

#[derive(InputObject)]
pub(crate) struct StepCompleteInput {
    session_id: ID,
    /// The step's key.
    step: String,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct StepAnswerInput {
    session_id: ID,
    /// The step's key.
    step: String,
    /// Indices of the choices picked, from 0.
    choices: Vec<u16>,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct StepCheckInput {
    session_id: ID,
    /// The step's key.
    step: String,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct StepCompletePayload {
    session: Option<Session>,
    errors: Vec<LearningError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct StepAnswerPayload {
    session: Option<Session>,
    /// Whether the step is completed by now; null if the answer was not accepted.
    passed: Option<bool>,
    errors: Vec<LearningError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct StepCheckPayload {
    session: Option<Session>,
    /// Whether the step is completed by now; null if it was not checked.
    passed: Option<bool>,
    errors: Vec<LearningError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct StepMutations;

#[Object]
impl StepMutations {
    /// Complete a step that is read.
    async fn step_complete(&self, ctx: &Context<'_>, input: StepCompleteInput) -> Result<StepCompletePayload> {
        let id = input::id("sessionId", &input.session_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.learning.complete(&request, id, &input.step).await;
        let Tried { session, errors, stale, .. } = tried(ctx, id, &input.step, outcome).await?;
        Ok(StepCompletePayload { session, errors, stale })
    }

    /// Answer a step's question. Each answer is an attempt.
    async fn step_answer(&self, ctx: &Context<'_>, input: StepAnswerInput) -> Result<StepAnswerPayload> {
        let id = input::id("sessionId", &input.session_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.learning.answer(&request, id, &input.step, &input.choices).await;
        let Tried { session, passed, errors, stale } = tried(ctx, id, &input.step, outcome).await?;
        Ok(StepAnswerPayload { session, passed, errors, stale })
    }

    /// Have a step checked in the environment. Each run is an attempt.
    async fn step_check(&self, ctx: &Context<'_>, input: StepCheckInput) -> Result<StepCheckPayload> {
        let id = input::id("sessionId", &input.session_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.learning.check(&request, id, &input.step).await;
        let Tried { session, passed, errors, stale } = tried(ctx, id, &input.step, outcome).await?;
        Ok(StepCheckPayload { session, passed, errors, stale })
    }
}

/// What came of a try at a step.
struct Tried {
    session: Option<Session>,
    passed: Option<bool>,
    errors: Vec<LearningError>,
    stale: bool,
}

async fn tried(ctx: &Context<'_>, id: SessionId, step: &str, outcome: Result<Outcome<(), LearningRejection>, Fault>) -> Result<Tried> {
    let Decided { value, errors, stale } = decided(ctx, outcome?).await;
    if value.is_none() {
        return Ok(Tried { session: None, passed: None, errors, stale });
    }
    // From the journal, so that it is right even where the read models are late.
    let passed = match ctx.services().commands.learning.session(id).await? {
        session::Session::Active(active) => Some(active.completed.iter().any(|completed| completed == step)),
        session::Session::Absent | session::Session::Ended { .. } => None,
    };
    Ok(Tried { session: super::session(ctx, id).await?, passed, errors, stale })
}
