//! Who gives a registration away and who has it instead are told, each once; and so is what comes of money.

use commands::booking::{Certainty, Guest, GuestWanted};
use domain::{
    booking::{
        Admission, Answers, Plan,
        run::{PaymentReport, PaymentStatus, Teller},
    },
    identity::mail::Occasion,
    kernel::{PaymentId, RegistrationId},
};
use uuid::Uuid;

use super::{
    Rejection, RunDraft, comes, draft, eur, opened, person,
    telling::{settled, told},
    transferee, verified,
};
use crate::{
    mailbag::{Mailbag, Taken},
    platform::{Platform, accepted, anonymous, rejected},
    rules::settle,
};

/// The last that somebody was told.
fn last(bag: &Mailbag, name: &str) -> Taken {
    let to = format!("{name}@example.org");
    bag.all().into_iter().rfind(|mail| mail.to == to && mail.occasion.is_of_booking()).expect("a mail")
}

#[tokio::test]
async fn who_gives_a_place_away_has_it_taken_out_of_their_calendar_and_who_has_it_has_it_put_in() {
    let (platform, bag) = Mailbag::platform().await;
    let (_, run) = opened(&platform, &draft(1, 0)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    verified(&platform, "bob").await;
    settled(&platform, &bag).await;
    accepted(platform.commands.booking.transfer(&ada, registration, &transferee("bob")).await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "ada"), [Occasion::RegistrationConfirmed, Occasion::RegistrationGivenAway]);
    assert_eq!(told(&bag, "bob"), [Occasion::RegistrationTakenOver]);
    assert_eq!(last(&bag, "ada").certainty, Some(Certainty::Cancelled));
    assert_eq!(last(&bag, "bob").certainty, Some(Certainty::Confirmed));
}

#[tokio::test]
async fn who_had_it_for_a_moment_is_told_that_it_is_gone_and_not_that_it_was_theirs() {
    let (platform, bag) = Mailbag::platform().await;
    let (_, run) = opened(&platform, &draft(1, 0)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let bob = verified(&platform, "bob").await;
    settled(&platform, &bag).await;
    let booking = &platform.commands.booking;
    accepted(booking.transfer(&ada, registration, &transferee("bob")).await);
    // Carol has no account.
    accepted(booking.transfer(&bob, registration, &transferee("carol")).await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "ada").last(), Some(&Occasion::RegistrationGivenAway));
    assert_eq!(told(&bag, "bob"), [Occasion::RegistrationGivenAway]);
    assert_eq!(told(&bag, "carol"), [Occasion::RegistrationTakenOver]);
    let link = last(&bag, "carol").token();
    assert!(booking.guest_appointment(&link).await.expect("answered").is_some(), "it is hers by the link in it");
}

#[tokio::test]
async fn what_is_handed_over_to_an_address_that_nobody_has_verified_is_of_who_reads_its_mail() {
    let (platform, bag) = Mailbag::platform().await;
    let (_, run) = opened(&platform, &draft(1, 0)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let mallory = person(&platform, "bob").await;
    let booking = &platform.commands.booking;
    settled(&platform, &bag).await;
    accepted(booking.transfer(&ada, registration, &transferee("bob")).await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "bob"), [Occasion::RegistrationTakenOver]);
    assert_eq!(rejected(booking.withdraw(&mallory, registration).await), Rejection::RegistrationNotFound, "anybody could name it");
    let link = last(&bag, "bob").token();
    assert!(booking.guest_appointment(&link).await.expect("answered").is_some());
}

#[tokio::test]
async fn who_gets_it_back_is_not_told_that_it_is_gone() {
    let (platform, bag) = Mailbag::platform().await;
    let (_, run) = opened(&platform, &draft(1, 0)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    platform.vouch(&ada).await;
    let bob = verified(&platform, "bob").await;
    settled(&platform, &bag).await;
    let booking = &platform.commands.booking;
    accepted(booking.transfer(&ada, registration, &transferee("bob")).await);
    accepted(booking.transfer(&bob, registration, &transferee("ada")).await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "ada"), [Occasion::RegistrationConfirmed, Occasion::RegistrationTakenOver]);
    assert_eq!(told(&bag, "bob"), [Occasion::RegistrationGivenAway]);
}

#[tokio::test]
async fn a_guest_who_gives_it_away_is_told_so_without_a_link() {
    let (platform, bag) = Mailbag::platform().await;
    let (_, run) = opened(&platform, &draft(1, 0)).await;
    let booking = &platform.commands.booking;
    let manager = platform.administrator().await;
    let guest = Guest { run, email: "joan@example.org".to_owned(), name: "Joan".to_owned(), ticket: None, priority: 0, until: None };
    let registration = accepted(booking.invite(&manager, &guest).await);
    let link = bag.next(&platform, Occasion::GuestInvited).await.token();
    let (name, ticket) = ("Joan".to_owned(), "seat".to_owned());
    let wanted = GuestWanted { name, ticket, attendees: vec![], members: vec![], answers: Answers::new(), code: None, wait: false };
    accepted(booking.guest_register(&anonymous(), &link, &wanted).await);
    settled(&platform, &bag).await;
    verified(&platform, "bob").await;
    accepted(booking.transfer(&manager, registration, &transferee("bob")).await);
    settled(&platform, &bag).await;
    let mail = last(&bag, "joan");
    assert_eq!((mail.occasion, mail.certainty), (Occasion::RegistrationGivenAway, Some(Certainty::Cancelled)));
    assert!(mail.link().is_none(), "the one that she had is worth nothing any more");
}

#[tokio::test]
async fn who_takes_over_what_waits_for_approval_is_told_that_it_does() {
    let (platform, bag) = Mailbag::platform().await;
    let plain = draft(1, 0);
    let approved = RunDraft { plan: Plan { admission: Admission::Approval { holds_place: true }, ..plain.plan }, ..plain };
    let (_, run) = opened(&platform, &approved).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    settled(&platform, &bag).await;
    accepted(platform.commands.booking.transfer(&ada, registration, &transferee("carol")).await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "ada"), [Occasion::RegistrationRequested, Occasion::RegistrationGivenAway]);
    assert_eq!(told(&bag, "carol"), [Occasion::RegistrationTakenOver]);
    assert_eq!(last(&bag, "carol").certainty, Some(Certainty::Tentative));
}

/// What a provider says of a payment.
async fn says(platform: &Platform, registration: RegistrationId, payment: PaymentId, status: PaymentStatus) {
    let report = PaymentReport { by: Teller::Provider, registration, payment, status, amount: eur(10_000) };
    accepted(platform.commands.booking.report_payment(&commands::Request::system("till"), report).await);
}

#[tokio::test]
async fn a_payment_that_fails_is_told_unless_it_was_made_another_way_and_money_that_comes_late_is_told_too() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(2, 10_000)).await;
    let (_, first) = comes(&platform, run, "ada").await;
    let (bob, second) = comes(&platform, run, "bob").await;
    settled(&platform, &bag).await;
    let id = || PaymentId(Uuid::now_v7());
    says(&platform, first, id(), PaymentStatus::Failed).await;
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "ada"), [Occasion::PaymentAwaited, Occasion::PaymentFailed]);
    says(&platform, second, id(), PaymentStatus::Failed).await;
    accepted(platform.commands.booking.record_payment(&grace, second, None, eur(10_000)).await);
    settled(&platform, &bag).await;
    assert!(!told(&bag, "bob").contains(&Occasion::PaymentFailed), "it has been paid meanwhile");
    accepted(platform.commands.booking.withdraw(&bob, second).await);
    settle(&platform).await;
    says(&platform, second, id(), PaymentStatus::Succeeded).await;
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "bob").last(), Some(&Occasion::PaymentReceived));
    says(&platform, first, id(), PaymentStatus::Pending).await;
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "ada").len(), 2, "that one is under way is no news");
}
