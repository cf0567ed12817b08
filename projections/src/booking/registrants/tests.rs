use domain::{
    booking::{
        Answers,
        registrant::{Details, RegistrantEvent},
    },
    kernel::{AccountId, Personal, RunId},
};

use super::{Entity, Model};
use crate::{
    fixtures::{id, recorded, rows},
    read_model::{MissingRow, ReadModel},
};

/// As the journal stores it: sealed under somebody's key.
fn details(subject: u128) -> Box<Details> {
    let subject = AccountId(id(subject));
    Box::new(Details {
        account: Some(subject),
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
