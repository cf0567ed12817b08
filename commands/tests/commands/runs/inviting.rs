//! What people are told who are invited, and have not registered.

use chrono::TimeDelta;
use commands::{
    Request,
    booking::{Guest, GuestWanted},
};
use domain::{
    booking::{Answers, Timing},
    identity::mail::Occasion,
    kernel::{RegistrationId, RunId},
};

use super::{
    RunDraft, comes, draft, opened, start,
    telling::{settled, told},
    timing, verified, wanted,
};
use crate::{
    mailbag::Mailbag,
    platform::{Platform, accepted, anonymous, now, pass},
    run_sessions::soon,
};

/// Somebody is invited, with an account or without.
async fn invited(platform: &Platform, by: &Request, run: RunId, name: &str) -> RegistrationId {
    accepted(platform.commands.booking.invite(by, &guest(run, name)).await)
}

/// Who is invited, for a day.
fn guest(run: RunId, name: &str) -> Guest {
    let (name, email) = (name.to_owned(), format!("{name}@example.org"));
    Guest { run, email, name, ticket: None, priority: 0, until: Some(now() + TimeDelta::days(1)) }
}

/// The run is moved by so many days.
async fn moved(platform: &Platform, by: &Request, run: RunId, days: i64) {
    let starts_at = start() + TimeDelta::days(days);
    let later = Timing { starts_at, ends_at: starts_at + TimeDelta::hours(8), ..timing() };
    accepted(platform.commands.booking.reschedule(by, run, &later).await);
}

#[tokio::test]
async fn who_is_invited_and_has_not_registered_is_told_that_the_run_is_moved_and_called_off() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(3, 0)).await;
    let booking = &platform.commands.booking;
    verified(&platform, "ada").await;
    for name in ["ada", "bob", "eve"] {
        invited(&platform, &grace, run, name).await;
    }
    let eve = verified(&platform, "eve").await;
    let registration = accepted(booking.request(&eve, &wanted(run)).await);
    settled(&platform, &bag).await;
    moved(&platform, &grace, run, 1).await;
    settled(&platform, &bag).await;
    accepted(booking.withdraw(&eve, registration).await);
    invited(&platform, &grace, run, "late").await;
    settled(&platform, &bag).await;
    accepted(booking.cancel(&grace, run, "the venue burnt down").await);
    settled(&platform, &bag).await;
    for name in ["ada", "bob"] {
        assert_eq!(told(&bag, name), [Occasion::GuestInvited, Occasion::RunMoved, Occasion::RunCancelled], "{name}");
    }
    assert_eq!(told(&bag, "late"), [Occasion::GuestInvited, Occasion::RunCancelled], "who is invited later knows the time");
    let of_run = |occasion: &Occasion| matches!(occasion, Occasion::RunMoved | Occasion::RunCancelled);
    let eves: Vec<_> = told(&bag, "eve").into_iter().filter(of_run).collect();
    assert_eq!(eves, [Occasion::RunMoved], "once, as who is registered, and no more once she gave up");
    let mails = bag.all();
    assert!(mails.iter().filter(|mail| mail.to == "bob@example.org").all(|mail| mail.link().is_some()), "a guest has no other way in");
}

#[tokio::test]
async fn an_invitation_that_has_run_out_is_none_that_anything_is_told_of() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    invited(&platform, &grace, run, "bob").await;
    settled(&platform, &bag).await;
    pass(TimeDelta::days(1));
    moved(&platform, &grace, run, 5).await;
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "bob"), [Occasion::GuestInvited]);
}

#[tokio::test]
async fn who_is_not_invited_any_more_is_told_unless_they_have_registered() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(2, 0)).await;
    let booking = &platform.commands.booking;
    verified(&platform, "ada").await;
    for name in ["ada", "bob", "joan"] {
        invited(&platform, &grace, run, name).await;
    }
    settled(&platform, &bag).await;
    let to_joan = bag.all().into_iter().find(|mail| mail.to == "joan@example.org").expect("a mail");
    let (name, ticket) = ("Joan".to_owned(), "seat".to_owned());
    let wanted = GuestWanted { name, ticket, attendees: vec![], members: vec![], answers: Answers::new(), code: None, wait: false };
    accepted(booking.guest_register(&anonymous(), &to_joan.token(), &wanted).await);
    settled(&platform, &bag).await;
    for name in ["ada", "bob", "joan"] {
        accepted(booking.withdraw_invitation(&grace, run, &format!("{name}@example.org")).await);
    }
    settled(&platform, &bag).await;
    for name in ["ada", "bob"] {
        assert_eq!(told(&bag, name), [Occasion::GuestInvited, Occasion::InvitationWithdrawn], "{name}");
    }
    assert_eq!(told(&bag, "joan"), [Occasion::GuestInvited, Occasion::RegistrationConfirmed], "her place is hers");
    let last = bag.all().into_iter().rfind(|mail| mail.occasion == Occasion::InvitationWithdrawn).expect("a mail");
    assert!(last.link().is_none(), "it leads nowhere");
}

#[tokio::test]
async fn of_what_happened_more_than_a_day_ago_nobody_who_is_invited_is_told() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    let guest = Guest { until: None, ..guest(run, "bob") };
    accepted(platform.commands.booking.invite(&grace, &guest).await);
    settled(&platform, &bag).await;
    moved(&platform, &grace, run, 1).await;
    pass(TimeDelta::days(1) + TimeDelta::hours(1));
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "bob"), [Occasion::GuestInvited]);
}

#[tokio::test]
async fn of_several_moves_only_the_one_that_stands_is_told() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(1, 0)).await;
    invited(&platform, &grace, run, "bob").await;
    settled(&platform, &bag).await;
    for days in 1..=3 {
        moved(&platform, &grace, run, days).await;
    }
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "bob"), [Occasion::GuestInvited, Occasion::RunMoved]);
}

#[tokio::test]
async fn who_is_only_invited_is_not_told_that_a_run_is_called_off_that_has_begun() {
    let (platform, bag) = Mailbag::platform().await;
    // So soon that it is news when it is called off.
    let (grace, run) = opened(&platform, &RunDraft { timing: soon(120), ..draft(2, 0) }).await;
    comes(&platform, run, "ada").await;
    invited(&platform, &grace, run, "bob").await;
    settled(&platform, &bag).await;
    pass(TimeDelta::hours(3));
    accepted(platform.commands.booking.cancel(&grace, run, "the venue burnt down").await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "bob"), [Occasion::GuestInvited]);
    assert_eq!(told(&bag, "ada"), [Occasion::RegistrationConfirmed, Occasion::RunCancelled], "who is registered is");
}

#[tokio::test]
async fn who_is_invited_again_or_was_no_more_is_not_told_that_they_are_not_invited_any_more() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &draft(2, 0)).await;
    let booking = &platform.commands.booking;
    for name in ["bob", "eve"] {
        invited(&platform, &grace, run, name).await;
    }
    settled(&platform, &bag).await;
    accepted(booking.withdraw_invitation(&grace, run, "bob@example.org").await);
    invited(&platform, &grace, run, "bob").await;
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "bob"), [Occasion::GuestInvited, Occasion::GuestInvited], "again, by another link");
    pass(TimeDelta::days(1));
    accepted(booking.withdraw_invitation(&grace, run, "eve@example.org").await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "eve"), [Occasion::GuestInvited], "it had run out");
}
