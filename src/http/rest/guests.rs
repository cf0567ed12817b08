//! What people without an account do about a registration, by the token in the link that was mailed to them.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Request, State},
    http::{StatusCode, request::Parts},
};
use chrono::{DateTime, Utc};
use commands::{
    Request as Asked,
    authorization::{Act, acts},
    booking::{Appointment, GuestWanted},
};
use domain::{
    booking::{Answer as Given, BookingRejection, run::Stage},
    kernel::RegistrationId,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, bearer, calendars, check_ins, done, fresh, noted, payments::OpenedPayment, problem::Problem, reading::read};
use crate::http::Shared;

/// What somebody registers with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct GuestRegistration {
    /// 1 to 120 characters.
    name: String,
    /// The ticket's key.
    ticket: String,
    /// Names of all who come; theirs, if it is left out.
    #[serde(default)]
    attendees: Vec<String>,
    /// Addresses of those among them who begin a session of the run by an account of their own, which has verified it.
    #[serde(default)]
    member_emails: Vec<String>,
    /// To the run's questions, by their keys, such as `{ "diet": { "text": "none" }, "lunch": { "yes_no": true } }`; besides there are
    /// `number` and `choices`.
    #[serde(default)]
    #[schema(value_type = Object)]
    answers: BTreeMap<String, Given>,
    code: Option<String>,
    /// Wait, if there is no place.
    #[serde(default)]
    wait: bool,
}

/// Whether a place is taken that was offered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfferAnswer {
    accept: bool,
}

/// What a guest sees.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct GuestView {
    registration_id: String,
    run_id: String,
    title: String,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    time_zone: String,
    /// The venue and the city, where there is one.
    place: Option<String>,
    /// Where it takes place online: for who is confirmed.
    link: Option<String>,
    /// `pending_approval`, `awaiting_payment`, `confirmed`, `waitlisted`, `offered`, `rejected`, `expired`, `withdrawn`, `cancelled`,
    /// `attended` or `no_show`; null before they have registered.
    state: Option<String>,
    /// Until when a place is held.
    until: Option<DateTime<Utc>>,
    /// What is still to be paid, such as `120.50 CHF`.
    due: Option<String>,
    /// Keys, names and prices of what can be had.
    tickets: Vec<GuestTicket>,
}

/// What can be had.
#[derive(Serialize, ToSchema)]
pub(super) struct GuestTicket {
    key: String,
    name: String,
    /// Such as `120.50 CHF`.
    price: String,
}

impl GuestView {
    fn new(registration: RegistrationId, appointment: &Appointment) -> Self {
        let plan = &appointment.plan;
        let ticket = |ticket: &domain::booking::Ticket| GuestTicket {
            key: ticket.key.clone(),
            name: ticket.name.clone(),
            price: ticket.price.to_string(),
        };
        Self {
            registration_id: registration.to_string(),
            run_id: appointment.run.to_string(),
            title: plan.title.clone(),
            starts_at: plan.starts_at,
            ends_at: plan.ends_at,
            time_zone: plan.time_zone.clone(),
            place: plan.format.venue().map(|venue| format!("{}, {}", venue.name, venue.city)),
            link: appointment.link().map(ToOwned::to_owned),
            state: appointment.stage.map(|stage| stage.name().replace(' ', "_")),
            until: appointment.stage.and_then(Stage::until),
            due: appointment.due.filter(|due| due.amount > 0).map(|due| due.to_string()),
            tickets: plan.tickets.iter().map(ticket).collect(),
        }
    }
}

/// The run that somebody is invited to, and their registration once there is one.
#[utoipa::path(
    get, path = "/api/guest/registration", tag = "booking", security(("guestToken" = [])),
    responses(
        (status = 200, description = "As it is by now", body = GuestView),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn see(State(shared): State<Arc<Shared>>, parts: Parts) -> Answer {
    let (asked, token) = guest(&shared, &parts)?;
    seen(&shared, &asked, &token).await
}

/// Registers whoever was invited.
#[utoipa::path(
    post, path = "/api/guest/registration", tag = "booking", security(("guestToken" = [])), request_body = GuestRegistration,
    responses(
        (status = 200, description = "As it is by now", body = GuestView),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn register(State(shared): State<Arc<Shared>>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let (asked, token) = guest(&shared, &parts)?;
    let work = async {
        let GuestRegistration { name, ticket, attendees, member_emails, answers, code, wait } = read(&parts, body).await?;
        let wanted = GuestWanted { name, ticket, attendees, members: member_emails, answers, code, wait };
        done(&shared, &asked, shared.services.commands.booking.guest_register(&asked, &token, &wanted).await).await?;
        seen(&shared, &asked, &token).await
    };
    told(&shared, &asked, acts::GUEST_REGISTER, work).await
}

/// Gives up a place, an offer, or a place in line.
#[utoipa::path(
    delete, path = "/api/guest/registration", tag = "booking", security(("guestToken" = [])),
    responses(
        (status = 200, description = "As it is by now", body = GuestView),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn withdraw(State(shared): State<Arc<Shared>>, parts: Parts) -> Answer {
    let (asked, token) = guest(&shared, &parts)?;
    let work = async {
        done(&shared, &asked, shared.services.commands.booking.guest_withdraw(&asked, &token).await).await?;
        seen(&shared, &asked, &token).await
    };
    told(&shared, &asked, acts::GUEST_WITHDRAW, work).await
}

/// Takes the place that was offered, or lets it go.
#[utoipa::path(
    post, path = "/api/guest/offer", tag = "booking", security(("guestToken" = [])), request_body = OfferAnswer,
    responses(
        (status = 200, description = "As it is by now", body = GuestView),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn answer_offer(State(shared): State<Arc<Shared>>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let (asked, token) = guest(&shared, &parts)?;
    let work = async {
        let OfferAnswer { accept } = read(&parts, body).await?;
        done(&shared, &asked, shared.services.commands.booking.guest_answer_offer(&asked, &token, accept).await).await?;
        seen(&shared, &asked, &token).await
    };
    told(&shared, &asked, acts::GUEST_ANSWER_OFFER, work).await
}

/// Opens a payment of what is due, or finds the one that is open, and says how it is made.
#[utoipa::path(
    post, path = "/api/guest/payment", tag = "booking", security(("guestToken" = [])),
    responses(
        (status = 200, description = "How it is made", body = OpenedPayment),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn pay(State(shared): State<Arc<Shared>>, parts: Parts) -> Answer {
    let (asked, token) = guest(&shared, &parts)?;
    let work = async {
        let opened = done(&shared, &asked, shared.services.commands.booking.guest_checkout(&asked, &token).await).await?;
        Ok(fresh(Json(OpenedPayment::from(opened))))
    };
    told(&shared, &asked, acts::GUEST_PAYMENT_OPEN, work).await
}

/// The registration as calendar programs take it.
#[utoipa::path(
    get, path = "/api/guest/calendar.ics", tag = "booking", security(("guestToken" = [])),
    responses(
        (status = 200, description = "One entry (RFC 5545)", content_type = "text/calendar"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn calendar(State(shared): State<Arc<Shared>>, parts: Parts) -> Answer {
    let (asked, token) = guest(&shared, &parts)?;
    let (_, appointment) = found(&shared, &asked, &token).await?;
    Ok(calendars::file(&shared, &[appointment], "registration"))
}

/// The code by which they are checked in: a picture to be scanned.
#[utoipa::path(
    get, path = "/api/guest/check-in.svg", tag = "booking", security(("guestToken" = [])),
    responses(
        (status = 200, description = "A QR code", content_type = "image/svg+xml"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn code(State(shared): State<Arc<Shared>>, parts: Parts) -> Answer {
    let (asked, token) = guest(&shared, &parts)?;
    let code = shared.services.commands.booking.guest_check_in_code(&token).await;
    let code = code.map_err(|fault| Problem::fault(&fault, asked.correlation))?;
    check_ins::picture(&code.ok_or(BookingRejection::RegistrationNotFound)?)
}

/// Whoever comes with a token is nobody else: what counts is the token alone.
fn guest(shared: &Shared, parts: &Parts) -> Answer<(Asked, SecretString)> {
    shared.options.rates.address(graphql::address(parts), 1)?;
    let token = bearer(&parts.headers).ok_or_else(|| {
        let detail = "authorization: expected `Bearer` and the token of a link that was mailed";
        Problem::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", detail)
    })?;
    Ok((graphql::anonymous(parts), token))
}

async fn found(shared: &Shared, asked: &Asked, token: &SecretString) -> Answer<(RegistrationId, Appointment)> {
    let found = shared.services.commands.booking.guest_appointment(token).await;
    let found = found.map_err(|fault| Problem::fault(&fault, asked.correlation))?;
    Ok(found.ok_or(BookingRejection::GuestLinkInvalid)?)
}

async fn seen(shared: &Shared, asked: &Asked, token: &SecretString) -> Answer {
    let (registration, appointment) = found(shared, asked, token).await?;
    Ok(fresh(Json(GuestView::new(registration, &appointment))))
}

async fn told(shared: &Shared, asked: &Asked, act: Act, work: impl Future<Output = Answer>) -> Answer {
    noted(shared, asked, act.name, None, work).await
}
