//! The way to a provider that people sign in with, and back. Browsers come here: they go on to the provider, and in the end to the one page
//! that is configured, never to one that a request names.

mod ending;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, header, request::Parts},
    response::Response,
    routing::get,
};
use commands::{
    Accepted, Outcome,
    audit::Deed,
    authorization::acts,
    identity::{Arrived, Begun, Departure, ExchangeCode, Return},
};
use domain::{audit::trail::Verdict, identity::IdentityRejection as Rejection};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::Shared;
use crate::federation::{Answer, Federation, Refusal};
use ending::{Ending, Failed, seen_off};

/// Half of what brings somebody back. Only this host can have set it, and only over TLS: browsers see to that because of its prefix.
const NAME: &str = "__Host-nalabo-provider";
/// While developing there may be no TLS.
const DEVELOPMENT: &str = "nalabo-provider";

/// How somebody goes.
#[derive(Deserialize)]
struct Going {
    /// Of `providerLinkStart`.
    ticket: Option<String>,
    /// A program waits for a code.
    #[serde(default)]
    program: bool,
    /// They are to show anew who they are.
    #[serde(default)]
    fresh: bool,
}

/// What a provider sends somebody back with.
#[derive(Deserialize)]
struct Coming {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/auth/{provider}", get(go)).route("/auth/{provider}/callback", get(come))
}

async fn go(State(shared): State<Arc<Shared>>, Path(provider): Path<String>, Query(going): Query<Going>, parts: Parts) -> Response {
    let federation = shared.services.federation.as_deref();
    match leave(&shared, federation, &provider, &going, &parts).await {
        Ok((to, departure)) => seen_off(to.as_str(), &kept(&shared, &parts, Some(&departure))),
        Err(failed) => Ending::Failed(failed).response(federation, &[]),
    }
}

async fn leave(
    shared: &Shared,
    federation: Option<&Federation>,
    provider: &str,
    going: &Going,
    parts: &Parts,
) -> Result<(reqwest::Url, Departure), Failed> {
    let (rates, address) = (&shared.options.rates, graphql::address(parts));
    rates.address(address, 1)?;
    if !is_wanted(&parts.headers) {
        return Err(Failed::Unwanted);
    }
    rates.operation(acts::SIGN_IN_WITH_PROVIDER.name, 1, address, None)?;
    let federation = federation.ok_or(Rejection::ProviderNotFound)?;
    let identity = &shared.services.commands.identity;
    if !identity.providers().iter().any(|known| known.name.as_str() == provider) {
        return Err(Rejection::ProviderNotFound.into());
    }
    // Nothing is remembered of who cannot go, and their ticket stays good.
    federation.meet(provider).await?;
    let departure = identity.depart(provider, going.program, going.ticket.as_deref()).await??;
    Ok((federation.leave(provider, &departure, going.fresh).await?, departure))
}

async fn come(State(shared): State<Arc<Shared>>, Path(provider): Path<String>, Query(coming): Query<Coming>, parts: Parts) -> Response {
    let federation = shared.services.federation.as_deref();
    // It was for this once, whatever becomes of it.
    let mut cookies = vec![kept(&shared, &parts, None)];
    let ending = match arrive(&shared, federation, &provider, coming, &parts).await {
        Ok(Arrived::Begun(Begun::SignedIn(signed_in))) => {
            cookies.push(graphql::refresh_cookie(&parts, &shared.options, &signed_in.refresh_token, signed_in.refresh_expires_at));
            Ending::SignedIn
        }
        Ok(Arrived::Begun(Begun::Challenged(challenge))) => Ending::Challenge(challenge.token, challenge.expires_at),
        Ok(Arrived::Code(ExchangeCode { code, expires_at })) => Ending::Code(code, expires_at),
        Err(failed) => {
            noted(&shared, &parts, &failed).await;
            Ending::Failed(failed)
        }
    };
    ending.response(federation, &cookies)
}

/// Has the audit know that nobody was signed in.
async fn noted(shared: &Shared, parts: &Parts, failed: &Failed) {
    let request = graphql::anonymous(parts);
    let verdict = if matches!(failed, Failed::Unavailable(_)) { Verdict::Failed } else { Verdict::Refused };
    let deed = Deed { verdict, ..Deed::refused(acts::SIGN_IN_WITH_PROVIDER.name, &failed.code(), vec![]) };
    if let Err(fault) = shared.services.commands.audit.note(&request, deed).await {
        tracing::error!(%fault, correlation = %request.correlation, "what was asked could not be noted");
        metrics::counter!("nalabo_audit_faults_total").increment(1);
    }
}

async fn arrive(
    shared: &Shared,
    federation: Option<&Federation>,
    provider: &str,
    coming: Coming,
    parts: &Parts,
) -> Result<Arrived, Failed> {
    shared.options.rates.address(graphql::address(parts), 1)?;
    let federation = federation.ok_or(Rejection::ProviderNotFound)?;
    let left = left(shared, provider, &coming, parts).await?;
    // Who comes back is nobody yet, whatever else their browser sends.
    let request = graphql::anonymous(parts);
    if let Some(error) = coming.error {
        return Err(Refusal::Refused(error.chars().filter(char::is_ascii_graphic).take(80).collect()).into());
    }
    let code = coming.code.ok_or(Rejection::ProviderCodeInvalid)?;
    let person = federation.arrive(&left, Answer { code: &code, iss: coming.iss.as_deref() }).await?;
    match shared.services.commands.identity.arrive(&request, left.errand, person).await? {
        Outcome::Accepted(Accepted { value, position }) => {
            // So that the next question is answered with an account that may be new.
            shared.services.projections.reached(position, ending::PATIENCE).await;
            Ok(value)
        }
        Outcome::Rejected(rejection) => Err(rejection.into()),
    }
}

/// What somebody left here who comes back with both halves of what they took along.
async fn left(shared: &Shared, provider: &str, coming: &Coming, parts: &Parts) -> Result<Return, Failed> {
    let browser = browser(&parts.headers, named(is_secure(shared, parts)));
    let (Some(state), Some(browser)) = (&coming.state, browser) else { return Err(Rejection::ProviderCodeInvalid.into()) };
    let left = shared.services.commands.identity.come_back(provider, state, browser.expose_secret()).await?;
    left.ok_or_else(|| Rejection::ProviderCodeInvalid.into())
}

fn browser(headers: &HeaderMap, name: &str) -> Option<SecretString> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut ours =
        lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('=')).filter(|(found, _)| *found == name);
    ours.next().map(|(_, value)| value.to_owned().into())
}

/// Has a browser keep its half, or forget it. It comes back from another site, so `Strict` would keep it from us.
fn kept(shared: &Shared, parts: &Parts, departure: Option<&Departure>) -> String {
    let secure = is_secure(shared, parts);
    let value = departure.map_or("", |departure| departure.browser.expose_secret());
    let seconds = departure.map_or(0, |departure| departure.lifetime.num_seconds());
    let attribute = if secure { "; Secure" } else { "" };
    format!("{}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{attribute}", named(secure))
}

/// Whether somebody is about to sign in because they want to: another site may lead them here by a link that they follow, and not by
/// itself. Browsers say which it is.
fn is_wanted(headers: &HeaderMap) -> bool {
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
    !says("sec-fetch-site", "cross-site") || says("sec-fetch-user", "?1") && says("sec-fetch-mode", "navigate")
}

fn is_secure(shared: &Shared, parts: &Parts) -> bool {
    !shared.options.development || parts.extensions.get::<graphql::Client>().is_some_and(|client| client.secure)
}

const fn named(secure: bool) -> &'static str {
    if secure { NAME } else { DEVELOPMENT }
}
