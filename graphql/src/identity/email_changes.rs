//! Changing one's address.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use commands::identity::Confirmation;

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

/// Which of the two addresses of a change.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::identity::contact::Side")]
pub(crate) enum EmailChangeSide {
    /// The one that the account has until then.
    Old,
    /// The one that it is to have.
    New,
}

/// The proof that one of the two addresses is read.
#[derive(InputObject)]
pub(crate) struct EmailChangeConfirmInput {
    /// Of the link in the mail that asks to confirm the change, at the new address or at the old one.
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
    /// Whether mails are on their way to both addresses. The account keeps the old one until both have confirmed the change; an old one
    /// that was never verified need not.
    requested: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct EmailChangeConfirmPayload {
    /// The account with its new address; null while another confirmation is awaited.
    account: Option<Account>,
    /// At which address it has to be confirmed as well; null once the account has the new one, and where this confirmed nothing.
    awaiting: Option<EmailChangeSide>,
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
    /// Ask for another address. Links are mailed to both by which it is confirmed, and to the old one another by which it can be stopped;
    /// all are good for 24 hours. An old address that was never verified need not confirm it. An address that somebody has is answered
    /// `EMAIL_TAKEN`.
    async fn email_change(&self, ctx: &Context<'_>, input: EmailChangeInput) -> Result<EmailChangePayload> {
        let EmailChangeInput { email, current_password, idempotency_key } = input;
        let request = ctx.caller().request(idempotency_key);
        let identity = &ctx.services().commands.identity;
        let outcome = identity.request_email_change(&request, &email, current_password.into()).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(EmailChangePayload { requested: value.is_some(), errors, stale })
    }

    /// Confirm a change of address, by the token that was mailed to the new one or to the old one. With the second of the two, in
    /// whichever order, the account has the new address. The old one may be registered with again; one that was verified for the account
    /// can take the change back for a while first.
    async fn email_change_confirm(&self, ctx: &Context<'_>, input: EmailChangeConfirmInput) -> Result<EmailChangeConfirmPayload> {
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.confirm_email_change(&request, &input.token.into()).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let (account, awaiting) = match value {
            Some(Confirmation::Done(account)) => (Some(account), None),
            // Whoever reads one address is not told of the other, nor whose it is.
            Some(Confirmation::Awaits(side)) => (None, Some(side.into())),
            None => (None, None),
        };
        Ok(EmailChangeConfirmPayload { account: own(ctx, account).await?, awaiting, errors, stale })
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
