//! A shell in an environment, over a web socket: binary frames for bytes, a JSON text frame for a new size.

mod session;

use std::sync::Arc;

use axum::{
    Json,
    extract::{
        Path, Query, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{
        HeaderMap, StatusCode,
        header::{AUTHORIZATION, RETRY_AFTER},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use commands::learning::LaboratoryError;
use domain::kernel::EnvironmentId;
use orchestrator::{driver::TerminalSize, tickets::Grant};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::Shared;

/// What a terminal has before it is told.
const SIZE: TerminalSize = TerminalSize { columns: 80, rows: 24 };
/// The largest message a client may send.
const MESSAGE: usize = 64 * 1024;

#[derive(Deserialize)]
pub(super) struct Asked {
    ticket: Option<SecretString>,
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "error": { "code": code, "message": message } }))).into_response()
}

/// Lets whoever holds a ticket in. The ticket comes in the query, or as the second protocol after `nalabo-terminal`.
pub(super) async fn open(
    State(shared): State<Arc<Shared>>,
    Path(environment): Path<String>,
    Query(asked): Query<Asked>,
    parts: Parts,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else {
        return refuse(StatusCode::UPGRADE_REQUIRED, "UPGRADE_REQUIRED", "expected a web socket");
    };
    if let Err(wait) = shared.options.rates.address(graphql::address(&parts), 1) {
        let error = json!({ "code": "RATE_LIMITED", "message": "asked too often", "retryAfter": wait.seconds() });
        let after = [(RETRY_AFTER, wait.seconds().to_string())];
        return (StatusCode::TOO_MANY_REQUESTS, after, Json(json!({ "error": error }))).into_response();
    }
    let headers = &parts.headers;
    if !graphql::origin_is_allowed(headers, &shared.options.origins) {
        return refuse(StatusCode::FORBIDDEN, "ORIGIN_FORBIDDEN", "origin: pages from there may not connect");
    }
    let Ok(environment) = environment.parse::<EnvironmentId>() else {
        return refuse(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", "environment: expected an id of the form env_<32 hexadecimal digits>");
    };
    let Some(ticket) = asked.ticket.or_else(|| ticket_in(headers)) else {
        return refuse(StatusCode::UNAUTHORIZED, "TICKET_MISSING", "ticket: expected one from terminalTicketIssue");
    };
    // Before the ticket is used up: whoever is refused may come again with it.
    let of_address = match shared.options.sockets.address(graphql::address(&parts)) {
        Ok(counted) => counted,
        Err(too_many) => return refuse(StatusCode::TOO_MANY_REQUESTS, "QUOTA_EXCEEDED", &too_many.to_string()),
    };
    // Whoever shows it at the wrong door has used it up.
    let grant = match shared.services.tickets.redeem(&ticket, environment) {
        Some(grant) if is_whom_it_is_for(&shared, &parts, grant).await => grant,
        _ => {
            let expected = "ticket: unknown, used, older than 30 seconds, or for another environment or account";
            return refuse(StatusCode::UNAUTHORIZED, "TICKET_INVALID", expected);
        }
    };
    let of_account = match shared.options.sockets.account(Some(grant.account.0)) {
        Ok(counted) => counted,
        Err(too_many) => return refuse(StatusCode::TOO_MANY_REQUESTS, "QUOTA_EXCEEDED", &too_many.to_string()),
    };
    let terminal = match shared.services.workbench.terminal(environment, SIZE).await {
        Ok(terminal) => terminal,
        Err(error @ LaboratoryError::NotReady(_)) => return refuse(StatusCode::CONFLICT, "ENVIRONMENT_NOT_READY", &error.to_string()),
        Err(error) => {
            tracing::warn!(%environment, %error, "a terminal could not be opened");
            return refuse(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", &error.to_string());
        }
    };
    let upgrade = upgrade.protocols(["nalabo-terminal"]).max_message_size(MESSAGE).max_frame_size(MESSAGE);
    upgrade.on_upgrade(move |socket| session::run(shared, grant, terminal, socket, [of_address, of_account]))
}

/// Browsers do not say who opens a web socket. Whoever says so must be the one that the ticket is for.
async fn is_whom_it_is_for(shared: &Shared, parts: &Parts, grant: Grant) -> bool {
    if !parts.headers.contains_key(AUTHORIZATION) {
        return true;
    }
    let asked = graphql::identify(&shared.services.commands, parts).await;
    asked.is_ok_and(|asked| asked.actor.account() == Some(grant.account))
}

fn ticket_in(headers: &HeaderMap) -> Option<SecretString> {
    let mut protocols = headers.get("sec-websocket-protocol")?.to_str().ok()?.split(',').map(str::trim);
    (protocols.next()? == "nalabo-terminal").then(|| protocols.next().map(|ticket| ticket.to_owned().into())).flatten()
}
