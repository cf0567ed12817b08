use domain::{
    Decider,
    booking::{
        Answers, Plan,
        registrant::{Details, Registrant, RegistrantEvent},
        run::{Run, RunEvent},
    },
    identity::account::{Account, AccountEvent},
    kernel::{AccountId, Personal, RegistrationId, RunId},
};

use super::{Entity, Model, of_guests};
use crate::{
    Page,
    fixtures::{
        World, catch_up, id, instant, recorded, rows,
        runs::{plan, published},
    },
    read_model::{MissingRow, ReadModel},
};

/// As the journal stores it: sealed under somebody's key.
fn details(subject: u128) -> Box<Details> {
    let subject = AccountId(id(subject));
    Box::new(Details { account: Some(subject), ..*of_guest(subject) })
}

fn of_guest(subject: AccountId) -> Box<Details> {
    Box::new(Details {
        account: None,
        name: Personal::sealed(subject, "name".into()),
        email: Personal::sealed(subject, "email".into()),
        attendees: Personal::<Vec<String>>::sealed(subject, "attendees".into()),
        companions: None,
        answers: Personal::<Answers>::sealed(subject, "answers".into()),
    })
}

fn row_after(events: impl IntoIterator<Item = RegistrantEvent>) -> Model {
    let events: Vec<_> = (1..).zip(events).map(|(position, event)| recorded(position, id(1), event)).collect();
    rows(&Entity, &events).remove(0)
}

#[test]
fn what_is_known_of_somebody_stays_sealed() {
    let row = row_after([RegistrantEvent::Registered { run: RunId(id(2)), details: details(3) }]);
    assert_eq!((row.registration, row.run, row.subject), (id(1), id(2), id(3)));
    assert_eq!(row.email.as_sealed(), Some("email"));
    assert_eq!(row.name.as_ref().and_then(|name| name.as_sealed()), Some("name"));
}

#[test]
fn who_is_invited_is_known_by_their_address_alone() {
    let invited = RegistrantEvent::Invited { run: RunId(id(2)), email: Personal::sealed(AccountId(id(3)), "email".into()) };
    let row = row_after([invited.clone()]);
    assert_eq!((row.email.as_sealed(), row.name, row.answers), (Some("email"), None, None));
    let row = row_after([invited, RegistrantEvent::Registered { run: RunId(id(2)), details: details(3) }]);
    assert!(row.answers.is_some());
}

#[test]
fn somebody_else_may_come_instead() {
    let registered = RegistrantEvent::Registered { run: RunId(id(2)), details: details(3) };
    let replaced = RegistrantEvent::Replaced { details: details(4) };
    assert_eq!(row_after([registered, replaced.clone()]).subject, id(4));
    assert_eq!(Entity.fold(&id(1), None, &recorded(1, id(1), replaced)), Err(MissingRow));
}

#[test]
fn guests_count_who_have_it_or_had_it_and_are_not_erased() {
    let [ada, bob] = [3, 4].map(|number| AccountId(id(number)));
    let invited = RegistrantEvent::Invited { run: RunId(id(2)), email: Personal::sealed(ada, "email".into()) };
    let registered = RegistrantEvent::Registered { run: RunId(id(2)), details: of_guest(ada) };
    let replaced = RegistrantEvent::Replaced { details: of_guest(bob) };
    let by_account = RegistrantEvent::Replaced { details: details(5) };
    let forgotten = |subject| RegistrantEvent::Forgotten { subject };
    let guests = |events: &[RegistrantEvent]| row_after(events.iter().cloned()).guests;
    let all = [invited, registered, replaced, by_account, forgotten(ada), forgotten(bob)];
    assert_eq!([1, 2, 3, 4, 5, 6].map(|count| guests(&all[..count])), [1, 1, 2, 2, 1, 0]);
    assert_eq!(guests(&[RegistrantEvent::Registered { run: RunId(id(2)), details: details(3) }]), 0);
    assert_eq!(Entity.fold(&id(1), None, &recorded(1, id(1), forgotten(ada))), Err(MissingRow));
}

fn invited(run: u128, subject: u128) -> RegistrantEvent {
    RegistrantEvent::Invited { run: RunId(id(run)), email: Personal::sealed(AccountId(id(subject)), "email".into()) }
}

#[tokio::test]
async fn guests_are_found_whose_run_was_over_or_called_off_and_who_are_not_erased() {
    let world = World::new().await;
    let far = Plan { starts_at: instant("2126-06-01T08:00:00Z"), ends_at: instant("2126-06-01T16:00:00Z"), ..plan("far") };
    world.append(Run::STREAM, id(1), &published(&plan("over"))).await;
    let called_off = RunEvent::Cancelled { reason: String::new() };
    world.append(Run::STREAM, id(2), &published(&far).into_iter().chain([called_off]).collect::<Vec<_>>()).await;
    world.append(Run::STREAM, id(3), &published(&far)).await;
    let account = AccountEvent::Registered {
        email: Personal::sealed(AccountId(id(33)), "mail".into()),
        display_name: Personal::sealed(AccountId(id(33)), "name".into()),
        password: Personal::sealed(AccountId(id(33)), "secret".into()),
        roles: [].into(),
    };
    world.append(Account::STREAM, id(33), &[account]).await;
    let came = RegistrantEvent::Registered { run: RunId(id(1)), details: of_guest(AccountId(id(31))) };
    world.append(Registrant::STREAM, id(11), &[invited(1, 31), came]).await;
    let forgotten = RegistrantEvent::Forgotten { subject: AccountId(id(34)) };
    world.append(Registrant::STREAM, id(14), &[invited(1, 34), forgotten]).await;
    let mut head = None;
    for (registration, run, subject) in [(12, 1, 32), (13, 1, 33), (15, 2, 35), (16, 3, 36)] {
        head = Some(world.append(Registrant::STREAM, id(registration), &[invited(run, subject)]).await);
    }
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, head.expect("some")).await;
    let found = async |over_by, after: Option<u128>, first| {
        let after = after.map(|after| RegistrationId(id(after)));
        let Page { rows, more } = of_guests(projections.db(), over_by, after, first).await.expect("rows");
        (rows.into_iter().map(|registration| registration.0.as_u128()).collect::<Vec<_>>(), more)
    };
    let late = instant("2120-01-01T00:00:00Z");
    assert_eq!(found(late, None, 10).await, (vec![11, 12, 15], false), "who has an account is no guest");
    assert_eq!(found(late, None, 2).await, (vec![11, 12], true));
    assert_eq!(found(late, Some(12), 2).await, (vec![15], false));
    assert_eq!(found(instant("2026-06-01T23:00:00Z"), None, 10).await, (vec![11, 12], false), "that was called off later");
    assert!(found(instant("2026-06-01T08:00:00Z"), None, 10).await.0.is_empty(), "it was going on");
}
