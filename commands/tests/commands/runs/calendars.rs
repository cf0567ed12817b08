//! What calendars are told.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use commands::{
    Fault,
    booking::{Appointment, Certainty, DiscountDraft, RunDraft, Wanted},
};
use domain::{
    booking::{Discount, Plan, Reduction, Timing, Visibility},
    identity::{IdentityRejection, Role},
    kernel::RegistrationId,
};
use secrecy::{ExposeSecret, SecretString};

use super::{comes, draft, opened, organiser, person, start, timing, wanted};
use crate::{
    access_tokens::{create, with},
    platform::{Platform, accepted, account, anonymous, fault, learner, now, pass},
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
    assert!(booking.run_appointment(&anonymous(), run, None).await.expect("answered").is_none());
    assert!(booking.run_appointment(&learner(), run, None).await.expect("answered").is_none());
    let draft = booking.run_appointment(&grace, run, None).await.expect("answered").expect("it is theirs");
    assert_eq!(draft.certainty(), Certainty::Tentative);
    accepted(booking.publish(&grace, run).await);
    let published = booking.run_appointment(&anonymous(), run, None).await.expect("answered").expect("it is everybody's");
    assert!(published.sequence > draft.sequence && published.certainty() == Certainty::Confirmed);
    assert_eq!(published.link(), None, "who is confirmed is told the way in");
    accepted(booking.cancel(&grace, run, "rain").await);
    let cancelled = booking.run_appointment(&anonymous(), run, None).await.expect("answered").expect("it is everybody's");
    assert!(cancelled.sequence > published.sequence && cancelled.certainty() == Certainty::Cancelled);
}

#[tokio::test]
async fn a_run_by_code_is_shown_to_who_has_one_or_is_registered_and_to_who_looks_after_it() {
    let platform = Platform::init().await;
    let (grace, holder, ada) = (organiser(&platform).await, person(&platform, "holder").await, person(&platform, "ada").await);
    let RunDraft { timing, plan } = draft(2, 0);
    let plan = Plan { visibility: Visibility::Code, instructor_account: Some(account(&holder)), ..plan };
    let booking = &platform.commands.booking;
    let run = accepted(booking.schedule(&grace, &RunDraft { timing, plan }).await)[0];
    let until = Some(start().and_utc());
    let admitting = Discount { until, ..discount("FRIENDS", true) };
    for discount in [admitting, discount("TEN-LESS", false)] {
        accepted(booking.create_discount(&grace, &DiscountDraft { run, discount }).await);
    }
    let (manager, nobody) = (platform.administrator().await, anonymous());
    let everybody = [&nobody, &ada, &holder, &grace, &manager];
    let seen = async |code: Option<&str>| {
        let mut seen = vec![];
        for by in everybody {
            seen.push(booking.run_appointment(by, run, code).await.expect("answered").is_some());
        }
        seen
    };
    assert_eq!(seen(Some("friends")).await, [false, false, true, true, true], "nobody was told of it yet");
    accepted(booking.publish(&grace, run).await);
    for code in [None, Some(""), Some("STRANGERS"), Some("TEN-LESS")] {
        assert_eq!(seen(code).await, [false, false, true, true, true], "{code:?}");
    }
    assert_eq!(seen(Some(" friends ")).await, [true; 5]);
    let wanted = Wanted { code: Some("FRIENDS".to_owned()), ..wanted(run) };
    let registration = accepted(booking.request(&ada, &wanted).await);
    assert_eq!(seen(None).await, [false, true, true, true, true]);
    accepted(booking.withdraw(&ada, registration).await);
    assert_eq!(seen(None).await, [false, true, true, true, true], "as long as they find it among what they gave up");
    pass(start().and_utc() - now());
    assert_eq!(seen(Some("FRIENDS")).await, [false, true, true, true, true], "it has run out");
}

/// A code that takes a tenth off.
fn discount(code: &str, admits: bool) -> Discount {
    let (code, reduction) = (code.to_owned(), Reduction::Share(1_000));
    Discount { code, reduction, admits, uses: None, until: None, tickets: BTreeSet::new() }
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
