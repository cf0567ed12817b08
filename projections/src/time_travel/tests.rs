use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::{
    Decider,
    identity::sign_in::{SignIn, SignInEvent},
    kernel::AccountId,
};
use journal::Position;

use super::{Limits, Past, TimeTravel, Unready};
use crate::{
    fixtures::{DEADLINE, World, id},
    identity::sign_ins,
};

const ANALYST: AccountId = AccountId(id(7));
const OTHER: AccountId = AccountId(id(8));
const ONE: AccountId = AccountId(id(1));

/// A journal with so many sign-ins, each in a microsecond of its own, and when they were.
async fn world(sign_ins: u128) -> (World, Vec<DateTime<Utc>>) {
    let world = World::new().await;
    let mut times: Vec<DateTime<Utc>> = Vec::new();
    for device in 1..=sign_ins {
        while times.last().is_some_and(|last| *last >= Utc::now() - TimeDelta::microseconds(2)) {
            tokio::task::yield_now().await;
        }
        let position = world.append(SignIn::STREAM, id(device), &[SignInEvent::opened(ONE)]).await;
        times.push(world.journal.read(Position(position.0 - 1), 1).await.expect("an event")[0].recorded_at);
    }
    (world, times)
}

fn travel(world: &World, limits: Limits) -> TimeTravel {
    TimeTravel::new(&world.file("past"), world.journal.clone(), Tz::UTC, limits).expect("a directory")
}

async fn open(travel: &TimeTravel, at: DateTime<Utc>) -> Arc<Past> {
    travel.open_within(ANALYST, at, &["sign_ins"], DEADLINE).await.expect("the past")
}

fn files(world: &World) -> usize {
    std::fs::read_dir(world.file("past")).expect("a directory").count()
}

#[tokio::test]
async fn the_past_is_what_it_was_and_instants_between_two_events_share_a_file() {
    let (world, times) = world(3).await;
    let travel = travel(&world, Limits::default());
    let second = open(&travel, times[1]).await;
    assert_eq!(sign_ins::open_of(second.db(), ONE).await.expect("a query").len(), 2);
    assert_eq!((second.position(), second.at()), (Position(2), Some(times[1])));
    let later = open(&travel, times[1] + TimeDelta::microseconds(1)).await;
    assert!(Arc::ptr_eq(&second, &later));
    assert_eq!(files(&world), 1);
    let beginning = open(&travel, DateTime::UNIX_EPOCH).await;
    assert_eq!((beginning.position(), beginning.at()), (Position(0), None));
    assert_eq!(sign_ins::open_of(beginning.db(), ONE).await.expect("a query").len(), 0);
}

#[tokio::test]
async fn builds_are_limited_for_each_account_and_in_all() {
    let (world, times) = world(4).await;
    let travel = travel(&world, Limits { builds: 2, per_account: 1, ..Limits::default() });
    let names = ["sign_ins"];
    // Nothing is built between these: there is but one thread, and builds have to wait for it.
    let first = travel.open(ANALYST, times[0], &names).await.err();
    assert!(matches!(first, Some(Unready::Building { progress }) if progress.until == Position(1)), "{first:?}");
    let again = travel.open(OTHER, times[0], &names).await.err();
    assert!(matches!(again, Some(Unready::Building { .. })), "somebody else's build is not counted: {again:?}");
    let second = travel.open(ANALYST, times[1], &names).await.err();
    let other = travel.open(OTHER, times[1], &names).await.err();
    let third = travel.open(AccountId(id(9)), times[2], &names).await.err();
    let told = (second, other, third);
    assert!(
        matches!(told, (Some(Unready::QuotaExceeded { limit: 1 }), Some(Unready::Building { .. }), Some(Unready::Busy { limit: 2 }))),
        "{told:?}"
    );
    let past = travel.open_within(OTHER, times[1], &names, DEADLINE).await.expect("the past");
    assert_eq!(past.position(), Position(2));
    let unknown = travel.open(ANALYST, times[0], &["scores"]).await.err().expect("no such read model");
    assert!(unknown.to_string().contains("scores"), "{unknown}");
}

#[tokio::test]
async fn what_was_used_longest_ago_goes_first_but_not_while_somebody_looks() {
    let (world, times) = world(3).await;
    let travel = travel(&world, Limits { files: 2, ..Limits::default() });
    let first = open(&travel, times[0]).await;
    drop(open(&travel, times[1]).await);
    drop(open(&travel, times[0]).await);
    drop(open(&travel, times[2]).await);
    assert_eq!(files(&world), 2, "the second is gone");
    drop(open(&travel, times[1]).await);
    assert_eq!(sign_ins::open_of(first.db(), ONE).await.expect("a query").len(), 1, "evicted, and still there for who holds it");
    assert_eq!(files(&world), 3);
    drop(first);
    assert_eq!(files(&world), 2);
}

#[tokio::test]
async fn bytes_are_limited_too_and_a_start_removes_what_was_left() {
    let (world, times) = world(2).await;
    std::fs::create_dir_all(world.file("past")).expect("a directory");
    std::fs::write(world.file("past/past-left.db"), "from before").expect("a file");
    let travel = travel(&world, Limits { bytes: 1, ..Limits::default() });
    assert_eq!(files(&world), 0);
    drop(open(&travel, times[0]).await);
    drop(open(&travel, times[1]).await);
    assert_eq!(files(&world), 1, "the latest stays");
    travel.close();
    assert_eq!(files(&world), 0);
}

#[tokio::test]
async fn a_build_that_fails_is_told_once_and_tried_again() {
    let (world, _) = world(1).await;
    let role = domain::identity::Role::Author.into();
    let revoked = domain::identity::account::AccountEvent::RoleRevoked { role, within: None, grants: domain::identity::Grants::default() };
    world.append(domain::identity::account::Account::STREAM, id(5), &[revoked]).await;
    let travel = travel(&world, Limits::default());
    for _ in 0..2 {
        let failed = travel.open_within(ANALYST, Utc::now(), &["accounts"], DEADLINE).await.err();
        assert!(matches!(&failed, Some(Unready::Failed(why)) if why.contains("accounts")), "{failed:?}");
    }
    assert_eq!(files(&world), 0);
    let others = travel.open_within(ANALYST, Utc::now(), &["sign_ins"], DEADLINE).await.expect("others can be built");
    assert_eq!(others.position(), Position(2));
}
