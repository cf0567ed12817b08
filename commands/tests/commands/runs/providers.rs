//! Whoever moves money, and what they tell.

use std::sync::Arc;

use commands::{
    Fault,
    booking::{Checkout, Due, Heard, Message, News, PaymentProvider, Unheard},
};
use domain::{
    booking::{BookingRejection as Rejection, run::PaymentStatus},
    kernel::{PaymentId, RegistrationId, Timestamp},
};
use futures_util::future::join_all;
use uuid::Uuid;

use super::{comes, draft, eur, opened, person, stage, state};
use crate::platform::{Platform, accepted, anonymous, fault, rejected};

/// Signs by a word; a message's body has its id and who paid what for what.
struct Till {
    captures: bool,
}

#[async_trait::async_trait]
impl PaymentProvider for Till {
    fn name(&self) -> &'static str {
        "till"
    }

    async fn open(&self, due: &Due) -> Result<Checkout, Fault> {
        Ok(if self.captures { Checkout::Captured } else { Checkout::Link(format!("https://till.example.org/{}", due.payment)) })
    }

    fn hear(&self, message: &Message<'_>, _now: Timestamp) -> Result<Heard, Unheard> {
        if message.header("word") != Some("please") {
            return Err(Unheard::Unsigned);
        }
        let body = std::str::from_utf8(message.body).map_err(|_| Unheard::Malformed("expected text"))?;
        let parts: Vec<&str> = body.split(' ').collect();
        let [event, registration, payment, amount] = parts[..] else { return Err(Unheard::Malformed("expected four words")) };
        // What begins with a minus went back.
        let (news, amount) = match amount.strip_prefix('-') {
            Some(back) => (News::Refund, back),
            None => (News::Status(PaymentStatus::Succeeded), amount),
        };
        Ok(Heard {
            event: event.to_owned(),
            registration: registration.parse().map_err(|_| Unheard::Malformed("expected a registration"))?,
            payment: payment.parse().map_err(|_| Unheard::Malformed("expected a payment"))?,
            news,
            amount: eur(amount.parse().map_err(|_| Unheard::Malformed("expected an amount"))?),
        })
    }
}

async fn platform(captures: bool) -> Platform {
    let mut platform = Platform::init().await;
    platform.commands = Arc::new(platform.commands_on(&platform.vault).await.with_payments(Arc::new(Till { captures })));
    platform
}

fn said(event: &str, registration: RegistrationId, payment: PaymentId, cents: i64) -> String {
    format!("{event} {registration} {payment} {cents}")
}

fn signed(body: &str) -> Message<'_> {
    Message { headers: vec![("word", "please")], body: body.as_bytes() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_message_that_comes_a_hundred_times_is_one_payment() {
    let platform = platform(false).await;
    let (_, run) = opened(&platform, &draft(1, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let opened = accepted(booking.checkout(&ada, registration).await);
    assert_eq!((opened.due.amount, opened.due.registration), (eur(10_000), registration));
    assert_eq!(opened.checkout, Checkout::Link(format!("https://till.example.org/{}", opened.due.payment)));
    assert_eq!(accepted(booking.checkout(&ada, registration).await).due, opened.due, "asked again, it is the same");
    let body = said("msg_1", registration, opened.due.payment, 10_000);
    let (message, nobody) = (&signed(&body), &anonymous());
    for heard in join_all((0..100).map(|_| booking.hear_payment(nobody, "till", message))).await {
        assert_eq!(accepted(Ok(heard.expect("no fault").expect("signed"))), opened.due.payment);
    }
    let state = state(&platform, run).await;
    let entry = state.registration(registration).expect("it is there");
    assert_eq!((entry.kept(), entry.owed, entry.payments.len(), entry.stage.name()), (10_000, 0, 1, "confirmed"));
    assert_eq!(platform.named("PaymentReported").await.len(), 2, "that it was opened, and that it succeeded");
}

#[tokio::test]
async fn nothing_is_recorded_of_a_message_that_is_not_the_providers() {
    let platform = platform(false).await;
    let (_, run) = opened(&platform, &draft(1, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let payment = accepted(booking.checkout(&ada, registration).await).due.payment;
    let before = platform.events().await.len();
    let body = said("msg_1", registration, payment, 10_000);
    let forged = Message { headers: vec![("word", "now")], body: body.as_bytes() };
    let twice = Message { headers: vec![("word", "please"), ("word", "please")], body: body.as_bytes() };
    for message in [&forged, &twice] {
        let heard = booking.hear_payment(&anonymous(), "till", message).await.expect("no fault");
        assert!(matches!(heard, Err(Unheard::Unsigned)));
    }
    let heard = booking.hear_payment(&anonymous(), "purse", &signed(&body)).await.expect("no fault");
    assert!(matches!(heard, Err(Unheard::NotExpected)));
    assert_eq!(platform.events().await.len(), before);
    let receipt = platform.journal.receipt("system:till", "paymentReport", "msg_1").await.expect("readable");
    assert!(receipt.is_none());
    assert_eq!(stage(&platform, run, registration).await, "awaiting payment");
}

#[tokio::test]
async fn one_id_is_one_message_and_what_it_says_must_fit() {
    let platform = platform(false).await;
    let (_, run) = opened(&platform, &draft(1, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let payment = accepted(booking.checkout(&ada, registration).await).due.payment;
    let hear = async |body: String| booking.hear_payment(&anonymous(), "till", &signed(&body)).await;
    let less = hear(said("msg_1", registration, payment, 1)).await.expect("no fault").expect("signed");
    assert_eq!(rejected(Ok(less)), Rejection::PaymentDiffers);
    let other = hear(said("msg_1", registration, payment, 10_000)).await.expect_err("another message under its id");
    assert!(matches!(other, Fault::KeyReused));
    let unknown = hear(said("msg_2", RegistrationId(Uuid::now_v7()), payment, 10_000)).await.expect("no fault").expect("signed");
    assert_eq!(rejected(Ok(unknown)), Rejection::RegistrationNotFound);
    accepted(Ok(hear(said("msg_3", registration, payment, 10_000)).await.expect("no fault").expect("signed")));
    assert_eq!(stage(&platform, run, registration).await, "confirmed");
}

#[tokio::test]
async fn what_is_captured_is_paid_at_once_and_nothing_is_due_then() {
    let platform = platform(true).await;
    let (_, run) = opened(&platform, &draft(2, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let bob = person(&platform, "bob").await;
    assert_eq!(rejected(booking.checkout(&bob, registration).await), Rejection::RegistrationNotFound);
    assert!(matches!(fault(booking.checkout(&anonymous(), registration).await), Fault::Unauthenticated));
    assert_eq!(accepted(booking.checkout(&ada, registration).await).checkout, Checkout::Captured);
    assert_eq!(stage(&platform, run, registration).await, "confirmed");
    assert_eq!(rejected(booking.checkout(&ada, registration).await), Rejection::NothingDue);
}

#[tokio::test]
async fn money_that_went_back_is_told_once_and_cannot_be_more_than_came_in() {
    let platform = platform(false).await;
    let (_, run) = opened(&platform, &draft(1, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let payment = accepted(booking.checkout(&ada, registration).await).due.payment;
    let hear = async |body: String| booking.hear_payment(&anonymous(), "till", &signed(&body)).await.expect("no fault").expect("signed");
    accepted(Ok(hear(said("msg_1", registration, payment, 10_000)).await));
    for _ in 0..3 {
        accepted(Ok(hear(said("msg_2", registration, payment, -2_500)).await));
    }
    accepted(Ok(hear(said("msg_3", registration, payment, -2_500)).await));
    let more = rejected(Ok(hear(said("msg_4", registration, payment, -5_001)).await));
    assert_eq!(more, Rejection::RefundTooLarge { most: eur(5_000) });
    let state = state(&platform, run).await;
    assert_eq!(state.registration(registration).map(domain::booking::run::Entry::kept), Some(5_000));
    assert_eq!(platform.named("RefundRecorded").await.len(), 2);
}
