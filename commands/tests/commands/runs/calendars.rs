//! What calendars are told.

use chrono::TimeDelta;
use commands::{
    Fault,
    booking::{Appointment, Certainty},
};
use domain::{
    booking::Timing,
    identity::{IdentityRejection, Role},
    kernel::RegistrationId,
};
use secrecy::{ExposeSecret, SecretString};

use super::{comes, draft, opened, organiser, start, timing};
use crate::{
    access_tokens::{create, with},
    platform::{Platform, accepted, account, anonymous, fault, learner, pass},
};

async fn of(platform: &Platform, request: &commands::Request, registration: RegistrationId) -> Option<Appointment> {
    platform.commands.booking.appointment(request, registration).await.expect("answered")
}

#[tokio::test]
async fn an_entry_follows_the_registration_under_the_same_name_with_a_sequence_that_grows() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let booking = &platform.commands.booking;
    let confirmed = of(&platform, &ada, registration).await.expect("it is hers");
    assert_eq!((confirmed.certainty(), confirmed.link()), (Certainty::Confirmed, Some("https://meet.example.org/1")));
    let later = Timing { starts_at: start() + TimeDelta::days(1), ends_at: start() + TimeDelta::days(2), ..timing() };
    accepted(booking.reschedule(&grace, run, &later).await);
    let moved = of(&platform, &ada, registration).await.expect("it is hers");
    assert!(moved.sequence > confirmed.sequence && moved.uid() == confirmed.uid());
    assert_eq!(moved.plan.starts_at, later.starts_at.and_utc());
    accepted(booking.withdraw(&ada, registration).await);
    let withdrawn = of(&platform, &ada, registration).await.expect("it is hers");
    assert!(withdrawn.sequence > moved.sequence && withdrawn.uid() == confirmed.uid());
    assert_eq!((withdrawn.certainty(), withdrawn.link()), (Certainty::Cancelled, None));
}

#[tokio::test]
async fn a_registration_is_shown_to_whose_it_is_and_to_who_looks_after_the_run() {
    let platform = Platform::init().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let (bob, waits) = comes(&platform, run, "bob").await;
    assert!(of(&platform, &bob, registration).await.is_none());
    assert!(of(&platform, &ada, waits).await.is_none());
    let waiting = of(&platform, &bob, waits).await.expect("it is theirs");
    assert_eq!((waiting.certainty(), waiting.link()), (Certainty::Tentative, None));
    assert!(of(&platform, &grace, registration).await.is_some());
    let other = platform.signed_in("other@example.org", &[Role::Organiser]).await;
    assert!(of(&platform, &other, registration).await.is_none());
    let nobody = platform.commands.booking.appointment(&anonymous(), registration).await;
    assert!(matches!(nobody, Err(Fault::Unauthenticated)));
}

#[tokio::test]
async fn a_run_is_shown_to_everybody_once_it_is_published() {
    let platform = Platform::init().await;
    let grace = organiser(&platform).await;
    let booking = &platform.commands.booking;
    let run = accepted(booking.schedule(&grace, &draft(1, 0)).await)[0];
    assert!(booking.run_appointment(&anonymous(), run).await.expect("answered").is_none());
    assert!(booking.run_appointment(&learner(), run).await.expect("answered").is_none());
    let draft = booking.run_appointment(&grace, run).await.expect("answered").expect("it is theirs");
    assert_eq!(draft.certainty(), Certainty::Tentative);
    accepted(booking.publish(&grace, run).await);
    let published = booking.run_appointment(&anonymous(), run).await.expect("answered").expect("it is everybody's");
    assert!(published.sequence > draft.sequence && published.certainty() == Certainty::Confirmed);
    assert_eq!(published.link(), None, "who is confirmed is told the way in");
    accepted(booking.cancel(&grace, run, "rain").await);
    let cancelled = booking.run_appointment(&anonymous(), run).await.expect("answered").expect("it is everybody's");
    assert!(cancelled.sequence > published.sequence && cancelled.certainty() == Certainty::Cancelled);
}

#[tokio::test]
async fn a_private_link_opens_its_owners_calendar_and_nothing_else_until_it_is_revoked() {
    let platform = Platform::init().await;
    let (_, run) = opened(&platform, &draft(1, 0)).await;
    let (ada, registration) = comes(&platform, run, "ada").await;
    let (_, others) = comes(&platform, run, "bob").await;
    let (identity, booking) = (&platform.commands.identity, &platform.commands.booking);
    let feed = accepted(identity.create_calendar_feed(&ada).await);
    let owner = identity.by_calendar_feed(&feed.token).await.expect("answered").expect("it is good");
    assert_eq!(owner, account(&ada));
    let shown = booking.appointments_of(owner, &[registration, others]).await.expect("answered");
    assert_eq!(shown.iter().map(|appointment| appointment.registration).collect::<Vec<_>>(), [Some(registration)]);
    assert!(identity.by_access_token(&feed.token, None).await.expect("answered").is_none(), "it is no token for programs");
    let other = SecretString::from(feed.token.expose_secret().replace("nlb_cal_", "nlb_pat_"));
    assert!(identity.by_access_token(&other, None).await.expect("answered").is_none());
    for worthless in ["", "nlb_cal_", &format!("{}A", feed.token.expose_secret()), other.expose_secret()] {
        let worthless = SecretString::from(worthless.to_owned());
        assert!(identity.by_calendar_feed(&worthless).await.expect("answered").is_none());
    }
    let stored = platform.events().await.iter().map(|event| event.payload.as_str().to_owned()).collect::<String>();
    assert!(!stored.contains(feed.token.expose_secret()));
    accepted::<(), IdentityRejection>(identity.revoke_access_token(&ada, feed.id).await);
    assert!(identity.by_calendar_feed(&feed.token).await.expect("answered").is_none());
}

#[tokio::test]
async fn a_private_link_is_good_for_a_year() {
    let platform = Platform::init().await;
    let ada = platform.signed_in("ada@example.org", &[Role::Learner]).await;
    let identity = &platform.commands.identity;
    let feed = accepted(identity.create_calendar_feed(&ada).await);
    assert!(matches!(fault(identity.create_calendar_feed(&anonymous()).await), Fault::Unauthenticated));
    pass(TimeDelta::days(364));
    assert!(identity.by_calendar_feed(&feed.token).await.expect("answered").is_some());
    pass(TimeDelta::days(1));
    assert!(identity.by_calendar_feed(&feed.token).await.expect("answered").is_none());
}

#[tokio::test]
async fn a_private_link_is_worth_as_much_as_other_tokens_of_its_owner() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = platform.signed_in("ada@example.org", &[Role::Learner]).await;
    let feed = accepted(identity.create_calendar_feed(&ada).await);
    let program = accepted(create(&platform, &ada, &["session:take"]).await);
    let good = async || {
        let opens = identity.by_calendar_feed(&feed.token).await.expect("answered").is_some();
        (opens, with(&platform, &program.token).await.is_some())
    };
    assert_eq!(good().await, (true, true));
    let administrator = platform.administrator().await;
    accepted(identity.suspend(&administrator, account(&ada), "shared with others").await);
    assert_eq!(good().await, (false, false));
    accepted(identity.reinstate(&administrator, account(&ada)).await);
    assert_eq!(good().await, (true, true));
    let bob = platform.signed_in("bob@example.org", &[Role::Learner]).await;
    let bobs = accepted(identity.create_calendar_feed(&bob).await);
    accepted(identity.erase(&bob, account(&bob), None).await);
    assert!(identity.by_calendar_feed(&bobs.token).await.expect("answered").is_none());
}
