//! From a token to who asks.

use axum::http::HeaderMap;
use commands::Actor;
use domain::kernel::Timestamp;

use crate::{
    failure::{Failure, Result},
    services::Services,
};

/// Somebody who is signed in, and until when their token says so.
pub(super) struct SignedIn {
    pub(super) actor: Actor,
    pub(super) expires_at: Timestamp,
}

/// Who asks by HTTP. Without a token it is nobody in particular; a token that is no good is refused.
///
/// # Errors
/// [`Failure::Unauthenticated`], or a fault.
pub(super) async fn actor(services: &Services, headers: &HeaderMap) -> Result<Actor> {
    let Some(value) = headers.get("authorization") else { return Ok(Actor::Anonymous) };
    let token = value.to_str().ok().and_then(bearer);
    let token = token.ok_or_else(|| Failure::Unauthenticated("authorization: expected `Bearer` and an access token".into()))?;
    Ok(signed_in(services, token).await?.actor)
}

/// The token in a value of the form `Bearer …`.
pub(super) fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whom a token stands for.
///
/// # Errors
/// [`Failure::Unauthenticated`], or a fault.
pub(super) async fn signed_in(services: &Services, token: &str) -> Result<SignedIn> {
    let identity = &services.commands.identity;
    let verified = identity.verify(token).map_err(|error| Failure::Unauthenticated(error.to_string()))?;
    let roles = identity.standing(verified.account, verified.sign_in).await?;
    let roles = roles.ok_or_else(|| Failure::Unauthenticated("you have signed out; sign in again".into()))?;
    let actor = Actor::Account { account: verified.account, sign_in: verified.sign_in, roles };
    Ok(SignedIn { actor, expires_at: verified.expires_at })
}
