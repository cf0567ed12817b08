//! People without an account, who come by the link that is mailed to them.

use std::sync::Arc;

use chrono::TimeDelta;
use commands::booking::{Guest, GuestWanted, Transferee, Wanted};
use domain::{
    booking::{Answers, Audience, BookingRejection as Rejection, Plan, Ticket, Visibility, run::Stage},
    identity::{Language, Role, mail::Occasion},
    kernel::{RegistrationId, RunId},
};
use secrecy::{ExposeSecret, SecretString};
use test_runs::ticket;

use super::{RunDraft, draft, opened, person, stage, state, transferee, verified};
use crate::{
    mailbag::Mailbag,
    platform::{Platform, accepted, anonymous, now, pass, rejected},
    rules::{rewind, settle},
};

const EMAIL: &str = "guest@example.org";

fn guest(run: RunId) -> Guest {
    Guest { run, email: EMAIL.to_owned(), name: "Joan".to_owned(), ticket: None, priority: 0, until: None }
}

fn wanted() -> GuestWanted {
    let (name, ticket) = ("Joan Clarke".to_owned(), "seat".to_owned());
    GuestWanted { name, ticket, attendees: vec![], members: vec![], answers: Answers::new(), code: None, wait: true }
}

fn in_french(capacity: u32, price: i64) -> RunDraft {
    let draft = draft(capacity, price);
    RunDraft { plan: Plan { language: "fr-CH".to_owned(), ..draft.plan }, ..draft }
}

/// Somebody is invited; the run, their registration, and the token that they were sent.
async fn invited(platform: &Platform, bag: &Arc<Mailbag>, draft: &RunDraft) -> (RunId, RegistrationId, SecretString) {
    let (grace, run) = opened(platform, draft).await;
    let registration = accepted(platform.commands.booking.invite(&grace, &guest(run)).await);
    let mail = bag.next(platform, Occasion::GuestInvited).await;
    assert_eq!(mail.to, EMAIL);
    (run, registration, mail.token())
}

#[tokio::test]
async fn a_guest_registers_sees_and_withdraws_by_their_link_and_is_told_in_the_language_of_the_run() {
    let (platform, bag) = Mailbag::platform().await;
    let (run, registration, token) = invited(&platform, &bag, &in_french(1, 0)).await;
    let booking = &platform.commands.booking;
    let (seen, appointment) = booking.guest_appointment(&token).await.expect("answered").expect("it is good");
    assert_eq!((seen, appointment.stage, appointment.link()), (registration, None, None));
    assert!(booking.guest_check_in_code(&token).await.expect("answered").is_none());
    assert_eq!(accepted(booking.guest_register(&anonymous(), &token, &wanted()).await), registration);
    assert_eq!(stage(&platform, run, registration).await, "confirmed");
    let confirmed = bag.next(&platform, Occasion::RegistrationConfirmed).await;
    assert_eq!((confirmed.to.as_str(), confirmed.language), (EMAIL, Language::Fr));
    assert_eq!(confirmed.token().expose_secret(), token.expose_secret(), "it is the same in each mail");
    assert!(booking.guest_check_in_code(&token).await.expect("answered").is_some());
    let (_, appointment) = booking.guest_appointment(&token).await.expect("answered").expect("it is good");
    assert!(appointment.link().is_some());
    let again = async || rejected(booking.guest_register(&anonymous(), &token, &wanted()).await);
    let chooses = async || {
        let sight = booking.guest_sight(&token).await.expect("answered").expect("it is good");
        (sight.is_open, sight.tickets.len())
    };
    assert_eq!(again().await, Rejection::AlreadyRegistered { registration });
    assert_eq!(chooses().await, (false, 1));
    accepted(booking.guest_withdraw(&anonymous(), &token).await);
    bag.next(&platform, Occasion::RegistrationWithdrawn).await;
    assert_eq!(stage(&platform, run, registration).await, "withdrawn");
    assert_eq!(again().await, Rejection::WrongStage { stage: "withdrawn".to_owned() });
    assert_eq!(chooses().await, (false, 0), "they come by another invitation");
    let stored = platform.events().await.iter().map(|event| event.payload.as_str().to_owned()).collect::<String>();
    assert!(!stored.contains(EMAIL) && !stored.contains("Joan") && !stored.contains(token.expose_secret()));
}

#[tokio::test]
async fn a_link_that_was_made_up_or_changed_is_worth_nothing() {
    let (platform, bag) = Mailbag::platform().await;
    let (_, _, token) = invited(&platform, &bag, &draft(1, 0)).await;
    let booking = &platform.commands.booking;
    let good = token.expose_secret();
    let changed = format!("{}{}", if good.starts_with('A') { 'B' } else { 'A' }, &good[1..]);
    for worthless in ["", "nonsense", &changed, &good[..good.len() - 2]] {
        let token = SecretString::from(worthless.to_owned());
        assert!(booking.guest_appointment(&token).await.expect("answered").is_none());
        assert_eq!(rejected(booking.guest_register(&anonymous(), &token, &wanted()).await), Rejection::GuestLinkInvalid);
        assert_eq!(rejected(booking.guest_withdraw(&anonymous(), &token).await), Rejection::GuestLinkInvalid);
        assert_eq!(rejected(booking.guest_answer_offer(&anonymous(), &token, true).await), Rejection::GuestLinkInvalid);
        assert_eq!(rejected(booking.guest_checkout(&anonymous(), &token).await), Rejection::GuestLinkInvalid);
        assert_eq!(rejected(booking.guest_transfer(&anonymous(), &token, &transferee("bob")).await), Rejection::GuestLinkInvalid);
    }
    let padded = SecretString::from(format!(" {good}\n"));
    assert!(booking.guest_appointment(&padded).await.expect("answered").is_some(), "mail programs add blanks");
}

#[tokio::test]
async fn a_guest_who_has_somebody_else_come_instead_has_no_say_any_more() {
    let (platform, bag) = Mailbag::platform().await;
    let (run, registration, token) = invited(&platform, &bag, &draft(1, 0)).await;
    let booking = &platform.commands.booking;
    accepted(booking.guest_register(&anonymous(), &token, &wanted()).await);
    let bob = verified(&platform, "bob").await;
    let manager = platform.administrator().await;
    accepted(booking.transfer(&manager, registration, &transferee("bob")).await);
    assert!(booking.guest_appointment(&token).await.expect("answered").is_none());
    assert_eq!(rejected(booking.guest_withdraw(&anonymous(), &token).await), Rejection::GuestLinkInvalid);
    accepted(booking.withdraw(&bob, registration).await);
    assert_eq!(stage(&platform, run, registration).await, "withdrawn");
}

#[tokio::test]
async fn a_guest_hands_over_by_their_link_which_is_worth_nothing_from_then_on() {
    let (platform, bag) = Mailbag::platform().await;
    let (run, registration, token) = invited(&platform, &bag, &draft(2, 0)).await;
    let booking = &platform.commands.booking;
    let to_carol = transferee("carol");
    let unasked = booking.guest_transfer(&anonymous(), &token, &to_carol).await;
    assert_eq!(rejected(unasked), Rejection::RegistrationNotFound, "there is nothing yet to hand over");
    accepted(booking.guest_register(&anonymous(), &token, &wanted()).await);
    let nowhere = Transferee { email: "carol".to_owned(), ..to_carol.clone() };
    assert!(matches!(rejected(booking.guest_transfer(&anonymous(), &token, &nowhere).await), Rejection::Flawed(_)));
    let nobody = Transferee { attendees: vec![String::new()], ..to_carol.clone() };
    assert!(matches!(rejected(booking.guest_transfer(&anonymous(), &token, &nobody).await), Rejection::SeatsInvalid { .. }));
    let ada = verified(&platform, "ada").await;
    let other = accepted(booking.request(&ada, &super::wanted(run)).await);
    let twice = booking.guest_transfer(&anonymous(), &token, &transferee("ada")).await;
    assert_eq!(rejected(twice), Rejection::AlreadyRegistered { registration: other });

    // Carol has no account: hers is a link of her own.
    accepted(booking.guest_transfer(&anonymous(), &token, &to_carol).await);
    assert!(booking.guest_appointment(&token).await.expect("answered").is_none());
    assert_eq!(rejected(booking.guest_transfer(&anonymous(), &token, &transferee("bob")).await), Rejection::GuestLinkInvalid);
    let handed = bag.next(&platform, Occasion::RegistrationTakenOver).await;
    assert_eq!(handed.to, "carol@example.org");
    let given = bag.latest(&platform, Occasion::RegistrationGivenAway).await.expect("a mail");
    assert_eq!((given.to.as_str(), given.link().is_none()), (EMAIL, true));
    let (seen, appointment) = booking.guest_appointment(&handed.token()).await.expect("answered").expect("it is good");
    assert_eq!((seen, appointment.stage.map(Stage::name)), (registration, Some("confirmed")));

    // Bob has one.
    let bob = verified(&platform, "bob").await;
    accepted(booking.guest_transfer(&anonymous(), &handed.token(), &transferee("bob")).await);
    assert!(booking.guest_appointment(&handed.token()).await.expect("answered").is_none());
    accepted(booking.withdraw(&bob, registration).await);
    assert_eq!(stage(&platform, run, registration).await, "withdrawn");
    let stored = platform.events().await.iter().map(|event| event.payload.as_str().to_owned()).collect::<String>();
    assert!(!stored.contains("carol") && !stored.contains(token.expose_secret()));
}

#[tokio::test]
async fn who_has_an_account_is_invited_to_register_with_it() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    verified(&platform, "ada").await;
    accepted(platform.commands.booking.invite(&grace, &Guest { email: "ada@example.org".to_owned(), ..guest(run) }).await);
    let mail = bag.next(&platform, Occasion::GuestInvited).await;
    assert_eq!((mail.to.as_str(), mail.link().is_some()), ("ada@example.org", false));
    rewind(&platform).await;
    settle(&platform).await;
    assert_eq!(bag.all().iter().filter(|mail| mail.occasion == Occasion::GuestInvited).count(), 1);
}

#[tokio::test]
async fn who_has_an_account_at_an_address_that_nobody_has_verified_is_not_who_is_invited_there_and_keeps_them_out_of_nothing() {
    let (platform, bag) = Mailbag::platform().await;
    let draft = draft(2, 0);
    let tickets = vec![ticket("seat", 0), Ticket { audience: Audience::Invited, ..ticket("guest", 0) }];
    let (grace, run) = opened(&platform, &RunDraft { plan: Plan { tickets, ..draft.plan }, ..draft }).await;
    let mallory = platform.signed_in(EMAIL, &[Role::Learner]).await;
    let booking = &platform.commands.booking;
    let registration = accepted(booking.invite(&grace, &Guest { priority: 5, ..guest(run) }).await);
    let link = bag.next(&platform, Occasion::GuestInvited).await.token();
    let asked = |ticket: &str| Wanted { ticket: ticket.to_owned(), ..super::wanted(run) };
    assert_eq!(rejected(booking.request(&mallory, &asked("guest")).await), Rejection::InvitationNeeded);
    let hers = accepted(booking.request(&mallory, &asked("seat")).await);
    let theirs = GuestWanted { ticket: "guest".to_owned(), ..wanted() };
    assert_eq!(accepted(booking.guest_register(&anonymous(), &link, &theirs).await), registration);
    let state = state(&platform, run).await;
    let priority = |registration| state.registration(registration).map(|entry| entry.priority);
    assert_eq!((priority(hers), priority(registration)), (Some(0), Some(5)));
}

#[tokio::test]
async fn who_is_invited_with_an_account_comes_once_they_have_verified_its_address() {
    let (platform, _) = Mailbag::platform().await;
    let draft = draft(2, 0);
    let (grace, run) = opened(&platform, &RunDraft { plan: Plan { visibility: Visibility::Code, ..draft.plan }, ..draft }).await;
    let joan = platform.signed_in(EMAIL, &[Role::Learner]).await;
    let booking = &platform.commands.booking;
    accepted(booking.invite(&grace, &Guest { priority: 5, ..guest(run) }).await);
    assert_eq!(rejected(booking.request(&joan, &super::wanted(run)).await), Rejection::CodeNeeded);
    platform.vouch(&joan).await;
    let registration = accepted(booking.request(&joan, &super::wanted(run)).await);
    assert_eq!(state(&platform, run).await.registration(registration).map(|entry| entry.priority), Some(5));
}

#[tokio::test]
async fn who_is_invited_at_their_verified_address_sees_a_run_by_code_as_long_as_the_invitation_is_good() {
    let (platform, bag) = Mailbag::platform().await;
    let draft = draft(1, 0);
    let plan = Plan { visibility: Visibility::Code, ..draft.plan };
    let (grace, run) = opened(&platform, &RunDraft { plan, ..draft }).await;
    let ada = person(&platform, "ada").await;
    let booking = &platform.commands.booking;
    let until = Some(now() + TimeDelta::hours(1));
    accepted(booking.invite(&grace, &Guest { email: "ada@example.org".to_owned(), until, ..guest(run) }).await);
    let sees = async || booking.run_appointment(&ada, run, None).await.expect("answered").is_some();
    assert!(!sees().await, "anybody could name her address");
    bag.next(&platform, Occasion::VerifyEmail).await;
    let to_ada = bag.all().into_iter().rfind(|mail| mail.occasion == Occasion::VerifyEmail && mail.to == "ada@example.org");
    accepted(platform.commands.identity.verify_email(&anonymous(), &to_ada.expect("a mail").token()).await);
    assert!(sees().await);
    pass(TimeDelta::hours(1));
    assert!(!sees().await);
}

#[tokio::test]
async fn a_run_by_code_is_seen_by_a_link_only_as_long_as_the_invitation_stands_or_once_it_was_used() {
    let (platform, bag) = Mailbag::platform().await;
    let draft = draft(1, 0);
    let plan = Plan { visibility: Visibility::Code, ..draft.plan };
    let (grace, run) = opened(&platform, &RunDraft { plan, ..draft }).await;
    let booking = &platform.commands.booking;
    let sees = async |token: &SecretString| {
        let sight = booking.guest_sight(token).await.expect("answered").is_some();
        assert_eq!(booking.guest_appointment(token).await.expect("answered").is_some(), sight);
        sight
    };
    accepted(booking.invite(&grace, &guest(run)).await);
    let first = bag.next(&platform, Occasion::GuestInvited).await.token();
    assert!(sees(&first).await);
    accepted(booking.withdraw_invitation(&grace, run, EMAIL).await);
    assert!(!sees(&first).await, "it was taken back");
    accepted(booking.invite(&grace, &Guest { until: Some(now() + TimeDelta::hours(1)), ..guest(run) }).await);
    let second = bag.next(&platform, Occasion::GuestInvited).await.token();
    assert!(!sees(&first).await && sees(&second).await, "by the later one alone");
    accepted(booking.guest_register(&anonymous(), &second, &wanted()).await);
    pass(TimeDelta::hours(1));
    assert!(sees(&second).await, "they have registered");
}
