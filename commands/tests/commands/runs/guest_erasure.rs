//! Guests who are erased: because they ask for it by their link, or since their run is long over.

use std::sync::Arc;

use chrono::TimeDelta;
use commands::{
    Request,
    booking::{Guest, GuestWanted},
    dispatch::Operation,
};
use domain::{
    booking::{
        Answers, BookingRejection as Rejection, Timing,
        registrant::{Registrant, RegistrantCommand},
    },
    identity::{
        ErasureReason,
        legal_hold::{LegalHold, LegalHoldCommand},
        mail::Occasion,
    },
    kernel::{AccountId, RegistrationId, RunId},
};
use secrecy::SecretString;
use uuid::Uuid;

use super::{
    RunDraft, draft, eur, opened, organiser, published, stage, start, state,
    telling::{settled, told},
    timing, transferee, verified,
};
use crate::{
    mailbag::Mailbag,
    platform::{Platform, accepted, account, act, anonymous, now, pass, rejected},
    rules::settle,
    run_sessions::soon,
};

const KEPT_FOR: TimeDelta = TimeDelta::days(60);

/// Somebody who was invited by a name, and has registered.
struct Came {
    registration: RegistrationId,
    token: SecretString,
    /// Whose key what is known of them is sealed under.
    subject: Uuid,
}

async fn invited(platform: &Platform, bag: &Arc<Mailbag>, by: &Request, run: RunId, name: &str) -> Came {
    let (email, name) = (format!("{name}@example.org"), name.to_owned());
    let guest = Guest { run, email: email.clone(), name, ticket: None, priority: 0, until: None };
    let registration = accepted(platform.commands.booking.invite(by, &guest).await);
    settle(platform).await;
    let mail = bag.all().into_iter().rfind(|mail| mail.to == email && mail.occasion == Occasion::GuestInvited).expect("a mail");
    Came { registration, token: mail.token(), subject: subject_of(platform, registration).await }
}

async fn comes(platform: &Platform, bag: &Arc<Mailbag>, by: &Request, run: RunId, name: &str) -> Came {
    let came = invited(platform, bag, by, run, name).await;
    let (name, ticket, members) = (name.to_owned(), "seat".to_owned(), vec![]);
    let wanted = GuestWanted { name, ticket, attendees: vec![], members, answers: Answers::new(), code: None, wait: true };
    accepted(platform.commands.booking.guest_register(&anonymous(), &came.token, &wanted).await);
    came
}

/// Who has it last, as it is stored.
async fn subject_of(platform: &Platform, registration: RegistrationId) -> Uuid {
    let last = platform.events().await.into_iter().rfind(|event| event.stream.id == registration.0);
    let text = last.expect("somebody").payload.as_str().to_owned();
    let (_, rest) = text.split_once("\"subject\":\"").expect("a personal value");
    rest[..36].parse().expect("an id")
}

async fn has_key(platform: &Platform, subject: Uuid) -> bool {
    platform.vault.erased(&[subject]).await.expect("looked up").is_empty()
}

async fn erases(platform: &Platform, came: &Came) {
    accepted(platform.commands.booking.guest_erase(&anonymous(), &came.token).await);
}

#[tokio::test]
async fn a_guest_is_erased_by_their_link_and_what_they_had_goes_to_who_waits() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    let booking = &platform.commands.booking;
    let joan = comes(&platform, &bag, &grace, run, "joan").await;
    let carol = comes(&platform, &bag, &grace, run, "carol").await;
    settled(&platform, &bag).await;
    let before = platform.events().await.len();
    erases(&platform, &joan).await;
    let expected = ["RegistrationWithdrawn", "InvitationWithdrawn", "PlaceOffered", "LegalHoldClosed", "RegistrantForgotten"];
    assert_eq!(platform.names_after(before).await, expected);
    assert!(!has_key(&platform, joan.subject).await && has_key(&platform, carol.subject).await);
    let forgotten = platform.named("RegistrantForgotten").await.remove(0).metadata;
    assert_eq!((forgotten.actor.as_str(), forgotten.operation.as_deref()), ("anonymous", Some("guestErase")));
    assert!(booking.guest_appointment(&joan.token).await.expect("answered").is_none(), "the link is worth nothing");
    for again in [booking.guest_erase(&anonymous(), &joan.token).await, booking.guest_withdraw(&anonymous(), &joan.token).await] {
        assert_eq!(rejected(again), Rejection::GuestLinkInvalid);
    }
    assert_eq!(rejected(booking.reinstate(&grace, joan.registration).await), Rejection::Erased);
    assert_eq!(stage(&platform, run, joan.registration).await, "withdrawn");
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "joan"), [Occasion::GuestInvited, Occasion::RegistrationConfirmed], "nobody is written to who is erased");
    assert!(told(&bag, "carol").contains(&Occasion::PlaceOffered));
    assert!(!has_key(&platform, joan.subject).await, "nothing brings the key back");
    // They come again by another invitation, as somebody else to us.
    let again = comes(&platform, &bag, &grace, run, "joan").await;
    assert!(again.subject != joan.subject && again.registration != joan.registration);
}

#[tokio::test]
async fn who_was_only_invited_is_erased_and_not_told_that_they_are_not_invited_any_more() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    let joan = invited(&platform, &bag, &grace, run, "joan").await;
    erases(&platform, &joan).await;
    settled(&platform, &bag).await;
    assert!(!has_key(&platform, joan.subject).await);
    assert_eq!(told(&bag, "joan"), [Occasion::GuestInvited]);
    assert_eq!(state(&platform, run).await.unanswered(now()).count(), 0);
}

#[tokio::test]
async fn a_key_that_outlived_its_guest_is_destroyed_by_the_reaction_and_mails_on_their_way_are_dropped() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    let joan = comes(&platform, &bag, &grace, run, "joan").await;
    forgotten_in_the_journal_only(&platform, &joan).await;
    assert!(has_key(&platform, joan.subject).await);
    // That she is confirmed was yet to be told.
    settled(&platform, &bag).await;
    assert!(!has_key(&platform, joan.subject).await);
    assert_eq!(told(&bag, "joan"), [Occasion::GuestInvited]);
}

#[tokio::test]
async fn a_vault_that_does_not_know_of_it_forgets_a_guest_when_commands_start() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    let joan = comes(&platform, &bag, &grace, run, "joan").await;
    forgotten_in_the_journal_only(&platform, &joan).await;
    assert!(has_key(&platform, joan.subject).await);
    platform.commands_on(&platform.vault).await;
    assert!(!has_key(&platform, joan.subject).await);
}

/// As if the process had died before the key was destroyed.
async fn forgotten_in_the_journal_only(platform: &Platform, came: &Came) {
    let forget = || RegistrantCommand::Forget { subject: AccountId(came.subject) };
    let operation = Operation::new(act("guestErase"), serde_json::json!({}));
    let forgotten = platform.dispatcher().await.command::<Registrant>(&anonymous(), operation, came.registration.into(), forget).await;
    accepted(forgotten);
}

#[tokio::test]
async fn nobody_is_erased_while_money_is_owed_to_them_or_they_are_on_hold() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(1, 10_000)).await;
    let booking = &platform.commands.booking;
    let joan = comes(&platform, &bag, &grace, run, "joan").await;
    let payment = accepted(booking.record_payment(&grace, joan.registration, None, eur(10_000)).await);
    accepted(booking.cancel(&grace, run, "the venue burnt down").await);
    let asks = async || rejected(booking.guest_erase(&anonymous(), &joan.token).await);
    assert_eq!(asks().await, Rejection::MoneyOwed { owed: eur(10_000) });
    assert_eq!(booking.retain_guests(KEPT_FOR, joan.registration).await.expect("looked at"), 0);
    accepted(booking.refund(&grace, joan.registration, payment, None, eur(10_000)).await);
    let reason = ErasureReason::try_new("case 12/2026").expect("a reason");
    let place = || LegalHoldCommand::Place { by: None, reason: reason.clone() };
    let operation = || Operation::new(act("legalHoldPlace"), serde_json::json!({}));
    let dispatcher = platform.dispatcher().await;
    accepted(dispatcher.command::<LegalHold>(&anonymous(), operation(), joan.subject, place).await);
    assert_eq!(asks().await, Rejection::OnHold);
    assert_eq!(booking.retain_guests(KEPT_FOR, joan.registration).await.expect("looked at"), 0);
    assert!(has_key(&platform, joan.subject).await);
    let guest = AccountId(joan.subject);
    let release = || LegalHoldCommand::Release { account: guest, by: None, reason: reason.clone() };
    accepted(dispatcher.command::<LegalHold>(&anonymous(), operation(), joan.subject, release).await);
    erases(&platform, &joan).await;
    assert!(!has_key(&platform, joan.subject).await);
}

#[tokio::test]
async fn who_handed_over_is_erased_by_the_link_they_had_and_takes_nothing_from_who_comes() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    let booking = &platform.commands.booking;
    let joan = comes(&platform, &bag, &grace, run, "joan").await;
    settled(&platform, &bag).await;
    accepted(booking.guest_transfer(&anonymous(), &joan.token, &transferee("klara")).await);
    let klara = subject_of(&platform, joan.registration).await;
    // Klara is to be told though that comes after.
    erases(&platform, &joan).await;
    assert!(!has_key(&platform, joan.subject).await && has_key(&platform, klara).await);
    assert_eq!(stage(&platform, run, joan.registration).await, "confirmed");
    settled(&platform, &bag).await;
    let of_klara = bag.all().into_iter().find(|mail| mail.to == "klara@example.org").expect("a mail");
    assert_eq!(of_klara.occasion, Occasion::RegistrationTakenOver);
    assert_eq!(rejected(booking.guest_erase(&anonymous(), &joan.token).await), Rejection::GuestLinkInvalid);
    accepted(booking.guest_erase(&anonymous(), &of_klara.token()).await);
    assert_eq!(stage(&platform, run, joan.registration).await, "withdrawn");
}

#[tokio::test]
async fn guests_are_erased_so_long_after_their_run_and_accounts_are_not() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(3, 0)).await;
    let booking = &platform.commands.booking;
    let joan = comes(&platform, &bag, &grace, run, "joan").await;
    settled(&platform, &bag).await;
    accepted(booking.guest_transfer(&anonymous(), &joan.token, &transferee("klara")).await);
    let klara = subject_of(&platform, joan.registration).await;
    let ada = verified(&platform, "ada").await;
    let guest = Guest { run, email: "ada@example.org".to_owned(), name: "Ada".to_owned(), ticket: None, priority: 0, until: None };
    let of_ada = accepted(booking.invite(&grace, &guest).await);
    let retained = async |registration| booking.retain_guests(KEPT_FOR, registration).await.expect("looked at");
    settled(&platform, &bag).await;
    pass(start().and_utc() - now() + KEPT_FOR);
    assert_eq!((retained(joan.registration).await, retained(of_ada).await), (0, 0), "the run was not over so long ago");
    pass(TimeDelta::hours(9));
    assert_eq!((retained(joan.registration).await, retained(of_ada).await), (2, 0), "and who had it before");
    assert_eq!(retained(joan.registration).await, 0, "once is once");
    for guest in [joan.subject, klara] {
        assert!(!has_key(&platform, guest).await);
    }
    assert!(has_key(&platform, account(&ada).into()).await);
    let forgotten = platform.named("RegistrantForgotten").await;
    let by: Vec<_> = forgotten.iter().map(|event| event.metadata.actor.as_str()).collect();
    assert_eq!(by, ["system:retention"; 2]);
    assert_eq!(stage(&platform, run, joan.registration).await, "confirmed", "it stays as it was");
    let told_before = bag.all().len();
    settled(&platform, &bag).await;
    assert_eq!(bag.all().len(), told_before);
}

#[tokio::test]
async fn who_was_erased_when_a_run_seemed_to_be_over_has_no_place_once_it_is_put_off() {
    let (platform, bag) = Mailbag::platform().await;
    let grace = organiser(&platform).await;
    let run = published(&platform, &grace, &RunDraft { timing: soon(20), ..draft(1, 0) }).await;
    let joan = comes(&platform, &bag, &grace, run, "joan").await;
    pass(TimeDelta::hours(12));
    erases(&platform, &joan).await;
    assert_eq!(stage(&platform, run, joan.registration).await, "confirmed");
    let later = Timing { starts_at: start(), ends_at: start() + TimeDelta::hours(8), ..timing() };
    accepted(platform.commands.booking.reschedule(&grace, run, &later).await);
    settled(&platform, &bag).await;
    assert_eq!(stage(&platform, run, joan.registration).await, "withdrawn");
}
