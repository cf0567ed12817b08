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

/// One of another kind.
fn of(seconds: i64, operation: &str, verdict: Verdict) -> Box<Note> {
    Box::new(Note { operation: operation.into(), verdict, ..*note(seconds) })
}

#[test]
fn of_each_kind_it_is_told_how_many_there_were() {
    let mut throttle = Throttle::default();
    (0..60).for_each(|_| drop(throttle.admit(from(1), note(0))));
    for (operation, verdict, times) in [
        ("roleGrant", Verdict::Refused, 3),
        ("roleGrant", Verdict::Failed, 2),
        ("signIn", Verdict::Refused, 4),
        ("ping", Verdict::Accepted, 1),
    ] {
        (0..times).for_each(|_| assert!(throttle.admit(from(1), of(1, operation, verdict)).is_none()));
    }
    let told = throttle.over(at(60), false);
    let kinds: Vec<_> = told.iter().map(|note| (note.operation.as_str(), note.verdict, note.times)).collect();
    let expected = [
        ("roleGrant", Verdict::Refused, 3),
        ("roleGrant", Verdict::Failed, 2),
        ("signIn", Verdict::Refused, 4),
        ("ping", Verdict::Accepted, 1),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(told[3].reason, note(0).reason, "one by itself is what it is");
}

#[test]
fn kinds_beyond_those_that_are_told_apart_are_one() {
    let mut throttle = Throttle::default();
    (0..60).for_each(|_| drop(throttle.admit(from(1), note(0))));
    (0..20).for_each(|number| drop(throttle.admit(from(1), of(1, &format!("operation{number}"), Verdict::Refused))));
    let told = throttle.over(at(60), false);
    assert_eq!((told.len(), told[8].times, told[8].reason.as_deref()), (9, 12, Some(OTHERS)));
    assert_eq!(throttle.kinds, 0);
}

#[test]
fn kinds_of_all_sources_are_bounded() {
    let mut throttle = Throttle::default();
    let sources = u32::try_from(SOURCES).expect("few");
    (0..sources).for_each(|number| {
        let account = || Source::Account(AccountId(Uuid::from_u128(number.into())));
        (0..60).for_each(|_| drop(throttle.admit(account(), note(0))));
        (0..4).for_each(|kind| drop(throttle.admit(account(), of(1, &format!("operation{kind}"), Verdict::Refused))));
    });
    assert_eq!(throttle.kinds, ALL_KINDS);
    let told = throttle.over(at(60), false);
    assert!(told.len() <= 2 * SOURCES + ALL_KINDS, "{}", told.len());
    assert_eq!(told.iter().map(|note| note.times).sum::<u32>(), 4 * sources, "none is forgotten");
    assert_eq!(throttle.kinds, 0);
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
