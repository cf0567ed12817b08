//! Suspending accounts, and reinstating them.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::{Account, account, errors::IdentityError};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
    input,
};

/// Who is suspended.
#[derive(InputObject)]
pub(crate) struct AccountSuspendInput {
    account_id: ID,
    /// 1 to 500 characters. It is kept for ever, so it must not tell who the person is.
    reason: String,
    idempotency_key: Option<String>,
}

/// Who is reinstated.
#[derive(InputObject)]
pub(crate) struct AccountReinstateInput {
    account_id: ID,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct AccountSuspendPayload {
    account: Option<Account>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct AccountReinstatePayload {
    account: Option<Account>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct SuspensionMutations;

#[Object]
impl SuspensionMutations {
    /// End all sign-ins of an account and let nobody sign in to it, for administrators.
    async fn account_suspend(&self, ctx: &Context<'_>, input: AccountSuspendInput) -> Result<AccountSuspendPayload> {
        let id = input::id("accountId", &input.account_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.suspend(&request, id, &input.reason).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let account = if value.is_some() { account(ctx, id).await? } else { None };
        Ok(AccountSuspendPayload { account, errors, stale })
    }

    /// Let the owner of a suspended account sign in again, for administrators.
    async fn account_reinstate(&self, ctx: &Context<'_>, input: AccountReinstateInput) -> Result<AccountReinstatePayload> {
        let id = input::id("accountId", &input.account_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.reinstate(&request, id).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let account = if value.is_some() { account(ctx, id).await? } else { None };
        Ok(AccountReinstatePayload { account, errors, stale })
    }
}
