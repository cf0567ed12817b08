use domain::{audit::trail::Verdict, kernel::AccountId};

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn note(seconds: i64) -> Box<Note> {
    Box::new(Note {
        entry: Uuid::from_u128(1),
        at: at(seconds),
        actor: "anonymous".into(),
        via: None,
        on_behalf_of: None,
        operation: "signIn".into(),
        verdict: Verdict::Refused,
        reason: Some("CREDENTIALS_WRONG".into()),
        subjects: vec![],
        correlation: Uuid::from_u128(2),
        address: None,
        address_digest: None,
        user_agent: None,
        times: 1,
    })
}

fn from(number: u32) -> Source {
    Source::Network(Some(std::net::Ipv4Addr::from(number).into()))
}

#[test]
fn what_is_more_than_a_minutes_worth_is_counted_and_told_once() {
    let mut throttle = Throttle::default();
    let written = (0..100).filter(|_| throttle.admit(from(1), note(0)).is_some()).count();
    assert_eq!(written, 60);
    assert!(throttle.over(at(59), false).is_empty(), "its minute is not over");
    let told = throttle.over(at(60), false);
    assert_eq!((told.len(), told[0].times, told[0].reason.as_deref()), (1, 40, Some(MORE)));
    assert!(throttle.over(at(61), true).is_empty(), "it is told once");
    assert!(throttle.admit(from(1), note(61)).is_some(), "another minute");
}

#[test]
fn an_account_and_each_network_have_a_minutes_worth_of_their_own() {
    let mut throttle = Throttle::default();
    let account = || Source::Account(AccountId(Uuid::from_u128(1)));
    for source in [account(), from(1), from(2)] {
        assert_eq!((0..61).filter(|_| throttle.admit(source.clone(), note(0)).is_some()).count(), 60);
    }
    assert_eq!(throttle.over(at(60), false).iter().map(|note| note.times).collect::<Vec<_>>(), [1; 3]);
}

#[test]
fn asking_for_the_count_does_not_begin_a_new_minute() {
    let mut throttle = Throttle::default();
    (0..61).for_each(|_| drop(throttle.admit(from(1), note(0))));
    assert_eq!(throttle.over(at(1), true).len(), 1);
    assert!(throttle.admit(from(1), note(2)).is_none());
}

#[test]
fn nobody_from_everywhere_leaves_so_many_at_the_most_in_so_many_counters() {
    let mut throttle = Throttle::default();
    let written = (0..10_000).filter(|number| throttle.admit(from(*number), note(0)).is_some()).count();
    assert_eq!(written, 1200);
    assert_eq!(throttle.windows.len(), SOURCES + 1);
    let told: u32 = throttle.over(at(60), false).iter().map(|note| note.times).sum();
    assert_eq!(told, 10_000 - 1200);
    assert!(throttle.windows.is_empty());
}
