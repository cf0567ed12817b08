//! Changing one's address.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{Account, account::own, errors::IdentityError};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
};

/// To which address the account is to change.
#[derive(InputObject)]
pub(crate) struct EmailChangeInput {
    email: String,
    #[graphql(secret)]
    current_password: String,
    idempotency_key: Option<String>,
}

/// The proof that the new address is read.
#[derive(InputObject)]
pub(crate) struct EmailChangeConfirmInput {
    /// Of the link in the mail to the new address.
    #[graphql(secret)]
    token: String,
    idempotency_key: Option<String>,
}

/// The proof that the old address is read.
#[derive(InputObject)]
pub(crate) struct EmailChangeStopInput {
    /// Of the link in the mail to the old address.
    #[graphql(secret)]
    token: String,
    idempotency_key: Option<String>,
}

/// The proof that the address from before is read.
#[derive(InputObject)]
pub(crate) struct EmailChangeRevertInput {
    /// Of the link in the mail that told of the change.
    #[graphql(secret)]
    token: String,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct EmailChangeRevertPayload {
    /// Whether the account has that address again.
    reverted: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct EmailChangePayload {
    /// Whether mails are on their way to both addresses. The account keeps the old one until the new one is confirmed.
    requested: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct EmailChangeConfirmPayload {
    account: Option<Account>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct EmailChangeStopPayload {
    /// Whether the account keeps its address.
    stopped: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct EmailChangeMutations;

#[Object]
impl EmailChangeMutations {
    /// Ask for another address. A link is mailed there, and another to the old one by which it can be stopped; both are good for 24
    /// hours.
    async fn email_change(&self, ctx: &Context<'_>, input: EmailChangeInput) -> Result<EmailChangePayload> {
        let EmailChangeInput { email, current_password, idempotency_key } = input;
        let request = ctx.caller().request(idempotency_key);
        let identity = &ctx.services().commands.identity;
        let outcome = identity.request_email_change(&request, &email, current_password.into()).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(EmailChangePayload { requested: value.is_some(), errors, stale })
    }

    /// Make the new address the account's, by the token that was mailed to it. The old one may be
    /// registered with again; one that was verified for the account can take the change back for a while first.
    async fn email_change_confirm(&self, ctx: &Context<'_>, input: EmailChangeConfirmInput) -> Result<EmailChangeConfirmPayload> {
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.confirm_email_change(&request, &input.token.into()).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(EmailChangeConfirmPayload { account: own(ctx, value).await?, errors, stale })
    }

    /// Take the address from before back, by the token that was mailed there when another took its place. All sign-ins end, the password
    /// is worth nothing, and a link to set another is mailed. Whatever else somebody could come in by goes, but for a second factor that
    /// was on before.
    async fn email_change_revert(&self, ctx: &Context<'_>, input: EmailChangeRevertInput) -> Result<EmailChangeRevertPayload> {
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.revert_email_change(&request, &input.token.into()).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(EmailChangeRevertPayload { reverted: value.is_some(), errors, stale })
    }

    /// Keep the old address, by the token that was mailed to it.
    async fn email_change_stop(&self, ctx: &Context<'_>, input: EmailChangeStopInput) -> Result<EmailChangeStopPayload> {
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.stop_email_change(&request, &input.token.into()).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(EmailChangeStopPayload { stopped: value.is_some(), errors, stale })
    }
}
