//! REST routes: a thin layer over the commands that the GraphQL API has too, for administrators, and what is no JSON of a few lines. Each
//! route says what it needs and stands in the document of all routes by being one.

mod account_export;
mod audit;
mod avatars;
mod bodies;
mod bookings;
mod calendars;
mod check_ins;
mod guest_view;
mod guests;
mod infrastructures;
mod keys;
mod payments;
mod personal;
mod problem;
mod reading;
mod receiver;
mod registrations;
mod routes;
mod runs;
mod sheets;
mod usage;

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::get,
};
use commands::{
    Accepted, Fault, Outcome, Request as Asked,
    audit::Deed,
    authorization::{acts, reads},
};
use graphql::{Unidentified, Wait};
use secrecy::SecretString;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use self::problem::Problem;
use super::Shared;

type Answer<T = Response> = Result<T, Problem>;

/// How long an answer waits for what was done to be readable.
const LEVEL: Duration = Duration::from_secs(2);
/// What tables are as text (RFC 4180), with a line of names first.
const CSV: &str = "text/csv; charset=utf-8; header=present";

/// What is said of all routes together.
#[derive(OpenApi)]
#[openapi(
    info(title = "Nalabo", description = "Infrastructure for administrators, files of accounts, calendars, and the door. Everything else is GraphQL, at /graphql."),
    modifiers(&AccessToken)
)]
struct Description;

/// The access token of the mutation `signIn`.
struct AccessToken;

impl Modify for AccessToken {
    fn modify(&self, document: &mut Document) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("the access token of the mutation signIn"));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("accessToken", SecurityScheme::Http(bearer.build()));
        let export = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("the token of the mutation accountExport"));
        components.add_security_scheme("exportToken", SecurityScheme::Http(export.build()));
        let guest = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("the token of a link that was mailed to a guest"));
        components.add_security_scheme("guestToken", SecurityScheme::Http(guest.build()));
    }
}

/// All routes, and the document of them at `/api/openapi.json`.
pub(super) fn router() -> Router<Arc<Shared>> {
    let (router, document) = routes::all(Description::openapi()).split_for_parts();
    let document = Arc::new(document);
    router.route("/api/openapi.json", get(move || async move { Json(document) }))
}

/// Who asks, and under which key.
async fn who(shared: &Shared, parts: &Parts) -> Answer<Asked> {
    let key = parts.headers.get("idempotency-key").map(|key| key.to_str().unwrap_or_default().to_owned());
    shared.options.rates.address(graphql::address(parts), 1)?;
    match graphql::identify(&shared.services.commands, parts).await {
        Ok(asked) => Ok(asked.with_key(key)),
        Err(Unidentified::Unauthenticated(reason)) => Err(Problem::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", reason)),
        Err(Unidentified::Unavailable(reason)) => Err(Problem::unavailable(&reason, uuid::Uuid::now_v7())),
    }
}

/// Counts an operation, as GraphQL counts a root field of that name.
fn counted(shared: &Shared, asked: &Asked, operation: &str) -> Result<(), Wait> {
    let (rates, account) = (&shared.options.rates, asked.actor.rate_key());
    rates.account(account, 1)?;
    rates.operation(operation, 1, asked.came_from(), account)
}

/// Does what nobody asks for too often, and has the audit know what came of it where no event tells of that: of reads that
/// somebody may not. Those that are sensitive are noted before they are answered.
async fn noted(shared: &Shared, asked: &Asked, operation: &str, id: Option<&str>, work: impl Future<Output = Answer>) -> Answer {
    let answer = match counted(shared, asked, operation) {
        Ok(()) => work.await,
        Err(wait) => Err(wait.into()),
    };
    let traces = asked.traces.take();
    let subjects = id.filter(|id| projections::audit::subjects::id_of(id).is_some()).map(Into::into).into_iter().collect();
    let is_command = acts::ALL.iter().any(|act| act.name == operation);
    let is_read = reads::ALL.iter().any(|act| act.name == operation);
    let deed = match &answer {
        _ if traces.recorded => return answer,
        Ok(_) if is_command => Deed::accepted(operation, subjects),
        Ok(_) => return answer,
        Err(problem) if is_read && !problem.forbids() => return answer,
        Err(problem) => Deed { verdict: problem.verdict(), ..Deed::refused(operation, problem.code(), subjects) },
    };
    if let Err(fault) = shared.services.commands.audit.note(asked, deed).await {
        tracing::error!(%fault, operation, correlation = %asked.correlation, "what was asked could not be noted");
        metrics::counter!("nalabo_audit_faults_total").increment(1);
    }
    answer
}

/// The token that somebody comes with, whatever it is for.
fn bearer(headers: &HeaderMap) -> Option<SecretString> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().into())
}

/// What was decided, once it can be seen.
async fn done<T, R: Into<Problem>>(shared: &Shared, asked: &Asked, outcome: Result<Outcome<T, R>, Fault>) -> Answer<T> {
    match outcome.map_err(|fault| Problem::fault(&fault, asked.correlation))? {
        Outcome::Accepted(Accepted { value, position }) => {
            let _ = shared.services.projections.reached(position, LEVEL).await;
            Ok(value)
        }
        Outcome::Rejected(rejection) => Err(rejection.into()),
    }
}

/// Has the audit know of an export, or of a look at what is somebody else's, before the first byte of it is sent.
async fn recorded(shared: &Shared, asked: &Asked, operation: &str, subjects: Vec<String>) -> Answer<()> {
    let written = shared.services.commands.audit.record(asked, Deed::accepted(operation, subjects)).await;
    written.map_err(|fault| Problem::fault(&fault, asked.correlation))?;
    asked.traces.recorded();
    Ok(())
}

/// An answer that whoever asked keeps as a file, and nobody between.
fn attachment(media_type: &'static str, name: &str, content: impl IntoResponse) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    fresh(([(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)], content))
}

/// An answer that nobody keeps.
fn fresh(answer: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], answer).into_response()
}
