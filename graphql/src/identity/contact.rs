//! Verifying one's address, and setting another password by a link that is mailed.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{Account, account::own, errors::IdentityError};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
};

/// How the link that verifies the address is asked for again.
#[derive(InputObject, Default)]
pub(crate) struct EmailVerificationRequestInput {
    idempotency_key: Option<String>,
}

/// The proof that an address is read.
#[derive(InputObject)]
pub(crate) struct EmailVerifyInput {
    /// Of the link in the mail.
    #[graphql(secret)]
    token: String,
    idempotency_key: Option<String>,
}

/// Whose password is forgotten.
#[derive(InputObject)]
pub(crate) struct PasswordResetRequestInput {
    email: String,
}

/// To what the password changes.
#[derive(InputObject)]
pub(crate) struct PasswordResetInput {
    /// Of the link in the mail.
    #[graphql(secret)]
    token: String,
    /// 15 to 128 characters of any kind, but not what everybody would try first.
    #[graphql(secret)]
    password: String,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct EmailVerificationRequestPayload {
    /// Whether a mail is on its way.
    requested: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct EmailVerifyPayload {
    account: Option<Account>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct PasswordResetRequestPayload {
    /// Whether a mail is on its way, if somebody has this address. Whether anybody has is not told.
    requested: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct PasswordResetPayload {
    /// Whether the new one is good from now on.
    changed: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct ContactMutations;

#[Object]
impl ContactMutations {
    /// Have the mail with the link that verifies one's address sent again. The link before it is worth nothing from then on.
    async fn email_verification_request(
        &self,
        ctx: &Context<'_>,
        input: Option<EmailVerificationRequestInput>,
    ) -> Result<EmailVerificationRequestPayload> {
        let request = ctx.caller().request(input.unwrap_or_default().idempotency_key);
        let outcome = ctx.services().commands.identity.request_verification(&request).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(EmailVerificationRequestPayload { requested: value.is_some(), errors, stale })
    }

    /// Prove that one reads the account's address, by the token of the link that was mailed there. It is good once, for 24 hours.
    async fn email_verify(&self, ctx: &Context<'_>, input: EmailVerifyInput) -> Result<EmailVerifyPayload> {
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.verify_email(&request, &input.token.into()).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(EmailVerifyPayload { account: own(ctx, value).await?, errors, stale })
    }

    /// Have a link mailed by which another password can be set. The answer is the same whether anybody has the address or not.
    async fn password_reset_request(&self, ctx: &Context<'_>, input: PasswordResetRequestInput) -> Result<PasswordResetRequestPayload> {
        let request = ctx.caller().request(None);
        let outcome = ctx.services().commands.identity.request_reset(&request, &input.email).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(PasswordResetRequestPayload { requested: value.is_some(), errors, stale })
    }

    /// Set another password, by the token of the link that was mailed. It is good once, for an hour. All sign-ins of the account end, and
    /// sockets opened with them are closed. The address is known to be read by that.
    async fn password_reset(&self, ctx: &Context<'_>, input: PasswordResetInput) -> Result<PasswordResetPayload> {
        let PasswordResetInput { token, password, idempotency_key } = input;
        let request = ctx.caller().request(idempotency_key);
        let outcome = ctx.services().commands.identity.reset_password(&request, &token.into(), password.into()).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(PasswordResetPayload { changed: value.is_some(), errors, stale })
    }
}
