//! Messages come in another order than things happened.

use domain::{
    booking::{BookingRejection as Rejection, run::Entry},
    kernel::RegistrationId,
};
use uuid::Uuid;

use super::{comes, draft, eur, opened, platform, said, signed, state};
use crate::platform::{accepted, anonymous, rejected};

#[tokio::test]
async fn a_refund_that_is_told_before_its_payment_is_taken_when_it_is_told_again() {
    let platform = platform(false).await;
    let (_, run) = opened(&platform, &draft(1, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let payment = accepted(booking.checkout(&ada, registration).await).due.payment;
    let hear = async |body: String| booking.hear_payment(&anonymous(), "till", &signed(&body)).await.expect("no fault").expect("signed");
    let before = platform.events().await.len();
    for _ in 0..2 {
        assert_eq!(rejected(Ok(hear(said("msg_2", registration, payment, -2_500)).await)), Rejection::PaymentNotFound);
    }
    let nobodys = RegistrationId(Uuid::now_v7());
    assert_eq!(rejected(Ok(hear(said("msg_2", nobodys, payment, -2_500)).await)), Rejection::RegistrationNotFound);
    assert_eq!(platform.events().await.len(), before);
    let receipt = platform.journal.receipt("system:till", "paymentReport", "msg_2").await.expect("readable");
    assert!(receipt.is_none(), "nothing is kept of it");

    accepted(Ok(hear(format!("msg_0 {registration} {payment} ?10000")).await));
    assert_eq!(rejected(Ok(hear(said("msg_2", registration, payment, -2_500)).await)), Rejection::PaymentNotFound, "it has failed");
    accepted(Ok(hear(said("msg_1", registration, payment, 10_000)).await));
    for _ in 0..2 {
        assert_eq!(accepted(Ok(hear(said("msg_2", registration, payment, -2_500)).await)), payment);
    }
    assert_eq!(state(&platform, run).await.registration(registration).map(Entry::kept), Some(7_500));
    assert_eq!(platform.named("RefundRecorded").await.len(), 1);
}

#[tokio::test]
async fn a_refund_that_one_by_mistake_stands_in_the_way_of_is_taken_once_that_is_taken_back() {
    let platform = platform(false).await;
    let (grace, run) = opened(&platform, &draft(1, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let payment = accepted(booking.checkout(&ada, registration).await).due.payment;
    let hear = async |body: String| booking.hear_payment(&anonymous(), "till", &signed(&body)).await.expect("no fault").expect("signed");
    accepted(Ok(hear(said("msg_1", registration, payment, 10_000)).await));
    let wrong = accepted(booking.refund(&grace, registration, payment, None, eur(6_000)).await);
    for _ in 0..2 {
        let most = eur(4_000);
        assert_eq!(rejected(Ok(hear(said("msg_2", registration, payment, -10_000)).await)), Rejection::RefundTooLarge { most });
    }
    accepted(booking.undo_refund(&grace, registration, wrong, "").await);
    for _ in 0..2 {
        assert_eq!(accepted(Ok(hear(said("msg_2", registration, payment, -10_000)).await)), payment);
    }
    assert_eq!(state(&platform, run).await.registration(registration).map(Entry::kept), Some(0));
}
