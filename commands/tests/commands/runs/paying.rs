//! Money that is told of.

use chrono::TimeDelta;
use commands::{
    Request,
    booking::{DiscountDraft, Wanted},
};
use domain::{
    booking::{
        BookingRejection as Rejection, Discount, Plan, Reduction, RefundStep,
        run::{PaymentReport, PaymentStatus, RefundReport, Stage, Teller},
    },
    kernel::{Currency, Minutes, Money, MoneyError, PaymentId, RefundId, RegistrationId},
};
use futures_util::future::join_all;
use uuid::Uuid;

use super::{RunDraft, comes, draft, eur, opened, person, stage, state, wanted};
use crate::{
    platform::{Platform, accepted, fault, keyed, pass, rejected},
    run_sessions::soon,
};

fn report(registration: RegistrationId, payment: PaymentId, status: PaymentStatus) -> PaymentReport {
    PaymentReport { by: Teller::Provider, registration, payment, status, amount: eur(10_000) }
}

fn provider() -> Request {
    Request::system("payments")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_told_a_hundred_times_is_one_payment() {
    let platform = Platform::init().await;
    let (_, run) = opened(&platform, &draft(2, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let payment = accepted(booking.open_payment(&ada, registration).await);
    let provider = provider();
    let told = report(registration, payment, PaymentStatus::Succeeded);
    for outcome in join_all((0..100).map(|_| booking.report_payment(&provider, told))).await {
        assert_eq!(accepted(outcome), payment);
    }
    let state = state(&platform, run).await;
    let entry = state.registration(registration).expect("it is there");
    assert_eq!((entry.kept(), entry.owed, entry.payments.len(), entry.stage.name()), (10_000, 0, 1, "confirmed"));
    assert_eq!(platform.named("PaymentReported").await.len(), 2, "that it was opened, and that it succeeded");
    assert_eq!(platform.named("RegistrationConfirmed").await.len(), 1);
}

#[tokio::test]
async fn that_nothing_was_heard_is_no_failure_and_a_failure_that_comes_late_undoes_nothing() {
    use PaymentStatus::{Failed, Succeeded, Unknown};
    let platform = Platform::init().await;
    let (_, run) = opened(&platform, &draft(1, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let payment = accepted(booking.open_payment(&ada, registration).await);
    let tell = async |status| {
        accepted(booking.report_payment(&provider(), report(registration, payment, status)).await);
        let state = state(&platform, run).await;
        let entry = state.registration(registration).expect("it is there");
        (entry.payments[&payment].status, entry.stage.name())
    };
    assert_eq!(tell(Unknown).await, (Unknown, "awaiting payment"));
    assert_eq!(accepted(booking.open_payment(&ada, registration).await), payment, "it may still come in");
    assert_eq!(tell(Succeeded).await, (Succeeded, "confirmed"));
    let before = platform.events().await.len();
    assert_eq!(tell(Failed).await, (Succeeded, "confirmed"));
    assert_eq!(tell(Unknown).await, (Succeeded, "confirmed"));
    assert_eq!(platform.events().await.len(), before);
}

#[tokio::test]
async fn money_that_comes_late_has_the_place_if_it_is_there_and_is_owed_otherwise() {
    let platform = Platform::init().await;
    let (_, run) = opened(&platform, &draft(1, 10_000)).await;
    let (_, first) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    pass(TimeDelta::minutes(61));
    accepted(booking.settle(&provider(), run).await);
    assert_eq!(stage(&platform, run, first).await, "expired");
    accepted(booking.report_payment(&provider(), report(first, PaymentId(Uuid::now_v7()), PaymentStatus::Succeeded)).await);
    assert_eq!(stage(&platform, run, first).await, "confirmed");
    let (_, second) = comes(&platform, run, "bob").await;
    assert_eq!(stage(&platform, run, second).await, "waitlisted");
    accepted(booking.report_payment(&provider(), report(second, PaymentId(Uuid::now_v7()), PaymentStatus::Succeeded)).await);
    let state = state(&platform, run).await;
    assert_eq!(state.registration(second).map(|entry| (entry.stage.name(), entry.kept())), Some(("waitlisted", 10_000)));
}

#[tokio::test]
async fn who_finds_a_payment_open_is_told_which_also_when_something_ran_out_meanwhile() {
    let platform = Platform::init().await;
    let (_, run) = opened(&platform, &draft(2, 10_000)).await;
    comes(&platform, run, "bob").await;
    pass(TimeDelta::minutes(30));
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let payment = accepted(booking.open_payment(&ada, registration).await);
    pass(TimeDelta::minutes(45));
    assert_eq!(accepted(booking.open_payment(&ada, registration).await), payment);
    assert_eq!(platform.named("RegistrationExpired").await.len(), 1);
}

#[tokio::test]
async fn what_was_paid_for_a_run_that_is_cancelled_is_owed_and_given_back_once() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(2, 10_000)).await;
    let (_, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let payment = accepted(booking.record_payment(&grace, registration, None, eur(10_000)).await);
    accepted(booking.cancel(&grace, run, "The room burnt down").await);
    let owed = async || state(&platform, run).await.registration(registration).map(|entry| (entry.kept(), entry.owed));
    assert_eq!((owed().await, stage(&platform, run, registration).await), (Some((10_000, 10_000)), "cancelled"));
    let refund = Some(RefundId(Uuid::now_v7()));
    let too_much = booking.refund(&grace, registration, payment, None, eur(10_001)).await;
    assert_eq!(rejected(too_much), Rejection::RefundTooLarge { most: eur(10_000) });
    for _ in 0..3 {
        accepted(booking.refund(&grace, registration, payment, refund, eur(4_000)).await);
        assert_eq!(owed().await, Some((6_000, 6_000)));
    }
    let other = booking.refund(&grace, registration, payment, refund, eur(5_000)).await;
    assert_eq!(rejected(other), Rejection::PaymentDiffers);
    accepted(booking.refund(&grace, registration, payment, None, eur(6_000)).await);
    assert_eq!(owed().await, Some((0, 0)));
}

#[tokio::test]
async fn who_withdraws_is_owed_what_the_runs_policy_says() {
    let platform = Platform::init().await;
    let half = RefundStep { before: Minutes(24 * 60), share: 5_000 };
    let plain = draft(2, 10_000);
    let draft = RunDraft { plan: Plan { refunds: vec![half], ..plain.plan }, ..plain };
    let (grace, run) = opened(&platform, &draft).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    accepted(booking.record_payment(&grace, registration, None, eur(10_000)).await);
    accepted(booking.withdraw(&ada, registration).await);
    let state = state(&platform, run).await;
    assert_eq!(state.registration(registration).map(|entry| (entry.kept(), entry.owed)), Some((10_000, 5_000)));
}

#[tokio::test]
async fn money_in_another_currency_or_none_at_all_is_refused() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(1, 10_000)).await;
    let (_, registration) = comes(&platform, run, "ada").await;
    let record = async |amount| rejected(platform.commands.booking.record_payment(&grace, registration, None, amount).await);
    let franc = Currency::try_new("CHF").expect("a currency");
    assert_eq!(record(Money::new(10_000, franc)).await, Rejection::Money(MoneyError::CurrenciesMixed));
    for cents in [0, -1] {
        assert!(matches!(record(eur(cents)).await, Rejection::Flawed(_)), "{cents}");
    }
    assert_eq!(stage(&platform, run, registration).await, "awaiting payment");
}

#[tokio::test]
async fn a_code_is_used_as_often_as_it_may_be() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(3, 10_000)).await;
    let discount = Discount {
        code: "EARLY-10".to_owned(),
        reduction: Reduction::Share(1_000),
        admits: false,
        uses: Some(1),
        until: None,
        tickets: std::collections::BTreeSet::new(),
    };
    let booking = &platform.commands.booking;
    let draft = DiscountDraft { run, discount };
    accepted(booking.create_discount(&grace, &draft).await);
    let other = DiscountDraft { discount: Discount { uses: None, ..draft.discount.clone() }, ..draft.clone() };
    assert_eq!(rejected(booking.create_discount(&grace, &other).await), Rejection::CodeTaken);
    let (ada, bob) = (person(&platform, "ada").await, person(&platform, "bob").await);
    fault(booking.create_discount(&ada, &draft).await);
    let with = |code: &str| Wanted { code: Some(code.to_owned()), ..wanted(run) };
    assert_eq!(rejected(booking.request(&ada, &with("LATE")).await), Rejection::CodeInvalid);
    // The case does not matter, and a retry uses it once.
    let mut registration = None;
    for _ in 0..2 {
        let again = accepted(booking.request(&keyed(&ada, "k"), &with("early-10")).await);
        assert_eq!(*registration.get_or_insert(again), again);
    }
    let registration = registration.expect("registered");
    assert_eq!(rejected(booking.request(&bob, &with("EARLY-10")).await), Rejection::CodeUsedUp);
    let state = state(&platform, run).await;
    assert_eq!(state.registration(registration).map(|entry| entry.quote.total), Some(eur(9_000)));
}

#[tokio::test]
async fn what_was_recorded_by_hand_is_taken_back_once_by_who_runs_the_run() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(1, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let payment = accepted(booking.record_payment(&grace, registration, None, eur(10_000)).await);
    assert_eq!(stage(&platform, run, registration).await, "confirmed");
    fault(booking.undo_payment(&ada, registration, payment, "").await);
    for _ in 0..2 {
        assert_eq!(accepted(booking.undo_payment(&keyed(&grace, "k"), registration, payment, "another's").await), payment);
    }
    assert_eq!(platform.named("PaymentUndone").await.len(), 1);
    let state = state(&platform, run).await;
    let entry = state.registration(registration).expect("it is there");
    assert_eq!((entry.stage.name(), entry.kept(), entry.owed, entry.due()), ("awaiting payment", 0, 0, 10_000));
    let again = booking.undo_payment(&grace, registration, payment, "").await;
    assert_eq!(rejected(again), Rejection::PaymentUndone);
    accepted(booking.report_payment(&provider(), report(registration, payment, PaymentStatus::Succeeded)).await);
    let told = booking.undo_payment(&grace, registration, payment, "").await;
    assert_eq!(rejected(told), Rejection::PaymentByProvider, "it has come in after all");
    let other = booking.undo_payment(&grace, registration, PaymentId(Uuid::now_v7()), "").await;
    assert_eq!(rejected(other), Rejection::PaymentNotFound);
    let nobodys = booking.undo_payment(&grace, RegistrationId(Uuid::now_v7()), payment, "").await;
    assert_eq!(rejected(nobodys), Rejection::RegistrationNotFound);
}

#[tokio::test]
async fn a_refund_that_was_recorded_by_hand_is_taken_back_once_by_who_runs_the_run() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(1, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let payment = accepted(booking.record_payment(&grace, registration, None, eur(10_000)).await);
    accepted(booking.cancel_registration(&grace, registration, "").await);
    let refund = accepted(booking.refund(&grace, registration, payment, None, eur(4_000)).await);
    fault(booking.undo_refund(&ada, registration, refund, "").await);
    for _ in 0..2 {
        assert_eq!(accepted(booking.undo_refund(&keyed(&grace, "k"), registration, refund, "another's").await), refund);
    }
    assert_eq!(platform.named("RefundUndone").await.len(), 1);
    let owed = async || state(&platform, run).await.registration(registration).map(|entry| (entry.kept(), entry.owed));
    assert_eq!(owed().await, Some((10_000, 10_000)));
    assert_eq!(rejected(booking.undo_refund(&grace, registration, refund, "").await), Rejection::RefundUndone);
    let other = booking.undo_refund(&grace, registration, RefundId(Uuid::now_v7()), "").await;
    assert_eq!(rejected(other), Rejection::RefundNotFound);
    // By whoever moves money it is told as well, and counts once.
    let again = accepted(booking.refund(&grace, registration, payment, None, eur(4_000)).await);
    let told = RefundReport { by: Teller::Provider, registration, payment, refund: RefundId(Uuid::now_v7()), amount: eur(4_000) };
    for _ in 0..2 {
        accepted(booking.report_refund(&provider(), told).await);
        assert_eq!(owed().await, Some((6_000, 6_000)));
    }
    assert_eq!(rejected(booking.undo_refund(&grace, registration, again, "").await), Rejection::RefundByProvider);
}

#[tokio::test]
async fn who_keeps_a_place_that_is_not_paid_for_sees_what_is_due() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &RunDraft { timing: soon(20), ..draft(1, 10_000) }).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let payment = accepted(booking.record_payment(&grace, registration, None, eur(10_000)).await);
    pass(TimeDelta::minutes(21));
    accepted(booking.undo_payment(&grace, registration, payment, "another's").await);
    let seen = booking.appointment(&ada, registration).await.expect("answered").expect("hers");
    assert_eq!((seen.stage.map(Stage::name), seen.due), (Some("confirmed"), Some(eur(10_000))));
    assert_eq!(rejected(booking.open_payment(&ada, registration).await), Rejection::NothingDue, "it is paid to who runs the run");
}
