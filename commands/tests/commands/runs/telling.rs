//! What people are told of their registrations: once each, whatever happens in between.

use std::sync::Arc;

use chrono::TimeDelta;
use commands::booking::Certainty;
use domain::{
    booking::{Admission, Format, Plan, Timing, Venue},
    identity::{Language, mail::Occasion},
    kernel::PaymentId,
};
use uuid::Uuid;

use super::{RunDraft, comes, draft, eur, opened, start, timing};
use crate::{
    mailbag::Mailbag,
    platform::{Platform, accepted, now, pass},
    rules::{rewind, settle},
};

/// What somebody was told, in order.
pub(super) fn told(bag: &Mailbag, name: &str) -> Vec<Occasion> {
    let to = format!("{name}@example.org");
    let of_booking = |occasion: &Occasion| occasion.is_of_booking();
    bag.all().into_iter().filter(|mail| mail.to == to).map(|mail| mail.occasion).filter(of_booking).collect()
}

/// All that follows, and all of it once more.
pub(super) async fn settled(platform: &Platform, bag: &Mailbag) {
    settle(platform).await;
    let before = bag.all().len();
    rewind(platform).await;
    settle(platform).await;
    assert_eq!(bag.all().len(), before, "reactions that come by again tell nothing twice");
}

fn approved(capacity: u32, price: i64) -> RunDraft {
    let draft = draft(capacity, price);
    RunDraft { plan: Plan { admission: Admission::Approval { holds_place: true }, ..draft.plan }, ..draft }
}

#[tokio::test]
async fn who_is_approved_and_pays_is_told_at_each_step() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &approved(1, 10_000)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    // Each as soon as it happens: what is of no use any more is not sent.
    settled(&platform, &bag).await;
    accepted(booking.approve(&grace, registration).await);
    settled(&platform, &bag).await;
    let payment = accepted(booking.record_payment(&grace, registration, None, eur(10_000)).await);
    settled(&platform, &bag).await;
    accepted(booking.withdraw(&ada, registration).await);
    settled(&platform, &bag).await;
    accepted(booking.refund(&grace, registration, payment, None, eur(2_500)).await);
    settled(&platform, &bag).await;
    let expected = [
        Occasion::RegistrationRequested,
        Occasion::RegistrationApproved,
        Occasion::PaymentAwaited,
        Occasion::PaymentReceived,
        Occasion::RegistrationConfirmed,
        Occasion::RegistrationWithdrawn,
        Occasion::Refunded,
    ];
    let mut found = told(&bag, "ada");
    // Two that follow from one decision may be sent in either order.
    found[1..3].sort_by_key(|occasion| *occasion == Occasion::PaymentAwaited);
    found[3..5].sort_by_key(|occasion| *occasion == Occasion::RegistrationConfirmed);
    assert_eq!(found, expected);
    assert!(bag.all().iter().all(|mail| mail.language == Language::En));
}

#[tokio::test]
async fn who_waits_is_offered_a_place_and_told_that_it_has_lapsed() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    let (_, registration) = comes(&platform, run, "ada").await;
    comes(&platform, run, "bob").await;
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "bob"), [Occasion::RegistrationWaitlisted]);
    accepted(platform.commands.booking.cancel_registration(&grace, registration, "the room is smaller").await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "ada"), [Occasion::RegistrationConfirmed, Occasion::RegistrationCancelled]);
    assert_eq!(told(&bag, "bob"), [Occasion::RegistrationWaitlisted, Occasion::PlaceOffered]);
    pass(TimeDelta::hours(49));
    accepted(platform.commands.booking.settle(&commands::Request::system("test"), run).await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "bob"), [Occasion::RegistrationWaitlisted, Occasion::PlaceOffered, Occasion::OfferLapsed]);
}

#[tokio::test]
async fn an_offer_that_has_lapsed_before_its_mail_could_go_is_not_mailed() {
    let (platform, bag) = Mailbag::platform().await;
    let (_, run) = opened(&platform, &draft(1, 0)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    comes(&platform, run, "bob").await;
    settle(&platform).await;
    accepted(platform.commands.booking.withdraw(&ada, registration).await);
    pass(TimeDelta::hours(49));
    accepted(platform.commands.booking.settle(&commands::Request::system("test"), run).await);
    settle(&platform).await;
    assert_eq!(told(&bag, "bob"), [Occasion::RegistrationWaitlisted, Occasion::OfferLapsed]);
    assert_eq!(platform.named("MailDropped").await.len(), 1);
}

#[tokio::test]
async fn who_is_turned_down_or_does_not_pay_in_time_is_told() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &approved(2, 10_000)).await;
    let (_, first) = comes(&platform, run, "ada").await;
    let (_, second) = comes(&platform, run, "bob").await;
    let booking = &platform.commands.booking;
    settled(&platform, &bag).await;
    accepted(booking.reject(&grace, first, "not this time").await);
    accepted(booking.approve(&grace, second).await);
    settled(&platform, &bag).await;
    pass(TimeDelta::minutes(61));
    accepted(booking.settle(&commands::Request::system("test"), run).await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "ada"), [Occasion::RegistrationRequested, Occasion::RegistrationRejected]);
    assert_eq!(told(&bag, "bob").last(), Some(&Occasion::RegistrationExpired));
}

#[tokio::test]
async fn calendars_follow_who_was_confirmed_and_is_rejected_after_all() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &approved(1, 0)).await;
    let (_, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    settle(&platform).await;
    accepted(booking.approve(&grace, registration).await);
    let confirmed = bag.next(&platform, Occasion::RegistrationConfirmed).await;
    accepted(booking.withdraw_approval(&grace, registration).await);
    let waits = bag.next(&platform, Occasion::RegistrationRequested).await;
    accepted(booking.reject(&grace, registration, "not this time").await);
    let rejected = bag.next(&platform, Occasion::RegistrationRejected).await;
    let certainty = [&confirmed, &waits, &rejected].map(|mail| mail.certainty.expect("an entry"));
    assert_eq!(certainty, [Certainty::Confirmed, Certainty::Tentative, Certainty::Cancelled]);
    assert!(confirmed.sequence < waits.sequence && waits.sequence < rejected.sequence, "programs show the newest");
}

#[tokio::test]
async fn who_was_told_that_they_have_paid_is_told_that_they_have_not() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(1, 10_000)).await;
    let (_, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let payment = accepted(booking.record_payment(&grace, registration, None, eur(10_000)).await);
    settled(&platform, &bag).await;
    accepted(booking.undo_payment(&grace, registration, payment, "another's transfer").await);
    settled(&platform, &bag).await;
    let all = told(&bag, "ada");
    assert!(all.contains(&Occasion::PaymentUndone) && all.contains(&Occasion::PaymentAwaited), "{all:?}");
    let undone = bag.all().into_iter().find(|mail| mail.occasion == Occasion::PaymentUndone).expect("a mail");
    assert_eq!(undone.certainty, Some(Certainty::Tentative), "calendars follow");
}

#[tokio::test]
async fn who_was_told_that_money_went_back_is_told_that_it_has_not() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(1, 10_000)).await;
    let (_, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let payment = accepted(booking.record_payment(&grace, registration, None, eur(10_000)).await);
    let refund = accepted(booking.refund(&grace, registration, payment, None, eur(2_500)).await);
    settled(&platform, &bag).await;
    accepted(booking.undo_refund(&grace, registration, refund, "another's refund").await);
    settled(&platform, &bag).await;
    let all = told(&bag, "ada");
    assert_eq!(all.iter().filter(|occasion| matches!(occasion, Occasion::Refunded | Occasion::RefundUndone)).count(), 2, "{all:?}");
    assert_eq!(all.last(), Some(&Occasion::RefundUndone));
}

#[tokio::test]
async fn all_are_told_that_a_run_is_moved_and_called_off() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    comes(&platform, run, "ada").await;
    comes(&platform, run, "bob").await;
    let booking = &platform.commands.booking;
    settled(&platform, &bag).await;
    let later = Timing { starts_at: start() + TimeDelta::days(1), ends_at: start() + TimeDelta::days(2), ..timing() };
    accepted(booking.reschedule(&grace, run, &later).await);
    settled(&platform, &bag).await;
    let (_, third) = comes(&platform, run, "eve").await;
    accepted(booking.cancel(&grace, run, "the venue burnt down").await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "ada"), [Occasion::RegistrationConfirmed, Occasion::RunMoved, Occasion::RunCancelled]);
    assert_eq!(told(&bag, "bob"), [Occasion::RegistrationWaitlisted, Occasion::RunMoved, Occasion::RunCancelled]);
    assert!(!told(&bag, "eve").contains(&Occasion::RunMoved), "she came later, and knew: {third}");
    assert_eq!(told(&bag, "eve").last(), Some(&Occasion::RunCancelled));
}

#[tokio::test]
async fn where_registration_alone_closes_at_another_time_nobody_is_told_of_another() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    comes(&platform, run, "ada").await;
    settled(&platform, &bag).await;
    let closes_at = Some(start() - TimeDelta::days(1));
    accepted(platform.commands.booking.reschedule(&grace, run, &Timing { closes_at, ..timing() }).await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "ada"), [Occasion::RegistrationConfirmed]);
    assert_eq!(platform.named("RunRevised").await.len(), 1);
}

#[tokio::test]
async fn who_waits_is_told_that_they_are_not_approved_any_more() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &approved(1, 0)).await;
    let (_, first) = comes(&platform, run, "ada").await;
    let (_, second) = comes(&platform, run, "bob").await;
    let booking = &platform.commands.booking;
    settled(&platform, &bag).await;
    for registration in [first, second] {
        accepted(booking.approve(&grace, registration).await);
        settled(&platform, &bag).await;
        accepted(booking.withdraw_approval(&grace, registration).await);
        settled(&platform, &bag).await;
    }
    assert_eq!(told(&bag, "bob"), [Occasion::RegistrationWaitlisted, Occasion::RegistrationApproved, Occasion::ApprovalWithdrawn]);
    assert_eq!(told(&bag, "ada").last(), Some(&Occasion::RegistrationRequested), "she has a place, and waits for the organiser");
    assert!(!told(&bag, "ada").contains(&Occasion::ApprovalWithdrawn));
}

#[tokio::test]
async fn that_a_run_takes_place_elsewhere_is_told_to_who_knew_another_place() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    comes(&platform, run, "ada").await;
    comes(&platform, run, "bob").await;
    let revised = async |format: Format| {
        let draft = draft(1, 0);
        let elsewhere = RunDraft { plan: Plan { format, ..draft.plan }, ..draft };
        accepted(platform.commands.booking.revise(&grace, run, &elsewhere).await);
        settled(&platform, &bag).await;
    };
    let relocated = |name: &str| told(&bag, name).into_iter().filter(|occasion| *occasion == Occasion::RunRelocated).count();
    settled(&platform, &bag).await;
    let link = "https://meet.example.org/2".to_owned();
    revised(Format::Online { link: link.clone() }).await;
    assert_eq!((relocated("ada"), relocated("bob")), (1, 0), "who waits was told no link");
    let venue = Venue { name: "Technopark".to_owned(), city: "Zürich".to_owned(), coordinates: None };
    revised(Format::Hybrid { venue: venue.clone(), link: link.clone() }).await;
    comes(&platform, run, "eve").await;
    settled(&platform, &bag).await;
    assert_eq!((relocated("ada"), relocated("bob"), relocated("eve")), (2, 1, 0), "who came later knew");
    let draft = draft(1, 0);
    let renamed = RunDraft { plan: Plan { title: "Pods".to_owned(), format: Format::Hybrid { venue, link }, ..draft.plan }, ..draft };
    accepted(platform.commands.booking.revise(&grace, run, &renamed).await);
    settled(&platform, &bag).await;
    assert_eq!((relocated("ada"), relocated("bob"), relocated("eve")), (2, 1, 0), "that it is called something else is not told");
}

#[tokio::test]
async fn who_is_confirmed_is_reminded_once_before_each_time_that_the_run_has() {
    let (mut platform, bag) = Mailbag::platform().await;
    let commands = platform.commands_on(&platform.vault).await.with_postman(bag.clone());
    platform.commands = Arc::new(commands.with_reminders(Some(TimeDelta::hours(24))));
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    comes(&platform, run, "ada").await;
    comes(&platform, run, "bob").await;
    settled(&platform, &bag).await;
    assert!(!told(&bag, "ada").contains(&Occasion::RunReminder));
    pass(start().and_utc() - now() - TimeDelta::hours(23));
    bag.next(&platform, Occasion::RunReminder).await;
    settled(&platform, &bag).await;
    let reminders = |name: &str| told(&bag, name).into_iter().filter(|occasion| *occasion == Occasion::RunReminder).count();
    assert_eq!((reminders("ada"), reminders("bob")), (1, 0), "who waits is not reminded");
    let begins = start() + TimeDelta::days(10);
    let later = Timing { starts_at: begins, ends_at: begins + TimeDelta::hours(8), ..timing() };
    accepted(platform.commands.booking.reschedule(&grace, run, &later).await);
    settled(&platform, &bag).await;
    assert_eq!(reminders("ada"), 1);
    pass(begins.and_utc() - now() - TimeDelta::hours(23));
    bag.next(&platform, Occasion::RunReminder).await;
    settled(&platform, &bag).await;
    assert_eq!(reminders("ada"), 2);
}

#[tokio::test]
async fn what_is_told_names_nobody_and_no_address() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(1, 10_000)).await;
    let (_, registration) = comes(&platform, run, "ada").await;
    let paid = Some(PaymentId(Uuid::now_v7()));
    accepted(platform.commands.booking.record_payment(&grace, registration, paid, eur(10_000)).await);
    settled(&platform, &bag).await;
    let queued = platform.named("MailQueued").await;
    assert!(!queued.is_empty());
    for event in queued {
        let payload = event.payload.as_str();
        assert!(!payload.contains("Lovelace") && !payload.contains('@'), "{payload}");
    }
}
