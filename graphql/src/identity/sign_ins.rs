//! Signing in and out, and refreshing tokens. What returns a token takes no idempotency key: its answer is kept nowhere.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use commands::{Outcome, identity::SignedIn};
use domain::{identity::IdentityRejection, kernel::Timestamp};
use secrecy::{ExposeSecret, SecretString};

use super::{Account, account::own, errors::IdentityError};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
};

/// With what somebody signs in.
#[derive(InputObject)]
pub(crate) struct SignInInput {
    email: String,
    #[graphql(secret)]
    password: String,
}

/// What is traded for new tokens.
#[derive(InputObject)]
pub(crate) struct TokenRefreshInput {
    #[graphql(secret)]
    refresh_token: String,
}

/// How to sign out.
#[derive(InputObject, Default)]
pub(crate) struct SignOutInput {
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct SignInPayload {
    /// Goes into the header `Authorization: Bearer …`.
    access_token: Option<String>,
    access_token_expires_at: Option<Timestamp>,
    /// Trades for new tokens, once.
    refresh_token: Option<String>,
    refresh_token_expires_at: Option<Timestamp>,
    account: Option<Account>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct TokenRefreshPayload {
    /// Goes into the header `Authorization: Bearer …`.
    access_token: Option<String>,
    access_token_expires_at: Option<Timestamp>,
    /// Trades for new tokens, once; the one it was traded for is used up.
    refresh_token: Option<String>,
    refresh_token_expires_at: Option<Timestamp>,
    account: Option<Account>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct SignOutPayload {
    /// Whether the tokens of this sign-in are worth nothing from now on.
    signed_out: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct SignInMutations;

#[Object]
impl SignInMutations {
    /// Get tokens for an e-mail address and a password.
    async fn sign_in(&self, ctx: &Context<'_>, input: SignInInput) -> Result<SignInPayload> {
        let request = ctx.caller().request(None);
        let outcome = ctx.services().commands.identity.sign_in(&request, &input.email, input.password.into()).await?;
        Ok(handed_out(ctx, outcome).await?.into())
    }

    /// Trade a refresh token for new tokens.
    async fn token_refresh(&self, ctx: &Context<'_>, input: TokenRefreshInput) -> Result<TokenRefreshPayload> {
        let token = SecretString::from(input.refresh_token);
        let outcome = ctx.services().commands.identity.refresh(&token).await?;
        handed_out(ctx, outcome).await
    }

    /// End the sign-in that the access token belongs to. Sockets opened with it are closed.
    async fn sign_out(&self, ctx: &Context<'_>, input: Option<SignOutInput>) -> Result<SignOutPayload> {
        let request = ctx.caller().request(input.unwrap_or_default().idempotency_key);
        let outcome = ctx.services().commands.identity.sign_out(&request).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(SignOutPayload { signed_out: value.is_some(), errors, stale })
    }
}

async fn handed_out(ctx: &Context<'_>, outcome: Outcome<SignedIn, IdentityRejection>) -> Result<TokenRefreshPayload> {
    let Decided { value, errors, stale } = decided(ctx, outcome).await;
    let account = own(ctx, value.as_ref().map(|signed_in| signed_in.account)).await?;
    let token = |secret: &SecretString| secret.expose_secret().to_owned();
    Ok(TokenRefreshPayload {
        access_token: value.as_ref().map(|signed_in| token(&signed_in.access_token)),
        access_token_expires_at: value.as_ref().map(|signed_in| signed_in.access_expires_at),
        refresh_token: value.as_ref().map(|signed_in| token(&signed_in.refresh_token)),
        refresh_token_expires_at: value.as_ref().map(|signed_in| signed_in.refresh_expires_at),
        account,
        errors,
        stale,
    })
}

impl From<TokenRefreshPayload> for SignInPayload {
    fn from(tokens: TokenRefreshPayload) -> Self {
        let TokenRefreshPayload { access_token, access_token_expires_at, refresh_token, refresh_token_expires_at, account, errors, stale } =
            tokens;
        Self { access_token, access_token_expires_at, refresh_token, refresh_token_expires_at, account, errors, stale }
    }
}
