//! Checking people in at the door, by the codes that they show.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Request, State},
    http::{header, request::Parts},
};
use commands::{
    authorization::{acts, reads},
    booking::Arrived,
};
use domain::kernel::{RegistrationId, RunId};
use qrcode::{QrCode, render::svg};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Answer,
    bookings::{appointment, gone},
    done, fresh, noted,
    problem::Problem,
    reading::read,
    who,
};
use crate::http::Shared;

/// Pixels of a picture's side, at the least.
const SIDE: u32 = 360;

/// What was scanned.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Scanned {
    #[schema(value_type = String)]
    code: SecretString,
    /// At whose door: a code of another run is none there.
    #[schema(example = "run_…")]
    run_id: Option<String>,
}

/// What is shown at the door.
#[derive(Serialize, ToSchema)]
pub(super) struct CheckInCode {
    /// A token (RFC 7519) that `/.well-known/jwks.json` verifies; whoever draws pictures by themselves draws it as it is.
    code: String,
}

/// Who has come.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CheckedIn {
    #[schema(example = "reg_…")]
    registration_id: String,
    #[schema(example = "run_…")]
    run_id: String,
}

/// The code by which a registration of one's own, or of a run that one looks after, is checked in: a picture to be scanned. It is a token
/// that `/.well-known/jwks.json` verifies without asking anybody.
#[utoipa::path(
    get, path = "/api/registrations/{id}/check-in.svg", tag = "booking", security(("accessToken" = [])),
    params(("id" = String, Path, description = "Such as reg_…")),
    responses(
        (status = 200, description = "A QR code", content_type = "image/svg+xml"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn code(State(shared): State<Arc<Shared>>, Path(id): Path<String>, parts: Parts) -> Answer {
    shown(&shared, &id, &parts, picture).await
}

/// The same as text.
#[utoipa::path(
    get, path = "/api/registrations/{id}/check-in", tag = "booking", security(("accessToken" = [])),
    params(("id" = String, Path, description = "Such as reg_…")),
    responses(
        (status = 200, description = "The code", body = CheckInCode),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn text(State(shared): State<Arc<Shared>>, Path(id): Path<String>, parts: Parts) -> Answer {
    shown(&shared, &id, &parts, |code| Ok(fresh(Json(CheckInCode { code: code.expose_secret().to_owned() })))).await
}

async fn shown(shared: &Shared, id: &str, parts: &Parts, show: impl FnOnce(&SecretString) -> Answer) -> Answer {
    let asked = who(shared, parts).await?;
    let work = async {
        let registration: RegistrationId = id.parse().map_err(|_| gone())?;
        let code = shared.services.commands.booking.check_in_code(&asked, registration).await;
        let code = code.map_err(|fault| Problem::fault(&fault, asked.correlation))?.ok_or_else(gone)?;
        // Somebody else's is noted.
        appointment(shared, &asked, registration).await?;
        show(&code)
    };
    noted(shared, &asked, reads::REGISTRATION.name, Some(id), work).await
}

/// Says that whoever shows a code has come: once, and from the day before the start on. `registrationUndoCheckIn` takes it back.
#[utoipa::path(
    post, path = "/api/check-ins", tag = "booking", security(("accessToken" = [])), request_body = Scanned,
    params(("Idempotency-Key" = Option<String>, Header, description = "A retry under the same key gets the same answer")),
    responses(
        (status = 200, description = "They have come", body = CheckedIn),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn check_in(State(shared): State<Arc<Shared>>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let asked = who(&shared, &parts).await?;
    let work = async {
        let Scanned { code, run_id } = read::<Scanned>(&parts, body).await?;
        let door = run_id.map(|id| id.parse::<RunId>()).transpose();
        let door = door.map_err(|error| Problem::bad("runId", format!("runId: {error}")))?;
        let arrived = shared.services.commands.booking.check_in_by_code(&asked, &code, door).await;
        let Arrived { run, registration } = done(&shared, &asked, arrived).await?;
        Ok(fresh(Json(CheckedIn { registration_id: registration.to_string(), run_id: run.to_string() })))
    };
    noted(&shared, &asked, acts::REGISTRATION_CHECK_IN.name, None, work).await
}

pub(super) fn picture(code: &SecretString) -> Answer {
    let drawn = QrCode::new(code.expose_secret()).map_err(|error| Problem::unavailable(&error.to_string(), uuid::Uuid::now_v7()))?;
    let svg = drawn.render::<svg::Color<'_>>().min_dimensions(SIDE, SIDE).build();
    Ok(fresh(([(header::CONTENT_TYPE, "image/svg+xml")], svg)))
}
