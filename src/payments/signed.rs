//! A provider that is reached by a link, and tells of payments by messages that it signs (Standard Webhooks).

use commands::booking::{Checkout, Due, Heard, LONGEST_EVENT, Message, News, PaymentProvider, Unheard, Unopened};
use domain::{
    booking::run::PaymentStatus,
    kernel::{Currency, Money, PaymentId, RegistrationId, Timestamp},
};
use reqwest::Url;
use secrecy::SecretSlice;
use serde::Deserialize;

use super::TOLERANCE;
use crate::webhooks::signature;

/// What a message says; a provider may say more.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    registration_id: String,
    payment_id: String,
    status: Status,
    /// In minor units; of a refund, what went back.
    amount: i64,
    currency: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    Unknown,
    Succeeded,
    Failed,
    Refunded,
}

impl From<Status> for News {
    fn from(status: Status) -> Self {
        match status {
            Status::Pending => Self::Status(PaymentStatus::Pending),
            Status::Unknown => Self::Status(PaymentStatus::Unknown),
            Status::Succeeded => Self::Status(PaymentStatus::Succeeded),
            Status::Failed => Self::Status(PaymentStatus::Failed),
            Status::Refunded => Self::Refund,
        }
    }
}

pub(super) struct Signed {
    /// Where people pay.
    checkout: Url,
    secret: SecretSlice<u8>,
}

impl Signed {
    pub(super) const fn new(checkout: Url, secret: SecretSlice<u8>) -> Self {
        Self { checkout, secret }
    }
}

#[async_trait::async_trait]
impl PaymentProvider for Signed {
    fn name(&self) -> &'static str {
        "webhook"
    }

    async fn open(&self, due: &Due) -> Result<Checkout, Unopened> {
        let Due { payment, registration, amount: Money { amount, currency } } = due;
        // So that nobody pays less by changing the link. No message has an id like this.
        let signature =
            signature::sign(&self.secret, &format!("checkout:{payment}"), *amount, &format!("{registration}.{}", currency.code()));
        let mut link = self.checkout.clone();
        link.query_pairs_mut()
            .append_pair("paymentId", &payment.to_string())
            .append_pair("registrationId", &registration.to_string())
            .append_pair("amount", &amount.to_string())
            .append_pair("currency", currency.code())
            .append_pair("signature", &signature);
        Ok(Checkout::Link(link.into()))
    }

    fn hear(&self, message: &Message<'_>, now: Timestamp) -> Result<Heard, Unheard> {
        let header = |name| message.header(name).map(str::trim).ok_or(Unheard::Unsigned);
        let (event, signatures) = (header("webhook-id")?, header("webhook-signature")?);
        let at: i64 = header("webhook-timestamp")?.parse().map_err(|_| Unheard::Unsigned)?;
        if !signature::is_signed(&self.secret, (event, at), message.body, signatures) {
            return Err(Unheard::Unsigned);
        }
        if now.timestamp().abs_diff(at) > TOLERANCE.num_seconds().unsigned_abs() {
            return Err(Unheard::Stale);
        }
        if !(1..=LONGEST_EVENT).contains(&event.chars().count()) || event.starts_with("checkout:") {
            return Err(Unheard::Malformed("webhook-id: expected 1 to 150 characters"));
        }
        let malformed =
            "expected JSON with registrationId, paymentId, status (pending, unknown, succeeded, failed or refunded), amount, currency";
        let told: Told = serde_json::from_slice(message.body).map_err(|_| Unheard::Malformed(malformed))?;
        let registration: RegistrationId =
            told.registration_id.parse().map_err(|_| Unheard::Malformed("registrationId: expected an id such as reg_…"))?;
        let payment: PaymentId = told.payment_id.parse().map_err(|_| Unheard::Malformed("paymentId: expected an id such as pay_…"))?;
        let currency = Currency::try_new(&told.currency).map_err(|_| Unheard::Malformed("currency: expected a code such as EUR"))?;
        let amount = Money::new(told.amount, currency);
        Ok(Heard { event: event.to_owned(), registration, payment, news: told.status.into(), amount })
    }
}
