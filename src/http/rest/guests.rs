//! What people without an account do about a registration, by the token in the link that was mailed to them.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Request, State},
    http::{StatusCode, request::Parts},
};
use commands::{
    Request as Asked,
    authorization::{Act, acts, reads},
    booking::{GuestWanted, Transferee},
};
use domain::booking::{Answer as Given, BookingRejection};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Answer, bearer, calendars, check_ins, done, fresh, guest_view::GuestView, noted, payments::OpenedPayment, problem::Problem,
    reading::read,
};
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
    /// Addresses of those among them who are written to, and begin a session of the run by an account that has verified it.
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

/// Who comes instead.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct GuestTransfer {
    /// Where they are written to; if an account has it, the registration is theirs.
    email: String,
    /// 1 to 120 characters.
    name: String,
    /// Names of all who come, as many as seats; theirs, if it is left out.
    #[serde(default)]
    attendees: Vec<String>,
    /// Addresses of those among them who are written to, and begin a session of the run by an account that has verified it.
    #[serde(default)]
    member_emails: Vec<String>,
    /// As of who registers.
    #[serde(default)]
    #[schema(value_type = Object)]
    answers: BTreeMap<String, Given>,
}

/// Whether a place is taken that was offered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfferAnswer {
    accept: bool,
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
    let asked = guest(&shared, &parts)?;
    let work = async { seen(&shared, &asked, &link(&parts)?).await };
    told(&shared, &asked, reads::REGISTRATION, work).await
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
    let asked = guest(&shared, &parts)?;
    let work = async {
        let token = link(&parts)?;
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
    let asked = guest(&shared, &parts)?;
    let work = async {
        let token = link(&parts)?;
        done(&shared, &asked, shared.services.commands.booking.guest_withdraw(&asked, &token).await).await?;
        seen(&shared, &asked, &token).await
    };
    told(&shared, &asked, acts::GUEST_WITHDRAW, work).await
}

/// Lets somebody else come instead, who is written to. The link is worth nothing from then on.
#[utoipa::path(
    post, path = "/api/guest/transfer", tag = "booking", security(("guestToken" = [])), request_body = GuestTransfer,
    responses(
        (status = 204, description = "It is somebody else's"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn transfer(State(shared): State<Arc<Shared>>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let asked = guest(&shared, &parts)?;
    let work = async {
        let token = link(&parts)?;
        let GuestTransfer { email, name, attendees, member_emails, answers } = read(&parts, body).await?;
        let to = Transferee { email, name, attendees, members: member_emails, answers };
        done(&shared, &asked, shared.services.commands.booking.guest_transfer(&asked, &token, &to).await).await?;
        Ok(fresh(StatusCode::NO_CONTENT))
    };
    told(&shared, &asked, acts::GUEST_TRANSFER, work).await
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
    let asked = guest(&shared, &parts)?;
    let work = async {
        let token = link(&parts)?;
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
    let asked = guest(&shared, &parts)?;
    let work = async {
        let token = link(&parts)?;
        let opened = done(&shared, &asked, shared.services.commands.booking.guest_checkout(&asked, &token).await).await?;
        Ok(fresh(Json(OpenedPayment::from(opened))))
    };
    told(&shared, &asked, acts::GUEST_PAYMENT_OPEN, work).await
}

/// Erases whoever comes by the link, for ever, and gives up what they have. The link is worth nothing from then on.
#[utoipa::path(
    post, path = "/api/guest/erasure", tag = "booking", security(("guestToken" = [])),
    responses(
        (status = 204, description = "Nothing that they said of themselves can be read any more"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn erase(State(shared): State<Arc<Shared>>, parts: Parts) -> Answer {
    let asked = guest(&shared, &parts)?;
    let work = async {
        done(&shared, &asked, shared.services.commands.booking.guest_erase(&asked, &link(&parts)?).await).await?;
        Ok(fresh(StatusCode::NO_CONTENT))
    };
    told(&shared, &asked, acts::GUEST_ERASE, work).await
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
    let asked = guest(&shared, &parts)?;
    let work = async {
        let found = shared.services.commands.booking.guest_appointment(&link(&parts)?).await;
        let found = found.map_err(|fault| Problem::fault(&fault, asked.correlation))?;
        let (_, appointment) = found.ok_or(BookingRejection::GuestLinkInvalid)?;
        Ok(calendars::file(&shared, &[appointment], "registration"))
    };
    told(&shared, &asked, reads::REGISTRATION, work).await
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
    let asked = guest(&shared, &parts)?;
    let work = async {
        let (booking, token) = (&shared.services.commands.booking, link(&parts)?);
        // A link that is not good is turned away as such, and the audit knows of it.
        let found = booking.guest_appointment(&token).await.map_err(|fault| Problem::fault(&fault, asked.correlation))?;
        found.ok_or(BookingRejection::GuestLinkInvalid)?;
        let code = booking.guest_check_in_code(&token).await.map_err(|fault| Problem::fault(&fault, asked.correlation))?;
        check_ins::picture(&code.ok_or(BookingRejection::RegistrationNotFound)?)
    };
    told(&shared, &asked, reads::REGISTRATION, work).await
}

/// Whoever comes with a token is nobody else: what counts is the token alone.
fn guest(shared: &Shared, parts: &Parts) -> Answer<Asked> {
    shared.options.rates.address(graphql::address(parts), 1)?;
    Ok(graphql::anonymous(parts))
}

/// The token of the link that somebody comes by.
fn link(parts: &Parts) -> Answer<SecretString> {
    bearer(&parts.headers).ok_or_else(|| {
        let detail = "authorization: expected `Bearer` and the token of a link that was mailed";
        Problem::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", detail)
    })
}

async fn seen(shared: &Shared, asked: &Asked, token: &SecretString) -> Answer {
    let sight = shared.services.commands.booking.guest_sight(token).await;
    let sight = sight.map_err(|fault| Problem::fault(&fault, asked.correlation))?.ok_or(BookingRejection::GuestLinkInvalid)?;
    Ok(fresh(Json(GuestView::from(sight))))
}

async fn told(shared: &Shared, asked: &Asked, act: Act, work: impl Future<Output = Answer>) -> Answer {
    noted(shared, asked, act.name, None, work).await
}
