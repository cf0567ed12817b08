//! Paying: how what is due is paid, and what providers tell of it.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Request, State},
    http::{StatusCode, request::Parts},
};
use commands::{
    Outcome,
    authorization::acts,
    booking::{Checkout, Message, Opened, Unheard},
};
use domain::{Rejection, booking::BookingRejection, kernel::RegistrationId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Answer, bookings::gone, done, fresh, noted, problem::Problem, reading::whole, who};
use crate::http::Shared;

/// Bytes of a message.
const LARGEST: usize = 64 << 10;

/// A payment that was opened, and how it is made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OpenedPayment {
    #[schema(example = "pay_…")]
    payment_id: String,
    /// What is to be paid, in minor units of the currency.
    amount: i64,
    #[schema(example = "CHF")]
    currency: String,
    /// `link`, `transfer` or `captured`.
    #[schema(value_type = String)]
    kind: &'static str,
    /// Of a link: where to go.
    url: Option<String>,
    /// Of a transfer: what is to be written on it.
    reference: Option<String>,
    /// Of a transfer: where it goes.
    instructions: Option<String>,
}

impl From<Opened> for OpenedPayment {
    fn from(Opened { due, checkout }: Opened) -> Self {
        let (kind, url, reference, instructions) = match checkout {
            Checkout::Link(url) => ("link", Some(url), None, None),
            Checkout::Transfer { reference, instructions } => ("transfer", None, Some(reference), instructions),
            Checkout::Captured => ("captured", None, None, None),
        };
        let (payment_id, currency) = (due.payment.to_string(), due.amount.currency.code().to_owned());
        Self { payment_id, amount: due.amount.amount, currency, kind, url, reference, instructions }
    }
}

/// Opens a payment of what is due for a registration, or finds the one that is open, and says how it is made.
#[utoipa::path(
    post, path = "/api/registrations/{id}/payment", tag = "booking", security(("accessToken" = [])),
    params(("id" = String, Path, description = "Such as reg_…")),
    responses(
        (status = 200, description = "How it is made", body = OpenedPayment),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn open(State(shared): State<Arc<Shared>>, Path(id): Path<String>, parts: Parts) -> Answer {
    let asked = who(&shared, &parts).await?;
    let work = async {
        let registration: RegistrationId = id.parse().map_err(|_| gone())?;
        let opened = done(&shared, &asked, shared.services.commands.booking.checkout(&asked, registration).await).await?;
        Ok(fresh(Json(OpenedPayment::from(opened))))
    };
    noted(&shared, &asked, acts::PAYMENT_OPEN.name, Some(&id), work).await
}

/// Takes what a provider tells of a payment, signed as Standard Webhooks are: `webhook-id`, `webhook-timestamp` of the last five minutes,
/// and `webhook-signature` over both and the body. The same message again gets the same answer and does nothing; of one that is not the
/// provider's nothing is recorded. A refund is to be told again that is told before its payment has succeeded, or is more than was kept: 503, `PAYMENT_NOT_FOUND` or
/// `REFUND_TOO_LARGE`.
#[utoipa::path(
    post, path = "/api/payments/{provider}/messages", tag = "booking",
    params(("provider" = String, Path, description = "As it is configured: webhook")),
    request_body(content = Vec<u8>, content_type = "application/json"),
    responses(
        (status = 204, description = "It is taken"),
        (status = "default", description = "What went wrong", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn hear(State(shared): State<Arc<Shared>>, Path(provider): Path<String>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    shared.options.rates.address(graphql::address(&parts), 1)?;
    let body = whole(body, LARGEST).await?;
    let headers = parts.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    // Who it is from, its signature says, and nothing else.
    let asked = graphql::anonymous(&parts);
    let heard = shared.services.commands.booking.hear_payment(&asked, &provider, &Message { headers, body: &body }).await;
    let outcome = heard.map_err(|fault| Problem::fault(&fault, asked.correlation))?.map_err(|unheard| unheard_by(unheard, &provider))?;
    if let Outcome::Rejected(rejection) = &outcome
        && let Some(field) = not_yet(rejection)
    {
        // All providers tell again what a server cannot take for now, and not all what it turns down.
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, &rejection.code(), rejection.to_string()).at(field));
    }
    done(&shared, &asked, Ok(outcome)).await?;
    Ok(fresh(StatusCode::NO_CONTENT))
}

/// The field of what may be taken once it is told again: what comes before may be on its way, or was recorded by hand and is to be taken back.
const fn not_yet(rejection: &BookingRejection) -> Option<&'static str> {
    match rejection {
        BookingRejection::PaymentNotFound => Some("paymentId"),
        BookingRejection::RefundTooLarge { .. } => Some("amount"),
        _ => None,
    }
}

fn unheard_by(unheard: Unheard, provider: &str) -> Problem {
    let (status, code) = match unheard {
        Unheard::NotExpected => (StatusCode::NOT_FOUND, "NOT_FOUND"),
        Unheard::Unsigned => (StatusCode::UNAUTHORIZED, "SIGNATURE_INVALID"),
        Unheard::Stale => (StatusCode::UNAUTHORIZED, "MESSAGE_STALE"),
        Unheard::Malformed(_) => (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
    };
    if unheard != Unheard::NotExpected {
        tracing::warn!(provider, code, "a message about a payment was refused");
    }
    metrics::counter!("nalabo_payment_messages_refused_total", "code" => code).increment(1);
    Problem::new(status, code, unheard.to_string())
}
