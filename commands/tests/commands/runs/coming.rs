//! Who gets in, who comes instead, and who came.

use chrono::TimeDelta;
use commands::{
    Fault,
    booking::{Guest, Transferee, Wanted},
};
use domain::booking::{Admission, Answers, Audience, BookingRejection as Rejection, Plan, Ticket, registrant::Registrant};

use super::{RunDraft, comes, draft, eur, on_the_eve, opened, person, stage, state, verified, wanted};
use crate::platform::{Platform, accepted, account, fault, keyed, pass, rejected};

fn with_approval() -> RunDraft {
    let plain = draft(2, 10_000);
    RunDraft { plan: Plan { admission: Admission::Approval { holds_place: true }, ..plain.plan }, ..plain }
}

#[tokio::test]
async fn a_retry_registers_nobody_twice() {
    let platform = Platform::init().await;
    let (_, run) = opened(&platform, &draft(1, 0)).await;
    let booking = &platform.commands.booking;
    let ada = keyed(&person(&platform, "ada").await, "k");
    let first = booking.request(&ada, &wanted(run)).await.expect("decided");
    let before = platform.events().await.len();
    assert_eq!(booking.request(&ada, &wanted(run)).await.expect("decided"), first);
    assert_eq!(platform.events().await.len(), before);
    let other = Wanted { wait: false, ..wanted(run) };
    assert!(matches!(fault(booking.request(&ada, &other).await), Fault::KeyReused));
    let bob = keyed(&person(&platform, "bob").await, "k");
    assert_eq!(rejected(booking.request(&bob, &other).await), Rejection::Full);
    accepted(booking.join_waitlist(&bob, &other).await);
}

#[tokio::test]
async fn who_is_approved_pays_and_each_step_can_be_taken_back() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &with_approval()).await;
    let booking = &platform.commands.booking;
    let (ada, registration) = comes(&platform, run, "ada").await;
    assert_eq!(stage(&platform, run, registration).await, "pending approval");
    assert!(matches!(fault(booking.approve(&ada, registration).await), Fault::Forbidden));
    accepted(booking.approve(&grace, registration).await);
    assert_eq!(stage(&platform, run, registration).await, "awaiting payment");
    accepted(booking.withdraw_approval(&grace, registration).await);
    assert_eq!(stage(&platform, run, registration).await, "pending approval");
    accepted(booking.reject(&grace, registration, "Not this time").await);
    assert_eq!(stage(&platform, run, registration).await, "rejected");
    accepted(booking.reinstate(&grace, registration).await);
    assert_eq!(stage(&platform, run, registration).await, "pending approval");
    accepted(booking.approve(&grace, registration).await);
    let payment = accepted(booking.open_payment(&ada, registration).await);
    accepted(booking.record_payment(&grace, registration, Some(payment), eur(10_000)).await);
    assert_eq!(stage(&platform, run, registration).await, "confirmed");
}

#[tokio::test]
async fn who_would_have_to_pay_is_not_approved_once_the_run_has_begun_unless_they_have_paid() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &with_approval()).await;
    let booking = &platform.commands.booking;
    let (_, registration) = comes(&platform, run, "ada").await;
    pass(TimeDelta::days(31));
    assert_eq!(rejected(booking.approve(&grace, registration).await), Rejection::NotOpen);
    assert_eq!(stage(&platform, run, registration).await, "pending approval");
    accepted(booking.record_payment(&grace, registration, None, eur(10_000)).await);
    accepted(booking.approve(&grace, registration).await);
    assert_eq!(stage(&platform, run, registration).await, "confirmed");
}

#[tokio::test]
async fn who_came_is_checked_in_once_and_that_can_be_taken_back() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(2, 0)).await;
    let booking = &platform.commands.booking;
    let (_, registration) = comes(&platform, run, "ada").await;
    assert!(matches!(rejected(booking.check_in(&grace, registration, None).await), Rejection::CheckInTooEarly { .. }));
    on_the_eve();
    accepted(booking.check_in(&grace, registration, None).await);
    assert_eq!(rejected(booking.check_in(&grace, registration, None).await), Rejection::WrongStage { stage: "attended".to_owned() });
    assert_eq!(platform.named("CheckedIn").await.len(), 1);
    accepted(booking.undo_check_in(&grace, registration).await);
    assert_eq!(stage(&platform, run, registration).await, "confirmed");
    assert!(matches!(rejected(booking.record_no_show(&grace, registration, false).await), Rejection::WrongStage { .. }), "too early");
    pass(TimeDelta::days(31));
    assert_eq!(rejected(booking.request(&person(&platform, "bob").await, &wanted(run)).await), Rejection::NotOpen);
    accepted(booking.complete(&grace, run).await);
    assert_eq!(stage(&platform, run, registration).await, "no show");
    accepted(booking.record_no_show(&grace, registration, true).await);
    assert_eq!(stage(&platform, run, registration).await, "attended");
}

#[tokio::test]
async fn who_is_invited_gets_a_ticket_that_is_for_nobody_else() {
    let platform = Platform::init().await;
    let plain = draft(2, 0);
    let ticket = Ticket { audience: Audience::Invited, ..plain.plan.tickets[0].clone() };
    let (grace, run) = opened(&platform, &RunDraft { plan: Plan { tickets: vec![ticket], ..plain.plan }, ..plain }).await;
    let booking = &platform.commands.booking;
    let (ada, bob) = (verified(&platform, "ada").await, verified(&platform, "bob").await);
    let guest = |email: &str| Guest { run, email: email.into(), name: "Ada".into(), ticket: None, priority: 3, until: None };
    assert!(matches!(fault(booking.invite(&ada, &guest("ada@example.org")).await), Fault::Forbidden));
    assert!(matches!(rejected(booking.invite(&grace, &guest("ada")).await), Rejection::Flawed(_)));
    accepted(booking.invite(&grace, &guest("Ada@Example.org")).await);
    assert_eq!(rejected(booking.request(&bob, &wanted(run)).await), Rejection::InvitationNeeded);
    let registration = accepted(booking.request(&ada, &wanted(run)).await);
    let state = state(&platform, run).await;
    let entry = state.registration(registration).expect("it is there");
    assert_eq!((entry.stage.name(), entry.priority, entry.person.account), ("confirmed", 3, Some(account(&ada))));
}

#[tokio::test]
async fn somebody_else_comes_instead() {
    let platform = Platform::init().await;
    let (_, run) = opened(&platform, &draft(2, 0)).await;
    let booking = &platform.commands.booking;
    let (ada, bob) = (verified(&platform, "ada").await, verified(&platform, "bob").await);
    let registration = accepted(booking.request(&ada, &wanted(run)).await);
    let to = |email: &str| Transferee {
        email: email.into(),
        name: "Bob Marley".into(),
        attendees: vec![],
        members: vec![],
        answers: Answers::new(),
    };
    let before = platform.events().await.len();
    accepted(booking.transfer(&ada, registration, &to("ada@example.org")).await);
    assert_eq!(platform.events().await.len(), before, "it was theirs");
    accepted(booking.transfer(&ada, registration, &to("bob@example.org")).await);
    assert_eq!(rejected(booking.withdraw(&ada, registration).await), Rejection::RegistrationNotFound);
    let dispatcher = platform.dispatcher().await;
    let registrant = dispatcher.state::<Registrant>(registration.into()).await.expect("readable");
    assert_eq!(registrant.reached().map(|(of, subject, _)| (of, subject)), Some((run, account(&bob))));
    accepted(booking.request(&ada, &wanted(run)).await);
    // Whoever it goes to need not have an account.
    accepted(booking.transfer(&bob, registration, &to("carol@example.org")).await);
    let state = state(&platform, run).await;
    assert_eq!(state.registration(registration).map(|entry| entry.person.account), Some(None));
    assert_eq!(stage(&platform, run, registration).await, "confirmed");
}
