//! Who comes along with a group is told what becomes of it, at the address that they were named by.

use chrono::TimeDelta;
use commands::booking::{Certainty, Transferee, Wanted};
use domain::{
    booking::{Plan, Timing},
    identity::mail::Occasion,
    kernel::{RegistrationId, RunId},
};

use super::{
    RunDraft, draft, opened, person, start,
    telling::{settled, told},
    timing, transferee, wanted,
};
use crate::{
    mailbag::Mailbag,
    platform::{Platform, accepted},
};

fn of_groups(price: i64) -> RunDraft {
    let draft = draft(4, price);
    RunDraft { plan: Plan { group: 3, ..draft.plan }, ..draft }
}

/// Ada comes with Eve, whose address she gives beside her own, and with somebody else.
async fn registered(platform: &Platform, run: RunId) -> (commands::Request, RegistrationId) {
    let ada = person(platform, "ada").await;
    let attendees = ["Ada", "Eve", "Somebody"].map(str::to_owned).to_vec();
    let members = ["Eve@example.org", "ada@example.org"].map(str::to_owned).to_vec();
    let registration = platform.commands.booking.request(&ada, &Wanted { attendees, members, ..wanted(run) }).await;
    (ada, accepted(registration))
}

#[tokio::test]
async fn who_comes_along_is_told_that_there_is_a_place_that_it_is_moved_and_that_it_is_gone() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &of_groups(0)).await;
    let (ada, registration) = registered(&platform, run).await;
    let booking = &platform.commands.booking;
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "eve"), [Occasion::CompanionNamed]);
    let later = Timing { starts_at: start() + TimeDelta::days(1), ends_at: start() + TimeDelta::days(2), ..timing() };
    accepted(booking.reschedule(&grace, run, &later).await);
    settled(&platform, &bag).await;
    accepted(booking.withdraw(&ada, registration).await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "eve"), [Occasion::CompanionNamed, Occasion::CompanionMoved, Occasion::CompanionDropped]);
    let expected = [Occasion::RegistrationConfirmed, Occasion::RunMoved, Occasion::RegistrationWithdrawn];
    assert_eq!(told(&bag, "ada"), expected, "who registers is told as such, and once");
    let to_eve: Vec<_> = bag.all().into_iter().filter(|mail| mail.to == "eve@example.org").collect();
    let certainty: Vec<_> = to_eve.iter().map(|mail| mail.certainty.expect("an entry")).collect();
    assert_eq!(certainty, [Certainty::Confirmed, Certainty::Confirmed, Certainty::Cancelled]);
    assert!(to_eve.iter().all(|mail| mail.link().is_none()), "it is not hers to withdraw");
    let stored = platform.events().await.iter().map(|event| event.payload.as_str().to_owned()).collect::<String>();
    assert!(!stored.contains("eve@example.org") && !stored.contains("Eve@example.org"));
}

#[tokio::test]
async fn who_comes_along_is_told_nothing_of_a_place_that_there_never_was() {
    let (platform, bag) = Mailbag::platform().await;
    let (_, run) = opened(&platform, &of_groups(10_000)).await;
    let (ada, registration) = registered(&platform, run).await;
    settled(&platform, &bag).await;
    accepted(platform.commands.booking.withdraw(&ada, registration).await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "ada"), [Occasion::PaymentAwaited, Occasion::RegistrationWithdrawn]);
    assert!(told(&bag, "eve").is_empty());
}

#[tokio::test]
async fn who_comes_along_with_somebody_else_is_told_and_so_is_who_does_not_any_more() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &of_groups(0)).await;
    let (ada, registration) = registered(&platform, run).await;
    person(&platform, "bob").await;
    let booking = &platform.commands.booking;
    settled(&platform, &bag).await;
    let attendees = ["Bob", "Joan", "Carol"].map(str::to_owned).to_vec();
    let to_bob = Transferee { attendees, members: vec!["joan@example.org".to_owned()], ..transferee("bob") };
    accepted(booking.transfer(&ada, registration, &to_bob).await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "eve"), [Occasion::CompanionNamed, Occasion::CompanionDropped]);
    assert_eq!(told(&bag, "joan"), [Occasion::CompanionNamed]);
    accepted(booking.cancel(&grace, run, "the venue burnt down").await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "eve").len(), 2, "it is hers no more");
    assert_eq!(told(&bag, "joan"), [Occasion::CompanionNamed, Occasion::CompanionDropped]);
}
