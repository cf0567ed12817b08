//! Registering, and erasing people.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commands::identity::Registration;

use super::{
    Account,
    account::{self, own},
    errors::IdentityError,
};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
    input,
};

/// With what somebody registers.
#[derive(InputObject)]
pub(crate) struct AccountRegisterInput {
    email: String,
    display_name: String,
    /// 15 to 128 characters of any kind, but not what everybody would try first.
    #[graphql(secret)]
    password: String,
    idempotency_key: Option<String>,
}

/// Who is erased.
#[derive(InputObject)]
pub(crate) struct AccountEraseInput {
    account_id: ID,
    /// Needed of whoever erases somebody else: 1 to 500 characters. It is kept for ever, so it must not tell who the person was.
    reason: Option<String>,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct AccountRegisterPayload {
    account: Option<Account>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct AccountErasePayload {
    /// As others see it from now on.
    account: Option<Account>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct AccountMutations;

#[Object]
impl AccountMutations {
    /// Open an account.
    async fn account_register(&self, ctx: &Context<'_>, input: AccountRegisterInput) -> Result<AccountRegisterPayload> {
        let AccountRegisterInput { email, display_name, password, idempotency_key } = input;
        let registration = Registration { email, display_name, password: password.into(), roles: BTreeSet::new() };
        let request = ctx.caller().request(idempotency_key);
        let outcome = ctx.services().commands.identity.register(&request, registration).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(AccountRegisterPayload { account: own(ctx, value).await?, errors, stale })
    }

    /// Erase oneself, or somebody else who holds no more than the caller. It cannot be undone: everything about the person becomes unreadable
    /// for ever, wherever it was copied to. Their tokens are worth nothing from now on, and their address may register again.
    async fn account_erase(&self, ctx: &Context<'_>, input: AccountEraseInput) -> Result<AccountErasePayload> {
        let id = input::id("accountId", &input.account_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.erase(&request, id, input.reason.as_deref()).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let account = if value.is_some() { account::account(ctx, id).await? } else { None };
        Ok(AccountErasePayload { account, errors, stale })
    }
}
