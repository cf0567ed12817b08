//! Who may do what to which run, and to whose registration.

use commands::Fault;
use domain::{
    booking::{BookingRejection as Rejection, Plan},
    identity::Role,
};

use super::{RunDraft, comes, draft, eur, on_the_eve, opened, person, stage, transferee, wanted};
use crate::{
    access_tokens::{create, with},
    platform::{Platform, accepted, anonymous, fault, rejected},
};

#[tokio::test]
async fn a_run_is_its_organisers_and_who_manages_all_may_do_the_same() {
    let platform = Platform::init().await;
    let (_, run) = opened(&platform, &draft(2, 0)).await;
    let booking = &platform.commands.booking;
    let other = platform.signed_in("other@example.org", &[Role::Organiser]).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    assert_eq!(rejected(booking.revise(&other, run, &draft(3, 0)).await), Rejection::NotFound);
    assert_eq!(rejected(booking.publish(&other, run).await), Rejection::NotFound);
    assert_eq!(rejected(booking.complete(&other, run).await), Rejection::NotFound);
    assert_eq!(rejected(booking.prioritise(&other, registration, 1).await), Rejection::RegistrationNotFound);
    assert_eq!(rejected(booking.record_payment(&other, registration, None, eur(1)).await), Rejection::RegistrationNotFound);
    assert!(matches!(fault(booking.cancel_registration(&ada, registration, "").await), Fault::Forbidden));
    assert!(matches!(fault(booking.check_in(&ada, registration, None).await), Fault::Forbidden));
    assert!(matches!(fault(booking.cancel(&ada, run, "").await), Fault::Forbidden));
    assert!(matches!(fault(booking.cancel(&anonymous(), run, "").await), Fault::Unauthenticated));
    let manager = platform.administrator().await;
    accepted(booking.revise(&manager, run, &draft(3, 0)).await);
    on_the_eve();
    accepted(booking.check_in(&manager, registration, None).await);
    assert_eq!(stage(&platform, run, registration).await, "attended");
}

#[tokio::test]
async fn a_registration_is_its_persons_and_who_runs_the_run_acts_in_their_stead() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(2, 10_000)).await;
    let booking = &platform.commands.booking;
    let (_, registration) = comes(&platform, run, "ada").await;
    let bob = person(&platform, "bob").await;
    let other = platform.signed_in("other@example.org", &[Role::Organiser]).await;
    assert_eq!(rejected(booking.transfer(&bob, registration, &transferee("bob")).await), Rejection::RegistrationNotFound);
    assert_eq!(rejected(booking.open_payment(&bob, registration).await), Rejection::RegistrationNotFound);
    assert_eq!(rejected(booking.withdraw(&other, registration).await), Rejection::RegistrationNotFound);
    assert!(matches!(fault(booking.withdraw(&anonymous(), registration).await), Fault::Unauthenticated));
    accepted(booking.open_payment(&grace, registration).await);
    accepted(booking.withdraw(&grace, registration).await);
    assert_eq!(stage(&platform, run, registration).await, "withdrawn");
}

#[tokio::test]
async fn a_program_registers_and_gives_places_away_in_its_owners_stead_only_with_the_scope_for_it() {
    let platform = Platform::init().await;
    let (_, run) = opened(&platform, &draft(2, 10_000)).await;
    let booking = &platform.commands.booking;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let reads = accepted(create(&platform, &ada, &["workshop:publish"]).await);
    let reads = with(&platform, &reads.token).await.expect("good");
    let all = [
        fault(booking.request(&reads, &wanted(run)).await),
        fault(booking.join_waitlist(&reads, &wanted(run)).await),
        fault(booking.transfer(&reads, registration, &transferee("thief")).await),
        fault(booking.withdraw(&reads, registration).await),
        fault(booking.leave_waitlist(&reads, registration).await),
        fault(booking.accept_offer(&reads, registration).await),
        fault(booking.decline_offer(&reads, registration).await),
        fault(booking.open_payment(&reads, registration).await),
    ];
    assert!(all.iter().all(|fault| matches!(fault, Fault::Forbidden)), "{all:?}");
    let takes = accepted(create(&platform, &ada, &["session:take"]).await);
    let takes = with(&platform, &takes.token).await.expect("good");
    accepted(booking.open_payment(&takes, registration).await);
    accepted(booking.withdraw(&takes, registration).await);
    assert_eq!(stage(&platform, run, registration).await, "withdrawn");
}

#[tokio::test]
async fn a_run_never_has_fewer_places_than_are_taken() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(3, 0)).await;
    let booking = &platform.commands.booking;
    for name in ["ada", "bob", "carol"] {
        comes(&platform, run, name).await;
    }
    let (_, waits) = comes(&platform, run, "dan").await;
    assert_eq!(rejected(booking.revise(&grace, run, &draft(2, 0)).await), Rejection::CapacityBelowTaken { taken: 3 });
    accepted(booking.revise(&grace, run, &draft(4, 0)).await);
    assert_eq!(stage(&platform, run, waits).await, "offered", "more places are offered at once");
    let plain = draft(4, 0);
    let renamed = RunDraft { plan: Plan { title: String::new(), ..plain.plan }, ..plain };
    assert!(matches!(rejected(booking.revise(&grace, run, &renamed).await), Rejection::Flawed(_)));
}
