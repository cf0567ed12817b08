//! Changing one's password.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::errors::IdentityError;
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
};

/// From what to what the password changes.
#[derive(InputObject)]
pub(crate) struct PasswordChangeInput {
    #[graphql(secret)]
    current_password: String,
    /// 15 to 128 characters of any kind (8 are enough with a second factor), but not what everybody would try first.
    #[graphql(secret)]
    password: String,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct PasswordChangePayload {
    /// Whether the new one is good from now on.
    changed: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct PasswordMutations;

#[Object]
impl PasswordMutations {
    /// Change one's password. All other sign-ins of the account end, and sockets opened with them are closed.
    async fn password_change(&self, ctx: &Context<'_>, input: PasswordChangeInput) -> Result<PasswordChangePayload> {
        let PasswordChangeInput { current_password, password, idempotency_key } = input;
        let request = ctx.caller().request(idempotency_key);
        let identity = &ctx.services().commands.identity;
        let outcome = identity.change_password(&request, current_password.into(), password.into()).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(PasswordChangePayload { changed: value.is_some(), errors, stale })
    }
}
