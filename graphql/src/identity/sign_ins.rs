//! Signing in and out, and refreshing tokens. What returns a token takes no idempotency key: its answer is kept nowhere.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use commands::{
    Accepted, Actor, Outcome,
    identity::{Begun, Challenge, SignedIn},
};
use domain::{identity::IdentityRejection, kernel::Timestamp};
use secrecy::{ExposeSecret, SecretString};

use super::{Account, account::own, errors::IdentityError};
use crate::{
    context::Access,
    cookie::Cookie,
    decided::{Decided, Errors, decided, told},
    failure::{Failure, Result},
};

/// With what somebody signs in.
#[derive(InputObject)]
pub(crate) struct SignInInput {
    email: String,
    #[graphql(secret)]
    password: String,
    /// Six digits, or a recovery code; where there is a second factor. Without it the answer is a challenge, for `signInComplete`.
    #[graphql(secret)]
    code: Option<String>,
    #[graphql(default)]
    delivery: RefreshTokenDelivery,
}

/// Where the refresh token goes.
#[derive(Enum, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum RefreshTokenDelivery {
    /// Into the payload, for whoever can keep a secret.
    #[default]
    Body,
    /// Into a cookie that scripts cannot read, for browsers. It is good for `tokenRefresh` and `signOut` of pages of this host and of
    /// the origins that are configured, and for nothing else. By HTTP only.
    Cookie,
}

/// With what a sign-in is completed that asked for a code.
#[derive(InputObject)]
pub(crate) struct SignInCompleteInput {
    /// As `signIn` gave it.
    #[graphql(secret)]
    challenge: String,
    /// Six digits, or a recovery code.
    #[graphql(secret)]
    code: String,
    #[graphql(default)]
    delivery: RefreshTokenDelivery,
}

/// What is traded for new tokens.
#[derive(InputObject, Default)]
pub(crate) struct TokenRefreshInput {
    /// Where it is left out, that in the cookie is traded, and the new one goes there.
    #[graphql(secret)]
    refresh_token: Option<String>,
}

/// How to sign out.
#[derive(InputObject, Default)]
pub(crate) struct SignOutInput {
    /// Ends every sign-in of the account, not only this one. It needs a fresh proof, see `stepUp`.
    #[graphql(default)]
    everywhere: bool,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject, Default)]
pub(crate) struct SignInPayload {
    /// For `signInComplete`, with a code: there is a second factor, and there are no tokens yet.
    challenge: Option<String>,
    challenge_expires_at: Option<Timestamp>,
    /// Goes into the header `Authorization: Bearer …`.
    access_token: Option<String>,
    access_token_expires_at: Option<Timestamp>,
    /// Trades for new tokens, once. Null where it went into a cookie.
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
    /// Trades for new tokens, once; the one it was traded for is used up. Null where it went into a cookie.
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
    /// Get tokens for an e-mail address and a password; where there is a second factor, a challenge.
    async fn sign_in(&self, ctx: &Context<'_>, input: SignInInput) -> Result<SignInPayload> {
        let keeper = keeper(ctx, input.delivery)?;
        let request = ctx.caller().request(None);
        let SignInInput { email, password, code, .. } = input;
        let outcome = ctx.services().commands.identity.sign_in_with(&request, &email, password.into(), code.as_deref()).await?;
        begun(ctx, outcome, keeper).await
    }

    /// Get tokens for a challenge and a code. Each code is good once.
    async fn sign_in_complete(&self, ctx: &Context<'_>, input: SignInCompleteInput) -> Result<SignInPayload> {
        let keeper = keeper(ctx, input.delivery)?;
        let request = ctx.caller().request(None);
        let identity = &ctx.services().commands.identity;
        let outcome = identity.complete_sign_in(&request, &input.challenge.into(), &input.code).await?;
        Ok(handed_out(ctx, outcome, keeper).await?.into())
    }

    /// Trade a refresh token for new tokens. If one comes that was used up, two have it: the sign-in ends with all its tokens. Whoever
    /// asks again within five seconds, at once or for want of an answer, gets new tokens too.
    async fn token_refresh(&self, ctx: &Context<'_>, input: Option<TokenRefreshInput>) -> Result<TokenRefreshPayload> {
        let cookie = ctx.caller().cookie.as_ref();
        let (token, keeper) = match input.unwrap_or_default().refresh_token {
            Some(token) => (SecretString::from(token), None),
            None => (cookie.and_then(|cookie| cookie.token.clone()).ok_or_else(no_token)?, cookie),
        };
        let outcome = ctx.services().commands.identity.refresh(&ctx.caller().request(None), &token).await?;
        handed_out(ctx, outcome, keeper).await
    }

    /// End the sign-in that the access token belongs to; without one, that of the cookie. Sockets opened with it are closed.
    async fn sign_out(&self, ctx: &Context<'_>, input: Option<SignOutInput>) -> Result<SignOutPayload> {
        let SignOutInput { everywhere, idempotency_key } = input.unwrap_or_default();
        let identity = &ctx.services().commands.identity;
        let mut request = ctx.caller().request(idempotency_key);
        if let Some(cookie) = &ctx.caller().cookie {
            cookie.forget(ctx);
            if let (Actor::Anonymous, Some(token)) = (&request.actor, &cookie.token) {
                request = match identity.by_refresh_token(&request, token).await? {
                    Ok(request) => request,
                    Err(rejection) => {
                        told(ctx, Some(domain::Rejection::code(&rejection)));
                        return Ok(SignOutPayload { signed_out: false, errors: rejection.errors(), stale: false });
                    }
                };
            }
        }
        let outcome = if everywhere { identity.sign_out_everywhere(&request).await? } else { identity.sign_out(&request).await? };
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(SignOutPayload { signed_out: value.is_some(), errors, stale })
    }
}

/// Tokens for who has begun to sign in, or a challenge.
pub(super) async fn begun(ctx: &Context<'_>, outcome: Outcome<Begun, IdentityRejection>, keeper: Option<&Cookie>) -> Result<SignInPayload> {
    let outcome = match outcome {
        Outcome::Accepted(Accepted { value: Begun::Challenged(Challenge { token, expires_at }), .. }) => {
            let challenge = Some(token.expose_secret().to_owned());
            return Ok(SignInPayload { challenge, challenge_expires_at: Some(expires_at), ..SignInPayload::default() });
        }
        Outcome::Accepted(Accepted { value: Begun::SignedIn(value), position }) => Outcome::Accepted(Accepted { value, position }),
        Outcome::Rejected(rejection) => Outcome::Rejected(rejection),
    };
    Ok(handed_out(ctx, outcome, keeper).await?.into())
}

/// What keeps the refresh token, if not whoever asks.
pub(super) fn keeper<'c>(ctx: &'c Context<'_>, delivery: RefreshTokenDelivery) -> Result<Option<&'c Cookie>> {
    match delivery {
        RefreshTokenDelivery::Body => Ok(None),
        RefreshTokenDelivery::Cookie => ctx.caller().cookie.as_ref().map(Some).ok_or_else(no_cookie),
    }
}

fn no_cookie() -> Failure {
    Failure::expected("delivery", "BODY; a web socket cannot set a cookie")
}

fn no_token() -> Failure {
    Failure::expected("refreshToken", "one, or the cookie that signIn sets where its delivery is COOKIE")
}

/// Tokens for whoever is to have them. What a keeper is there for is not in the payload.
pub(super) async fn handed_out(
    ctx: &Context<'_>,
    outcome: Outcome<SignedIn, IdentityRejection>,
    keeper: Option<&Cookie>,
) -> Result<TokenRefreshPayload> {
    let Decided { value, errors, stale } = decided(ctx, outcome).await;
    let account = own(ctx, value.as_ref().map(|signed_in| signed_in.account)).await?;
    match (keeper, &value) {
        (Some(cookie), Some(signed_in)) => cookie.keep(ctx, &signed_in.refresh_token, signed_in.refresh_expires_at),
        (Some(cookie), None) => cookie.forget(ctx),
        (None, _) => {}
    }
    let token = |secret: &SecretString| secret.expose_secret().to_owned();
    Ok(TokenRefreshPayload {
        access_token: value.as_ref().map(|signed_in| token(&signed_in.access_token)),
        access_token_expires_at: value.as_ref().map(|signed_in| signed_in.access_expires_at),
        refresh_token: value.as_ref().filter(|_| keeper.is_none()).map(|signed_in| token(&signed_in.refresh_token)),
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
        Self {
            challenge: None,
            challenge_expires_at: None,
            access_token,
            access_token_expires_at,
            refresh_token,
            refresh_token_expires_at,
            account,
            errors,
            stale,
        }
    }
}
