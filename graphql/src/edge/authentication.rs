//! From a token to who asks.

use std::net::IpAddr;

use axum::http::{HeaderMap, request::Parts};
use commands::{Actor, Commands, Request, identity::Identity};
use domain::kernel::Timestamp;

use super::circumstances::Circumstances;
use crate::{
    failure::{Failure, Result},
    notes,
};

/// Somebody who is signed in, or a program in their stead, and until when their token says so.
pub(super) struct SignedIn {
    pub(super) actor: Actor,
    pub(super) expires_at: Timestamp,
}

/// Who asks by HTTP, from an address. Without a token it is nobody in particular; a token that is no good is refused.
///
/// # Errors
/// [`Failure::Unauthenticated`], or a fault.
pub(super) async fn actor(identity: &Identity, headers: &HeaderMap, from: Option<IpAddr>) -> Result<Actor> {
    let Some(value) = headers.get("authorization") else { return Ok(Actor::Anonymous) };
    let token = value.to_str().ok().and_then(bearer);
    let token = token.ok_or_else(|| Failure::Unauthenticated("authorization: expected `Bearer` and an access token".into()))?;
    Ok(signed_in(identity, token, from).await?.actor)
}

/// As [`actor`]; a token that is no good is noted.
///
/// # Errors
/// As [`actor`].
pub(super) async fn known(commands: &Commands, headers: &HeaderMap, circumstances: &Circumstances) -> Result<Actor> {
    let known = actor(&commands.identity, headers, circumstances.address).await;
    if let Err(Failure::Unauthenticated(_)) = &known {
        unknown(commands, circumstances).await;
    }
    known
}

/// Notes that a token was no good.
pub(super) async fn unknown(commands: &Commands, circumstances: &Circumstances) {
    let request = circumstances.caller(Actor::Anonymous).request(None);
    notes::refused(commands, &request, "authenticate", "UNAUTHENTICATED", vec![]).await;
}

/// The token in a value of the form `Bearer …`.
pub(super) fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whom a token stands for that came from an address.
///
/// # Errors
/// [`Failure::Unauthenticated`], or a fault.
pub(super) async fn signed_in(identity: &Identity, token: &str, from: Option<IpAddr>) -> Result<SignedIn> {
    if Identity::is_access_token(token) {
        let found = identity.by_access_token(&token.to_owned().into(), from).await?;
        let (actor, expires_at) = found.ok_or_else(|| Failure::Unauthenticated("the access token is not valid".into()))?;
        return Ok(SignedIn { actor, expires_at });
    }
    let verified = identity.verify(token).map_err(|error| Failure::Unauthenticated(error.to_string()))?;
    let actor = identity.by_sign_in(verified.account, verified.sign_in, from).await?;
    let actor = actor.ok_or_else(|| Failure::Unauthenticated("you have signed out; sign in again".into()))?;
    Ok(SignedIn { actor, expires_at: verified.expires_at })
}

/// Why nobody is known to ask.
#[derive(Debug)]
pub enum Unidentified {
    /// What is wrong with the token.
    Unauthenticated(String),
    /// For the log: it could not be looked up.
    Unavailable(String),
}

/// Who asks, and from where, as commands want to know it: for routes beside the API's own. Without a token it is nobody in
/// particular.
///
/// # Errors
/// A token that is no good, or a fault.
pub async fn identify(commands: &Commands, parts: &Parts) -> std::result::Result<Request, Unidentified> {
    let circumstances = Circumstances::of(parts);
    match known(commands, &parts.headers, &circumstances).await {
        Ok(actor) => Ok(circumstances.caller(actor).request(None)),
        Err(Failure::Unauthenticated(reason)) => Err(Unidentified::Unauthenticated(reason)),
        Err(failure) => Err(Unidentified::Unavailable(format!("{failure:?}"))),
    }
}

/// From where somebody asks who is nobody in particular, whatever else their request has: for routes that sign them in.
#[must_use]
pub fn anonymous(parts: &Parts) -> Request {
    Circumstances::of(parts).caller(Actor::Anonymous).request(None)
}
