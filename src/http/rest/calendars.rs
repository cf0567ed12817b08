//! Calendars: of a run, of a registration, and of all that somebody is registered for.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use chrono::TimeDelta;
use commands::{
    Accepted, Outcome,
    authorization::{acts, reads},
    booking::Appointment,
};
use domain::kernel::{RegistrationId, RunId};
use projections::booking::registrations;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Answer, attachment,
    bookings::{appointment, gone},
    fresh, noted,
    problem::Problem,
    who,
};
use crate::{calendar, http::Shared};

/// Registrations of somebody that their calendar has at the most, the latest.
const MOST: u64 = 500;
/// How long what is over stays in it.
const KEPT: TimeDelta = TimeDelta::days(90);

/// A private link to a calendar.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CalendarFeed {
    /// By which `accessTokenRevoke` makes the link worth nothing.
    #[schema(example = "pat_…")]
    id: String,
    /// What calendar programs are given, behind this server's address. It is shown this once; whoever has it sees the calendar.
    #[schema(example = "/api/calendar.ics?token=nlb_cal_…")]
    path: String,
}

/// By which link somebody comes.
#[derive(Deserialize)]
struct Link {
    token: SecretString,
}

/// What somebody has who comes by a code alone.
#[derive(Deserialize)]
struct Seeing {
    code: Option<String>,
}

/// A run, as calendar programs take it, for who may see it. Its way in online is told to who is confirmed alone.
#[utoipa::path(
    get, path = "/api/runs/{id}/calendar.ics", tag = "booking",
    params(
        ("id" = String, Path, description = "Such as run_…"),
        ("code" = Option<String>, Query, description = "One that admits, for a run that is visible by code"),
    ),
    responses(
        (status = 200, description = "One entry (RFC 5545)", content_type = "text/calendar"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn of_run(State(shared): State<Arc<Shared>>, Path(id): Path<String>, parts: Parts) -> Answer {
    let asked = who(&shared, &parts).await?;
    let work = async {
        let absent = || domain::booking::BookingRejection::NotFound;
        let run: RunId = id.parse().map_err(|_| absent())?;
        let Query(Seeing { code }) =
            Query::<Seeing>::try_from_uri(&parts.uri).map_err(|_| Problem::bad("code", "code: expected one code, or none"))?;
        let found = shared.services.commands.booking.run_appointment(&asked, run, code.as_deref()).await;
        let found = found.map_err(|fault| Problem::fault(&fault, asked.correlation))?;
        Ok(file(&shared, &[found.ok_or_else(absent)?], "run"))
    };
    noted(&shared, &asked, reads::RUN.name, Some(&id), work).await
}

/// A registration of one's own, or of a run that one looks after, as calendar programs take it. Who looks at somebody else's is in the
/// audit.
#[utoipa::path(
    get, path = "/api/registrations/{id}/calendar.ics", tag = "booking", security(("accessToken" = [])),
    params(("id" = String, Path, description = "Such as reg_…")),
    responses(
        (status = 200, description = "One entry (RFC 5545)", content_type = "text/calendar"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn of_registration(State(shared): State<Arc<Shared>>, Path(id): Path<String>, parts: Parts) -> Answer {
    let asked = who(&shared, &parts).await?;
    let work = async {
        let registration: RegistrationId = id.parse().map_err(|_| gone())?;
        Ok(file(&shared, &[appointment(&shared, &asked, registration).await?], "registration"))
    };
    noted(&shared, &asked, reads::REGISTRATION.name, Some(&id), work).await
}

/// Makes a private link, by which a calendar program follows what one is registered for. It is good for a year; links that there are stay.
#[utoipa::path(
    post, path = "/api/account/calendar-feeds", tag = "booking", security(("accessToken" = [])),
    responses(
        (status = 201, description = "The link, shown this once", body = CalendarFeed),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_feed(State(shared): State<Arc<Shared>>, parts: Parts) -> Answer {
    let asked = who(&shared, &parts).await?;
    let work = async {
        let created = shared.services.commands.identity.create_calendar_feed(&asked).await;
        match created.map_err(|fault| Problem::fault(&fault, asked.correlation))? {
            Outcome::Accepted(Accepted { value, .. }) => {
                let path = format!("/api/calendar.ics?token={}", value.token.expose_secret());
                Ok(fresh((StatusCode::CREATED, Json(CalendarFeed { id: value.id.to_string(), path }))))
            }
            Outcome::Rejected(rejection) => Err(rejection.into()),
        }
    };
    noted(&shared, &asked, acts::CALENDAR_FEED_CREATE.name, None, work).await
}

/// All that somebody is registered for, by their private link. The token is in the query, which no log has.
#[utoipa::path(
    get, path = "/api/calendar.ics", tag = "booking", params(("token" = String, Query, description = "Of a private link")),
    responses(
        (status = 200, description = "An entry for each registration (RFC 5545)", content_type = "text/calendar"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn feed(State(shared): State<Arc<Shared>>, parts: Parts) -> Answer {
    shared.options.rates.address(graphql::address(&parts), 1)?;
    let correlation = uuid::Uuid::now_v7();
    let worthless = || Problem::new(StatusCode::NOT_FOUND, "NOT_FOUND", "there is no such calendar, or its link was revoked");
    let Ok(Query(Link { token })) = Query::<Link>::try_from_uri(&parts.uri) else { return Err(worthless()) };
    let commands = &shared.services.commands;
    let account = commands.identity.by_calendar_feed(&token).await.map_err(|fault| Problem::fault(&fault, correlation))?;
    let account = account.ok_or_else(worthless)?;
    let filter = registrations::Filter { account: Some(account), ..registrations::Filter::default() };
    let page = registrations::page(shared.services.projections.db(), &filter, None, MOST).await;
    let page = page.map_err(|error| Problem::unavailable(&error.to_string(), correlation))?;
    let ids: Vec<_> = page.rows.iter().map(|row| RegistrationId(row.registration)).collect();
    let mut all = commands.booking.appointments_of(account, &ids).await.map_err(|fault| Problem::fault(&fault, correlation))?;
    let since = commands::system_clock() - KEPT;
    all.retain(|appointment| appointment.plan.ends_at > since);
    Ok(file(&shared, &all, "calendar"))
}

pub(super) fn file(shared: &Shared, appointments: &[Appointment], name: &str) -> Response {
    let content = calendar::file(appointments, &shared.services.sender, commands::system_clock());
    attachment(calendar::MEDIA_TYPE, &format!("{name}.ics"), content)
}
