//! Who is invited to a run that is yet to be published is told once it is, and never twice.

use chrono::TimeDelta;
use commands::{Request, booking::Guest};
use domain::{booking::Timing, identity::mail::Occasion, kernel::RunId};

use super::{
    draft, organiser, start,
    telling::{settled, told},
    timing, verified,
};
use crate::{
    mailbag::Mailbag,
    platform::{Platform, accepted, now, pass},
};

const INVITED: [Occasion; 1] = [Occasion::GuestInvited];

/// A run that is yet to be published, and who organises it.
async fn drafted(platform: &Platform) -> (Request, RunId) {
    let grace = organiser(platform).await;
    let run = accepted(platform.commands.booking.schedule(&grace, &draft(3, 0)).await)[0];
    (grace, run)
}

async fn invites(platform: &Platform, by: &Request, run: RunId, name: &str) {
    let (email, name) = (format!("{name}@example.org"), name.to_owned());
    let guest = Guest { run, email, name, ticket: None, priority: 0, until: Some(now() + TimeDelta::hours(12)) };
    accepted(platform.commands.booking.invite(by, &guest).await);
}

async fn withdraws(platform: &Platform, by: &Request, run: RunId, name: &str) {
    accepted(platform.commands.booking.withdraw_invitation(by, run, &format!("{name}@example.org")).await);
}

async fn publishes(platform: &Platform, by: &Request, run: RunId) {
    accepted(platform.commands.booking.publish(by, run).await);
}

#[tokio::test]
async fn who_is_invited_to_a_draft_is_told_once_it_is_published_and_others_at_once() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = drafted(&platform).await;
    verified(&platform, "ada").await;
    for name in ["ada", "bob"] {
        invites(&platform, &grace, run, name).await;
    }
    settled(&platform, &bag).await;
    assert!(told(&bag, "ada").is_empty() && told(&bag, "bob").is_empty(), "they would find nothing");
    publishes(&platform, &grace, run).await;
    settled(&platform, &bag).await;
    invites(&platform, &grace, run, "eve").await;
    settled(&platform, &bag).await;
    for name in ["ada", "bob", "eve"] {
        assert_eq!(told(&bag, name), INVITED, "{name}");
    }
    let to_bob = bag.all().into_iter().find(|mail| mail.to == "bob@example.org").expect("a mail");
    let seen = platform.commands.booking.guest_appointment(&to_bob.token()).await.expect("answered");
    assert!(seen.is_some(), "the link leads to it");
}

#[tokio::test]
async fn reactions_that_lag_tell_the_same_once() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = drafted(&platform).await;
    for name in ["bob", "gone", "again", "late"] {
        invites(&platform, &grace, run, name).await;
    }
    for name in ["gone", "again"] {
        withdraws(&platform, &grace, run, name).await;
    }
    invites(&platform, &grace, run, "again").await;
    publishes(&platform, &grace, run).await;
    invites(&platform, &grace, run, "eve").await;
    withdraws(&platform, &grace, run, "late").await;
    // Nothing of this was looked at yet: by now the run is published, whatever it was when somebody was invited.
    settled(&platform, &bag).await;
    for name in ["bob", "again", "eve"] {
        assert_eq!(told(&bag, name), INVITED, "{name}");
    }
    assert!(told(&bag, "gone").is_empty(), "they were not invited any more when it was published, and never knew");
    let mut late = told(&bag, "late");
    late.sort_by_key(|occasion| *occasion != Occasion::GuestInvited);
    assert_eq!(late, [Occasion::GuestInvited, Occasion::InvitationWithdrawn], "they were still, by then");
}

#[tokio::test]
async fn what_has_run_out_before_a_run_is_published_is_not_told() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = drafted(&platform).await;
    invites(&platform, &grace, run, "bob").await;
    pass(TimeDelta::hours(12));
    invites(&platform, &grace, run, "eve").await;
    publishes(&platform, &grace, run).await;
    settled(&platform, &bag).await;
    assert!(told(&bag, "bob").is_empty());
    assert_eq!(told(&bag, "eve"), INVITED);
}

#[tokio::test]
async fn of_what_becomes_of_a_draft_nobody_who_is_invited_is_told() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = drafted(&platform).await;
    let booking = &platform.commands.booking;
    for name in ["bob", "eve"] {
        invites(&platform, &grace, run, name).await;
    }
    let starts_at = start() + TimeDelta::days(1);
    let later = Timing { starts_at, ends_at: starts_at + TimeDelta::hours(8), ..timing() };
    accepted(booking.reschedule(&grace, run, &later).await);
    withdraws(&platform, &grace, run, "eve").await;
    settled(&platform, &bag).await;
    accepted(booking.cancel(&grace, run, "nobody holds it").await);
    settled(&platform, &bag).await;
    assert!(told(&bag, "bob").is_empty() && told(&bag, "eve").is_empty(), "they never knew of it");
    // Another, which is published before anybody looks at what became of it.
    let run = accepted(booking.schedule(&grace, &draft(3, 0)).await)[0];
    invites(&platform, &grace, run, "bob").await;
    accepted(booking.reschedule(&grace, run, &later).await);
    publishes(&platform, &grace, run).await;
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "bob"), INVITED, "the time that it has");
}

#[tokio::test]
async fn the_mail_of_an_invitation_goes_by_its_event_so_that_who_was_told_before_is_not_told_again() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = drafted(&platform).await;
    invites(&platform, &grace, run, "bob").await;
    publishes(&platform, &grace, run).await;
    invites(&platform, &grace, run, "eve").await;
    settled(&platform, &bag).await;
    let mut issued: Vec<_> = platform.named("InvitationIssued").await.iter().map(|event| event.event_id).collect();
    let about = |event: &journal::Recorded| event.payload.as_str().contains("guest_invited");
    let mut mails: Vec<_> = platform.named("MailQueued").await.iter().filter(|event| about(event)).map(|event| event.stream.id).collect();
    issued.sort();
    mails.sort();
    assert_eq!(mails, issued, "as older builds did, which told people at once");
}
