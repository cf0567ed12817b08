//! Places that are offered to who waits.

use chrono::TimeDelta;
use commands::reactions;
use domain::{booking::BookingRejection as Rejection, identity::mail::Occasion};

use super::{RunDraft, comes, draft, opened, stage, state};
use crate::{
    mailbag::Mailbag,
    platform::{Platform, accepted, now, pass, rejected},
    rules::{Running, eventually, settle},
};

#[tokio::test]
async fn a_place_that_is_free_is_offered_on_until_somebody_takes_it() {
    let platform = Platform::init().await;
    let (_, run) = opened(&platform, &draft(1, 0)).await;
    let booking = &platform.commands.booking;
    let (ada, first) = comes(&platform, run, "ada").await;
    let (bob, second) = comes(&platform, run, "bob").await;
    let (carol, third) = comes(&platform, run, "carol").await;
    accepted(booking.withdraw(&ada, first).await);
    assert_eq!((stage(&platform, run, second).await, stage(&platform, run, third).await), ("offered", "waitlisted"));
    accepted(booking.decline_offer(&bob, second).await);
    assert_eq!((stage(&platform, run, second).await, stage(&platform, run, third).await), ("withdrawn", "offered"));
    assert!(matches!(rejected(booking.accept_offer(&bob, second).await), Rejection::WrongStage { .. }));
    accepted(booking.accept_offer(&carol, third).await);
    assert_eq!(stage(&platform, run, third).await, "confirmed");
    assert_eq!((state(&platform, run).await.taken(), state(&platform, run).await.waiting()), (1, 0));
}

#[tokio::test]
async fn an_offer_that_nobody_answers_goes_to_the_next_in_line_by_itself() {
    let platform = Platform::init().await;
    let (_, run) = opened(&platform, &draft(1, 0)).await;
    let booking = &platform.commands.booking;
    let (ada, first) = comes(&platform, run, "ada").await;
    let (_, second) = comes(&platform, run, "bob").await;
    let (carol, third) = comes(&platform, run, "carol").await;
    accepted(booking.withdraw(&ada, first).await);
    settle(&platform).await;
    assert_eq!(stage(&platform, run, second).await, "offered");
    pass(TimeDelta::hours(48) + TimeDelta::minutes(1));
    let running = Running::start(&platform, reactions::all(), now);
    eventually("the offer lapses", async || platform.named("OfferLapsed").await.len() == 1).await;
    running.stop().await;
    assert_eq!((stage(&platform, run, second).await, stage(&platform, run, third).await), ("expired", "offered"));
    accepted(booking.accept_offer(&carol, third).await);
    settle(&platform).await;
    assert_eq!(stage(&platform, run, third).await, "confirmed");
}

#[tokio::test]
async fn what_is_not_paid_in_time_is_let_go_of_by_itself_and_what_was_paid_is_not() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(2, 10_000)).await;
    let (_, paid) = comes(&platform, run, "ada").await;
    let (_, unpaid) = comes(&platform, run, "bob").await;
    accepted(platform.commands.booking.record_payment(&grace, paid, None, super::eur(10_000)).await);
    settle(&platform).await;
    pass(TimeDelta::minutes(61));
    let running = Running::start(&platform, reactions::all(), now);
    eventually("it runs out", async || platform.named("RegistrationExpired").await.len() == 1).await;
    running.stop().await;
    settle(&platform).await;
    assert_eq!((stage(&platform, run, paid).await, stage(&platform, run, unpaid).await), ("confirmed", "expired"));
    assert_eq!(platform.named("RegistrationExpired").await.len(), 1);
}

#[tokio::test]
async fn who_is_moved_up_is_offered_a_place_before_who_came_earlier() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    let booking = &platform.commands.booking;
    let (ada, first) = comes(&platform, run, "ada").await;
    let (_, second) = comes(&platform, run, "bob").await;
    let (_, third) = comes(&platform, run, "carol").await;
    accepted(booking.prioritise(&grace, third, 9).await);
    accepted(booking.withdraw(&ada, first).await);
    assert_eq!((stage(&platform, run, second).await, stage(&platform, run, third).await), ("waitlisted", "offered"));
}

#[tokio::test]
async fn who_waits_until_the_run_is_over_is_told_what_they_waited_for() {
    let (platform, bag) = Mailbag::platform().await;
    let tomorrow = test_runs::timing((now() + TimeDelta::days(1)).naive_utc());
    let (grace, run) = opened(&platform, &RunDraft { timing: tomorrow, ..draft(1, 0) }).await;
    comes(&platform, run, "ada").await;
    let (_, waits) = comes(&platform, run, "bob").await;
    pass(TimeDelta::days(2));
    accepted(platform.commands.booking.complete(&grace, run).await);
    settle(&platform).await;
    assert_eq!(stage(&platform, run, waits).await, "expired");
    let mails: Vec<_> = platform.named("MailQueued").await.into_iter().map(|event| event.payload.as_str().to_owned()).collect();
    let told: Vec<_> = mails.iter().filter(|mail| mail.contains("registration_expired")).collect();
    assert_eq!(told.len(), 1, "{mails:?}");
    assert!(told[0].contains("\"missed\"") && told[0].contains("\"place\""), "{told:?}");
    assert_eq!(super::telling::told(&bag, "bob").last(), Some(&Occasion::RegistrationExpired));
}
