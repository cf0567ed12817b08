//! What operators do about environments.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commands::{Fault, Outcome, Request, environments::Environments};
use domain::{environments::EnvironmentRejection, kernel::EnvironmentId};

use super::{Environment, environment, errors::EnvironmentError};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
    input,
};

macro_rules! operation {
    ($($input:ident $payload:ident),+) => {$(
        #[derive(InputObject)]
        pub(crate) struct $input {
            environment_id: ID,
            idempotency_key: Option<String>,
        }

        #[derive(SimpleObject)]
        pub(crate) struct $payload {
            environment: Option<Environment>,
            errors: Vec<EnvironmentError>,
            stale: bool,
        }

        impl From<Changed> for $payload {
            fn from((environment, errors, stale): Changed) -> Self {
                Self { environment, errors, stale }
            }
        }
    )+};
}

type Changed = (Option<Environment>, Vec<EnvironmentError>, bool);

operation!(
    EnvironmentRetryInput EnvironmentRetryPayload,
    EnvironmentSkipInput EnvironmentSkipPayload,
    EnvironmentForceTeardownInput EnvironmentForceTeardownPayload
);

#[derive(Default)]
pub(crate) struct OperationMutations;

#[Object]
impl OperationMutations {
    /// Have the teardown of a stuck environment tried again, for administrators.
    async fn environment_retry(&self, ctx: &Context<'_>, input: EnvironmentRetryInput) -> Result<EnvironmentRetryPayload> {
        let (id, request) = which(ctx, &input.environment_id, input.idempotency_key)?;
        let outcome = environments(ctx).retry_environment(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Take a stuck environment for gone and give its place to others, for administrators. What is left of it is removed once it can
    /// be.
    async fn environment_skip(&self, ctx: &Context<'_>, input: EnvironmentSkipInput) -> Result<EnvironmentSkipPayload> {
        let (id, request) = which(ctx, &input.environment_id, input.idempotency_key)?;
        let outcome = environments(ctx).skip_environment(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Have an environment torn down, whoever works there, for administrators. Its session goes on without one.
    async fn environment_force_teardown(
        &self,
        ctx: &Context<'_>,
        input: EnvironmentForceTeardownInput,
    ) -> Result<EnvironmentForceTeardownPayload> {
        let (id, request) = which(ctx, &input.environment_id, input.idempotency_key)?;
        let outcome = environments(ctx).force_teardown(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }
}

fn environments<'c>(ctx: &'c Context<'_>) -> &'c Environments {
    &ctx.services().commands.environments
}

fn which(ctx: &Context<'_>, id: &ID, key: Option<String>) -> Result<(EnvironmentId, Request)> {
    Ok((input::id("environmentId", id)?, ctx.caller().request(key)))
}

async fn changed(ctx: &Context<'_>, id: EnvironmentId, outcome: Result<Outcome<(), EnvironmentRejection>, Fault>) -> Result<Changed> {
    let Decided { value, errors, stale } = decided(ctx, outcome?).await;
    let environment = if value.is_some() { environment(ctx, id).await? } else { None };
    Ok((environment, errors, stale))
}
