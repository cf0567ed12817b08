//! Showing anew who one is.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use domain::kernel::Timestamp;

use super::errors::IdentityError;
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
};

/// By what somebody shows who they are.
#[derive(InputObject)]
pub(crate) struct StepUpInput {
    #[graphql(secret)]
    current_password: String,
    /// Six digits, or a recovery code; where there is a second factor.
    #[graphql(secret)]
    code: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct StepUpPayload {
    /// Until when dangerous acts are permitted to this sign-in.
    pub(super) proven_until: Option<Timestamp>,
    pub(super) errors: Vec<IdentityError>,
    pub(super) stale: bool,
}

#[derive(Default)]
pub(crate) struct StepUpMutations;

#[Object]
impl StepUpMutations {
    /// Show anew who you are, for what is answered with `STEP_UP_REQUIRED`. Signing in counts as that.
    async fn step_up(&self, ctx: &Context<'_>, input: StepUpInput) -> Result<StepUpPayload> {
        let request = ctx.caller().request(None);
        let identity = &ctx.services().commands.identity;
        let outcome = identity.step_up(&request, input.current_password.into(), input.code.as_deref()).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(StepUpPayload { proven_until: value, errors, stale })
    }
}
