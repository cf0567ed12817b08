//! Who comes along with a group is told what becomes of it, at the address that they were named by.

use chrono::TimeDelta;
use commands::booking::{Certainty, Transferee, Wanted};
use domain::{
    booking::{Admission, Plan, Timing},
    identity::mail::Occasion,
    kernel::{RegistrationId, RunId},
};

use super::{
    Request, RunDraft, draft, opened, person, stage, start,
    telling::{settled, told},
    timing, transferee, verified, wanted,
};
use crate::{
    mailbag::Mailbag,
    platform::{Platform, accepted, pass},
};

fn of_groups(price: i64) -> RunDraft {
    let draft = draft(4, price);
    RunDraft { plan: Plan { group: 3, ..draft.plan }, ..draft }
}

fn approved(holds_place: bool) -> RunDraft {
    let draft = of_groups(0);
    RunDraft { plan: Plan { admission: Admission::Approval { holds_place }, ..draft.plan }, ..draft }
}

/// To come with Eve, whose address is given beside Ada's, and with somebody else.
fn with_eve(run: RunId) -> Wanted {
    let attendees = ["Ada", "Eve", "Somebody"].map(str::to_owned).to_vec();
    let members = ["Eve@example.org", "ada@example.org"].map(str::to_owned).to_vec();
    Wanted { attendees, members, ..wanted(run) }
}

/// Ada comes with Eve.
async fn registered(platform: &Platform, run: RunId) -> (Request, RegistrationId) {
    let ada = verified(platform, "ada").await;
    let registration = platform.commands.booking.request(&ada, &with_eve(run)).await;
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

#[tokio::test]
async fn however_often_somebody_is_named_they_are_told_once_a_day() {
    let (platform, bag) = Mailbag::platform().await;
    let (_, run) = opened(&platform, &of_groups(0)).await;
    let (ada, first) = registered(&platform, run).await;
    let bob = verified(&platform, "bob").await;
    let booking = &platform.commands.booking;
    settled(&platform, &bag).await;
    accepted(booking.withdraw(&ada, first).await);
    let once = [Occasion::CompanionNamed, Occasion::CompanionDropped];
    for who in [&ada, &bob, &ada] {
        settled(&platform, &bag).await;
        assert_eq!(told(&bag, "eve"), once);
        let registration = accepted(booking.request(who, &with_eve(run)).await);
        settled(&platform, &bag).await;
        accepted(booking.withdraw(who, registration).await);
    }
    let last = accepted(booking.request(&ada, &with_eve(run)).await);
    let members = vec!["eve@example.org".to_owned()];
    let attendees = ["Bob", "Eve", "Carol"].map(str::to_owned).to_vec();
    accepted(booking.transfer(&ada, last, &Transferee { attendees, members, ..transferee("bob") }).await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "eve"), once, "nor by who has it instead");
}

#[tokio::test]
async fn nobody_is_told_because_of_who_has_not_verified_their_own_address() {
    let (platform, bag) = Mailbag::platform().await;
    let (_, run) = opened(&platform, &of_groups(0)).await;
    let ada = person(&platform, "ada").await;
    let booking = &platform.commands.booking;
    let registration = accepted(booking.request(&ada, &with_eve(run)).await);
    settled(&platform, &bag).await;
    let attendees = ["Carol", "Joan", "Eve"].map(str::to_owned).to_vec();
    let to_carol = Transferee { attendees, members: vec!["joan@example.org".to_owned()], ..transferee("carol") };
    accepted(booking.transfer(&ada, registration, &to_carol).await);
    settled(&platform, &bag).await;
    assert!(told(&bag, "eve").is_empty() && told(&bag, "joan").is_empty());
    platform.vouch(&ada).await;
    let registration = accepted(booking.request(&ada, &Wanted { attendees: vec![], members: vec![], ..with_eve(run) }).await);
    settled(&platform, &bag).await;
    let (attendees, members) = (vec!["Dan".to_owned()], vec!["joan@example.org".to_owned()]);
    accepted(booking.transfer(&ada, registration, &Transferee { attendees, members, ..transferee("dan") }).await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "joan"), [Occasion::CompanionNamed], "it is verified by now");
}

#[tokio::test]
async fn who_came_along_is_told_that_it_is_gone_where_a_place_is_offered_once_more_and_not_taken() {
    for declines in [true, false] {
        let (platform, bag) = Mailbag::platform().await;
        let (grace, run) = opened(&platform, &approved(false)).await;
        let (ada, registration) = registered(&platform, run).await;
        let bob = person(&platform, "bob").await;
        let booking = &platform.commands.booking;
        accepted(booking.approve(&grace, registration).await);
        settled(&platform, &bag).await;
        assert_eq!(told(&bag, "eve"), [Occasion::CompanionNamed]);
        accepted(booking.withdraw_approval(&grace, registration).await);
        let other = accepted(booking.request(&bob, &Wanted { members: vec![], ..with_eve(run) }).await);
        accepted(booking.approve(&grace, other).await);
        accepted(booking.approve(&grace, registration).await);
        accepted(booking.cancel_registration(&grace, other, "").await);
        assert_eq!(stage(&platform, run, registration).await, "offered");
        settled(&platform, &bag).await;
        assert_eq!(told(&bag, "eve"), [Occasion::CompanionNamed], "it may yet be theirs");
        if declines {
            accepted(booking.decline_offer(&ada, registration).await);
        } else {
            pass(TimeDelta::days(3));
            accepted(booking.settle(&Request::system("test"), run).await);
        }
        settled(&platform, &bag).await;
        assert_eq!(told(&bag, "eve"), [Occasion::CompanionNamed, Occasion::CompanionDropped], "declines: {declines}");
    }
}

#[tokio::test]
async fn who_comes_along_with_who_has_it_instead_is_told_nothing_until_that_is_approved_too() {
    let (platform, bag) = Mailbag::platform().await;
    let (grace, run) = opened(&platform, &approved(true)).await;
    let (ada, registration) = registered(&platform, run).await;
    let booking = &platform.commands.booking;
    accepted(booking.approve(&grace, registration).await);
    settled(&platform, &bag).await;
    let attendees = ["Bob", "Joan", "Carol"].map(str::to_owned).to_vec();
    let to_bob = Transferee { attendees, members: vec!["joan@example.org".to_owned()], ..transferee("bob") };
    accepted(booking.transfer(&ada, registration, &to_bob).await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "eve"), [Occasion::CompanionNamed, Occasion::CompanionDropped], "hers was confirmed");
    accepted(booking.reject(&grace, registration, "no").await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "bob").last(), Some(&Occasion::RegistrationRejected));
    assert!(told(&bag, "joan").is_empty(), "nobody told her of a place");
    accepted(booking.reinstate(&grace, registration).await);
    accepted(booking.approve(&grace, registration).await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "joan"), [Occasion::CompanionNamed]);
    accepted(booking.cancel_registration(&grace, registration, "").await);
    settled(&platform, &bag).await;
    assert_eq!(told(&bag, "joan"), [Occasion::CompanionNamed, Occasion::CompanionDropped]);
}
