//! Keeping accounts from being erased while what was done with them is looked into.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::{Account, account, errors::IdentityError};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
    input,
};

/// Who is not to be erased.
#[derive(InputObject)]
pub(crate) struct LegalHoldPlaceInput {
    account_id: ID,
    /// 1 to 500 characters. It is kept for ever, so it must not tell who the person is.
    reason: String,
    idempotency_key: Option<String>,
}

/// Who may be erased again.
#[derive(InputObject)]
pub(crate) struct LegalHoldReleaseInput {
    account_id: ID,
    /// 1 to 500 characters. It is kept for ever, so it must not tell who the person is.
    reason: String,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct LegalHoldPlacePayload {
    account: Option<Account>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct LegalHoldReleasePayload {
    account: Option<Account>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct LegalHoldMutations;

#[Object]
impl LegalHoldMutations {
    /// Keep an account from being erased, by its owner too, until the hold is released.
    async fn legal_hold_place(&self, ctx: &Context<'_>, input: LegalHoldPlaceInput) -> Result<LegalHoldPlacePayload> {
        let id = input::id("accountId", &input.account_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.place_legal_hold(&request, id, &input.reason).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let account = if value.is_some() { account(ctx, id).await? } else { None };
        Ok(LegalHoldPlacePayload { account, errors, stale })
    }

    /// Let an account be erased again. Nobody does so for their own.
    async fn legal_hold_release(&self, ctx: &Context<'_>, input: LegalHoldReleaseInput) -> Result<LegalHoldReleasePayload> {
        let id = input::id("accountId", &input.account_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.release_legal_hold(&request, id, &input.reason).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let account = if value.is_some() { account(ctx, id).await? } else { None };
        Ok(LegalHoldReleasePayload { account, errors, stale })
    }
}
