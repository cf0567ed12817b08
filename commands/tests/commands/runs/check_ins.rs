//! Coming in by a code that is shown at the door.

use chrono::TimeDelta;
use commands::{Fault, booking::Arrived};
use domain::{booking::BookingRejection as Rejection, identity::Role};
use secrecy::{ExposeSecret, SecretString};

use super::{comes, draft, on_the_eve, opened, published, stage, start, transferee, verified};
use crate::platform::{Platform, accepted, anonymous, fault, pass, rejected};

#[tokio::test]
async fn who_shows_their_code_is_checked_in_once_and_it_can_be_undone() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(2, 0)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let code = booking.check_in_code(&ada, registration).await.expect("answered").expect("a code");
    let from = start().and_utc() - TimeDelta::hours(24);
    assert_eq!(rejected(booking.check_in_by_code(&grace, &code, None).await), Rejection::CheckInTooEarly { from });
    on_the_eve();
    let arrived = Arrived { run, registration };
    assert_eq!(accepted(booking.check_in_by_code(&grace, &code, None).await), arrived);
    assert_eq!(stage(&platform, run, registration).await, "attended");
    let again = rejected(booking.check_in_by_code(&grace, &code, None).await);
    assert_eq!(again, Rejection::WrongStage { stage: "attended".to_owned() });
    accepted(booking.undo_check_in(&grace, registration).await);
    assert_eq!(accepted(booking.check_in_by_code(&grace, &code, None).await), arrived);
    assert_eq!(platform.named("CheckedIn").await.len(), 2);
}

#[tokio::test]
async fn at_the_door_of_a_run_codes_and_registrations_of_another_are_none() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(2, 0)).await;
    let other = published(&platform, &grace, &draft(2, 0)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let code = booking.check_in_code(&ada, registration).await.expect("answered").expect("a code");
    on_the_eve();
    assert_eq!(rejected(booking.check_in_by_code(&grace, &code, Some(other)).await), Rejection::CheckInCodeInvalid);
    assert_eq!(rejected(booking.check_in(&grace, registration, Some(other)).await), Rejection::RegistrationNotFound);
    assert!(matches!(fault(booking.check_in(&ada, registration, Some(other)).await), Fault::Forbidden));
    assert!(platform.named("CheckedIn").await.is_empty());
    assert_eq!(accepted(booking.check_in_by_code(&grace, &code, Some(run)).await), Arrived { run, registration });
    accepted(booking.undo_check_in(&grace, registration).await);
    accepted(booking.check_in(&grace, registration, Some(run)).await);
    assert_eq!(stage(&platform, run, registration).await, "attended");
}

#[tokio::test]
async fn codes_are_for_who_looks_after_the_run_and_say_nothing_to_others() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let (bob, waits) = comes(&platform, run, "bob").await;
    let booking = &platform.commands.booking;
    assert!(booking.check_in_code(&bob, registration).await.expect("answered").is_none(), "it is not theirs");
    assert!(booking.check_in_code(&bob, waits).await.expect("answered").is_none(), "they wait");
    assert!(booking.check_in_code(&grace, registration).await.expect("answered").is_some(), "the organiser prints it for them");
    let code = booking.check_in_code(&ada, registration).await.expect("answered").expect("a code");
    assert!(matches!(fault(booking.check_in_by_code(&ada, &code, None).await), Fault::Forbidden));
    assert!(matches!(fault(booking.check_in_by_code(&anonymous(), &"nonsense".into(), None).await), Fault::Unauthenticated));
    let other = platform.signed_in("other@example.org", &[Role::Organiser]).await;
    assert_eq!(rejected(booking.check_in_by_code(&other, &code, None).await), Rejection::RegistrationNotFound);
    for forged in ["", "nonsense", "a.b.c", &code.expose_secret()[..code.expose_secret().len() - 4]] {
        let forged = SecretString::from(forged.to_owned());
        assert_eq!(rejected(booking.check_in_by_code(&grace, &forged, None).await), Rejection::CheckInCodeInvalid);
    }
    assert!(platform.named("CheckedIn").await.is_empty());
}

#[tokio::test]
async fn a_code_is_worth_nothing_once_somebody_else_comes_instead_or_nobody_does() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(2, 0)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let bob = verified(&platform, "bob").await;
    let booking = &platform.commands.booking;
    let before = booking.check_in_code(&ada, registration).await.expect("answered").expect("a code");
    accepted(booking.transfer(&ada, registration, &transferee("bob")).await);
    assert_eq!(rejected(booking.check_in_by_code(&grace, &before, None).await), Rejection::CheckInCodeInvalid);
    let now = booking.check_in_code(&bob, registration).await.expect("answered").expect("a code");
    accepted(booking.withdraw(&bob, registration).await);
    let withdrawn = rejected(booking.check_in_by_code(&grace, &now, None).await);
    assert_eq!(withdrawn, Rejection::WrongStage { stage: "withdrawn".to_owned() });
    assert!(booking.check_in_code(&bob, registration).await.expect("answered").is_none());
}

#[tokio::test]
async fn there_is_no_code_long_after_a_run() {
    let platform = Platform::init().await;
    let (_, run) = opened(&platform, &draft(2, 0)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    pass(TimeDelta::days(32));
    assert!(platform.commands.booking.check_in_code(&ada, registration).await.expect("answered").is_none());
}
