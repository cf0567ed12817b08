//! What people had registered for who are erased.

use chrono::TimeDelta;
use commands::{Request, reactions};
use domain::{
    booking::{Plan, RefundStep, Timing},
    identity::mail::Occasion,
    kernel::{Minutes, RunId, Timestamp},
};
use journal::Advance;

use super::{
    RunDraft, comes, draft, eur, opened, published, stage, start, state,
    telling::{settled, told},
    timing, transferee, verified, wanted,
};
use crate::{
    mailbag::Mailbag,
    platform::{Platform, accepted, account, now, pass},
    rules::{Running, eventually, rewind, settle},
    run_sessions::soon,
};

/// What is tested here.
const RULE: &str = "give_up_registrations_when_account_erased";

/// They are erased; what follows is yet to come.
async fn erases(platform: &Platform, person: &Request) {
    let administrator = platform.administrator().await;
    accepted(platform.commands.identity.erase(&administrator, account(person), Some("asked for by letter")).await);
}

/// All that follows, and all of it once more.
async fn follows(platform: &Platform) {
    settle(platform).await;
    let before = platform.events().await.len();
    rewind(platform).await;
    settle(platform).await;
    assert_eq!(platform.events().await.len(), before, "once is once");
}

/// The runs that are looked at when somebody is erased, and until when.
async fn looked_at(platform: &Platform) -> Vec<(String, Timestamp)> {
    let timers = platform.journal.due_timers(RULE, Timestamp::MAX_UTC, 10).await.expect("readable");
    timers.into_iter().map(|timer| (timer.key, timer.due)).collect()
}

#[tokio::test]
async fn a_place_of_who_is_erased_goes_on_to_who_waits_and_they_may_come_back_with_another_account() {
    let (platform, bag) = Mailbag::platform().await;
    let (_, run) = opened(&platform, &draft(1, 0)).await;
    let (ada, first) = comes(&platform, run, "ada").await;
    let (_, second) = comes(&platform, run, "bob").await;
    settled(&platform, &bag).await;
    erases(&platform, &ada).await;
    settled(&platform, &bag).await;
    assert_eq!((stage(&platform, run, first).await, stage(&platform, run, second).await), ("withdrawn", "offered"));
    assert_eq!(told(&bag, "bob"), [Occasion::RegistrationWaitlisted, Occasion::PlaceOffered]);
    assert_eq!(told(&bag, "ada"), [Occasion::RegistrationConfirmed], "nobody is written to who is erased");
    let (_, again) = comes(&platform, run, "ada").await;
    assert_eq!(stage(&platform, run, again).await, "waitlisted");
}

#[tokio::test]
async fn who_waited_and_is_erased_is_offered_nothing() {
    let platform = Platform::init().await;
    let (_, run) = opened(&platform, &draft(1, 0)).await;
    let (ada, first) = comes(&platform, run, "ada").await;
    let (bob, second) = comes(&platform, run, "bob").await;
    let (_, third) = comes(&platform, run, "carol").await;
    erases(&platform, &bob).await;
    follows(&platform).await;
    accepted(platform.commands.booking.withdraw(&ada, first).await);
    assert_eq!((stage(&platform, run, second).await, stage(&platform, run, third).await), ("withdrawn", "offered"));
}

#[tokio::test]
async fn all_that_somebody_had_and_has_not_begun_is_given_up_and_what_they_paid_is_owed() {
    let platform = Platform::init().await;
    let RunDraft { timing, plan } = draft(1, 10_000);
    let plan = Plan { refunds: vec![RefundStep { before: Minutes(60), share: 5_000 }], ..plan };
    let (grace, paid) = opened(&platform, &RunDraft { timing, plan }).await;
    let free = published(&platform, &grace, &draft(1, 0)).await;
    let begun = published(&platform, &grace, &RunDraft { timing: soon(20), ..draft(1, 0) }).await;
    let booking = &platform.commands.booking;
    let (ada, first) = comes(&platform, paid, "ada").await;
    accepted(booking.record_payment(&grace, first, None, eur(10_000)).await);
    let second = accepted(booking.request(&ada, &wanted(free)).await);
    let third = accepted(booking.request(&ada, &wanted(begun)).await);
    pass(TimeDelta::minutes(21));
    erases(&platform, &ada).await;
    follows(&platform).await;
    let stage = async |run: RunId, registration| stage(&platform, run, registration).await;
    assert_eq!((stage(paid, first).await, stage(free, second).await, stage(begun, third).await), ("withdrawn", "withdrawn", "confirmed"));
    let owed = async || state(&platform, paid).await.registration(first).map(|entry| entry.owed);
    assert_eq!(owed().await, Some(5_000));
    let payment = state(&platform, paid).await.registration(first).and_then(|entry| entry.payments.keys().next().copied());
    accepted(booking.refund(&grace, first, payment.expect("a payment"), None, eur(5_000)).await);
    assert_eq!(owed().await, Some(0));
}

#[tokio::test]
async fn what_comes_to_somebody_beside_their_erasure_is_given_up_too() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    let booking = &platform.commands.booking;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let bob = verified(&platform, "bob").await;
    accepted(booking.transfer(&ada, registration, &transferee("bob")).await);
    erases(&platform, &bob).await;
    follows(&platform).await;
    assert_eq!(stage(&platform, run, registration).await, "withdrawn", "it was theirs by then");
    accepted(booking.reinstate(&grace, registration).await);
    assert_eq!(stage(&platform, run, registration).await, "confirmed");
    follows(&platform).await;
    assert_eq!(stage(&platform, run, registration).await, "withdrawn", "nobody could come by it");
}

#[tokio::test]
async fn what_somebody_kept_since_the_run_had_begun_is_given_up_once_it_is_yet_to_come() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &RunDraft { timing: soon(20), ..draft(1, 0) }).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    pass(TimeDelta::minutes(21));
    erases(&platform, &ada).await;
    follows(&platform).await;
    assert_eq!(stage(&platform, run, registration).await, "confirmed");
    let later = Timing { starts_at: start(), ends_at: start() + TimeDelta::hours(8), ..timing() };
    accepted(platform.commands.booking.reschedule(&grace, run, &later).await);
    follows(&platform).await;
    assert_eq!(stage(&platform, run, registration).await, "withdrawn");
}

#[tokio::test]
async fn for_who_is_erased_each_run_is_looked_at_until_it_has_begun() {
    let platform = Platform::init().await;
    let (grace, later) = opened(&platform, &draft(1, 0)).await;
    let sooner = published(&platform, &grace, &RunDraft { timing: soon(20), ..draft(1, 0) }).await;
    accepted(platform.commands.booking.schedule(&grace, &draft(1, 0)).await);
    follows(&platform).await;
    let until = async |run: RunId| (run.to_string(), state(&platform, run).await.plan.starts_at + TimeDelta::hours(1));
    assert_eq!(looked_at(&platform).await, [until(sooner).await, until(later).await], "nobody comes to a draft");
    let timing = Timing { starts_at: start() + TimeDelta::days(1), ends_at: start() + TimeDelta::hours(32), ..timing() };
    accepted(platform.commands.booking.reschedule(&grace, later, &timing).await);
    pass(TimeDelta::hours(2));
    let left = [until(later).await];
    let running = Running::start(&platform, reactions::all(), now);
    eventually("the timer of the run that has begun is gone", async || looked_at(&platform).await == left).await;
    running.stop().await;
    follows(&platform).await;
    assert_eq!(looked_at(&platform).await, left, "nor is there a new one");
}

#[tokio::test]
async fn nobody_is_looked_for_among_all_of_a_run_that_is_put_off_before_it_has_begun() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    follows(&platform).await;
    erases(&platform, &ada).await;
    // That they are erased is passed over.
    let head = platform.journal.head().await.expect("readable");
    platform.journal.advance(Advance::to(RULE, head)).await.expect("moved");
    let later = Timing { starts_at: start() + TimeDelta::days(1), ends_at: start() + TimeDelta::hours(32), ..timing() };
    accepted(platform.commands.booking.reschedule(&grace, run, &later).await);
    settle(&platform).await;
    assert_eq!(stage(&platform, run, registration).await, "confirmed");
    rewind(&platform).await;
    settle(&platform).await;
    assert_eq!(stage(&platform, run, registration).await, "withdrawn", "it is given up where that is not passed over");
}

#[tokio::test]
async fn what_came_to_an_account_just_before_it_was_erased_as_unused_is_given_up() {
    let platform = Platform::init().await;
    let (_, run) = opened(&platform, &draft(1, 0)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    accepted(platform.commands.identity.erase(&Request::system("retention"), account(&ada), Some("nobody uses it")).await);
    follows(&platform).await;
    assert_eq!(stage(&platform, run, registration).await, "withdrawn");
}
