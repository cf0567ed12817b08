mod capacity;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use uuid::Uuid;

use super::{
    Assessment, Capacity, Cluster, ClusterCommand as Do, ClusterEvent as Did, Credentials, CredentialsKind, Endpoint, Health, Observation,
    Profile, Registration, Rejection, Streak,
};
use crate::{
    Decider,
    kernel::{CredentialsId, EnvironmentId, Timestamp},
};

const ONE: EnvironmentId = EnvironmentId(Uuid::from_u128(1));
const TWO: EnvironmentId = EnvironmentId(Uuid::from_u128(2));

fn profile(limit: Option<u32>) -> Profile {
    Profile::try_new("frankfurt-1", BTreeMap::new(), 100, limit).expect("a profile")
}

fn credentials(version: u32) -> Credentials {
    Credentials {
        id: CredentialsId(Uuid::from_u128(version.into())),
        version,
        kind: CredentialsKind::Token,
        fingerprint: format!("fingerprint {version}"),
        expires_at: None,
    }
}

fn endpoint(host: &str) -> Endpoint {
    Endpoint { server: format!("https://{host}.example.org"), context: None }
}

fn assessment(version: &str) -> Assessment {
    Assessment { version: version.to_owned(), capacity: Capacity::default(), has_metrics: true, warnings: vec![] }
}

fn register(limit: Option<u32>) -> Do {
    let registration =
        Registration { profile: profile(limit), endpoint: endpoint("one"), credentials: credentials(1), assessment: assessment("v1.36.0") };
    Do::Register(Box::new(registration))
}

fn rotate(host: &str, version: u32) -> Do {
    Do::RotateCredentials { endpoint: endpoint(host), credentials: credentials(version), assessment: assessment("v1.36.0") }
}

const fn reserve(environment: EnvironmentId) -> Do {
    Do::Reserve { environment }
}

const fn release(environment: EnvironmentId) -> Do {
    Do::Release { environment }
}

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(second)
}

/// What is seen each second.
fn streak(seen: &[Health]) -> Streak {
    let look = |(second, health): (i64, &Health)| Observation { health: *health, reason: format!("reason {second}"), at: at(second) };
    let streak = (0..).zip(seen).map(look).fold(None, |streak, seen| Some(Streak::after(streak, seen)));
    streak.expect("something was seen")
}

fn observe(seen: &[Health]) -> Do {
    Do::Observe(streak(seen))
}

/// A cluster for which these commands were accepted and did something.
fn after(commands: impl IntoIterator<Item = Do>) -> Cluster {
    commands.into_iter().fold(Cluster::Absent, |mut cluster, command| {
        let events = cluster.decide(command, Timestamp::UNIX_EPOCH).expect("a command that is accepted");
        assert!(!events.is_empty(), "a command that does something");
        for event in &events {
            cluster.evolve(event);
        }
        cluster
    })
}

/// A registered cluster, and then this.
fn when<const N: usize>(history: [Do; N], command: Do) -> Result<Vec<Did>, Rejection> {
    after([register(Some(2))].into_iter().chain(history)).decide(command, Timestamp::UNIX_EPOCH)
}

fn wrong(state: &str) -> Result<Vec<Did>, Rejection> {
    Err(Rejection::ClusterWrongState { state: state.to_owned() })
}

fn closed(state: &str) -> Result<Vec<Did>, Rejection> {
    Err(Rejection::ClusterClosed { state: state.to_owned() })
}

#[test]
fn a_cluster_is_registered_once() {
    let Do::Register(registration) = register(None) else { panic!("a registration") };
    assert_eq!(Cluster::Absent.decide(register(None), Timestamp::UNIX_EPOCH), Ok(vec![Did::Registered(registration)]));
    assert_eq!(when([], register(None)), wrong("open"));
}

#[test]
fn what_is_no_cluster_takes_no_command() {
    for command in [Do::Cordon, Do::Drain, Do::Remove { force: true }, Do::FinishRemoval, reserve(ONE), release(ONE)] {
        assert_eq!(Cluster::Absent.decide(command, Timestamp::UNIX_EPOCH), Err(Rejection::ClusterNotFound));
    }
    for command in [register(None), Do::Cordon, Do::Uncordon, Do::Drain, rotate("one", 2), reserve(ONE), observe(&[Health::Degraded; 3])] {
        assert_eq!(Cluster::Removed.decide(command, Timestamp::UNIX_EPOCH), Err(Rejection::ClusterNotFound));
    }
    for command in [Do::Remove { force: false }, Do::FinishRemoval, release(ONE)] {
        assert_eq!(Cluster::Removed.decide(command, Timestamp::UNIX_EPOCH), Ok(vec![]), "what is done already is done");
    }
}

#[test]
fn what_is_said_again_changes_nothing() {
    assert_eq!(when([], Do::Revise { profile: profile(Some(3)) }), Ok(vec![Did::Revised { profile: profile(Some(3)) }]));
    assert_eq!(when([], Do::Revise { profile: profile(Some(2)) }), Ok(vec![]));
    let newer = assessment("v1.37.0");
    assert_eq!(when([], Do::Assess { assessment: newer.clone() }), Ok(vec![Did::Assessed { assessment: newer }]));
    assert_eq!(when([], Do::Assess { assessment: assessment("v1.36.0") }), Ok(vec![]));
    assert_eq!(when([], rotate("one", 1)), Ok(vec![]), "the same credentials");
}

#[test]
fn credentials_are_rotated_one_version_at_a_time() {
    let Do::RotateCredentials { endpoint, credentials, assessment } = rotate("one", 2) else { panic!("a rotation") };
    assert_eq!(when([], rotate("one", 2)), Ok(vec![Did::CredentialsRotated { endpoint, credentials, assessment }]));
    assert_eq!(when([], rotate("one", 3)), Err(Rejection::RotatedMeanwhile));
    assert_eq!(when([rotate("one", 2)], rotate("two", 2)), Err(Rejection::RotatedMeanwhile));
    assert!(when([rotate("one", 2)], rotate("one", 3)).is_ok_and(|events| events.len() == 1));
}

#[test]
fn a_cluster_moves_to_another_server_only_while_nobody_lives_there() {
    assert!(when([], rotate("two", 2)).is_ok_and(|events| events.len() == 1));
    let refused = Err(Rejection::ServerDiffers { server: "https://one.example.org".to_owned() });
    assert_eq!(when([reserve(ONE)], rotate("two", 2)), refused);
}

#[test]
fn places_are_taken_up_to_the_limit_and_each_once() {
    assert_eq!(when([], reserve(ONE)), Ok(vec![Did::PlaceReserved { environment: ONE, taken: 1 }]));
    assert_eq!(when([reserve(ONE)], reserve(ONE)), Ok(vec![]));
    assert_eq!(when([reserve(ONE)], reserve(TWO)), Ok(vec![Did::PlaceReserved { environment: TWO, taken: 2 }]));
    let three = reserve(EnvironmentId(Uuid::from_u128(3)));
    assert_eq!(when([reserve(ONE), reserve(TWO)], three), Err(Rejection::ClusterFull { limit: 2 }));
    assert_eq!(when([reserve(ONE), reserve(TWO)], release(ONE)), Ok(vec![Did::PlaceReleased { environment: ONE, taken: 1 }]));
    assert_eq!(when([reserve(ONE)], release(TWO)), Ok(vec![]), "it has none");
}

#[test]
fn a_lower_limit_sends_nobody_away() {
    let lowered = [reserve(ONE), reserve(TWO), Do::Revise { profile: profile(Some(1)) }];
    let refused = when(lowered, reserve(EnvironmentId(Uuid::from_u128(3))));
    assert_eq!(refused, Err(Rejection::ClusterFull { limit: 1 }));
}

#[test]
fn a_cordoned_cluster_takes_nobody_until_it_is_uncordoned() {
    assert_eq!(when([], Do::Cordon), Ok(vec![Did::Cordoned]));
    assert_eq!(when([Do::Cordon], Do::Cordon), Ok(vec![]));
    assert_eq!(when([Do::Cordon], reserve(ONE)), closed("cordoned"));
    assert_eq!(when([reserve(ONE), Do::Cordon], reserve(ONE)), Ok(vec![]), "it has a place already");
    assert_eq!(when([Do::Cordon], Do::Uncordon), Ok(vec![Did::Uncordoned]));
    assert_eq!(when([], Do::Uncordon), Ok(vec![]));
    assert!(when([Do::Cordon, Do::Uncordon], reserve(ONE)).is_ok());
}

#[test]
fn a_cluster_is_drained_when_the_last_has_left() {
    assert_eq!(when([], Do::Drain), Ok(vec![Did::DrainStarted { live: 0 }, Did::Drained]));
    assert_eq!(when([reserve(ONE), Do::Cordon], Do::Drain), Ok(vec![Did::DrainStarted { live: 1 }]));
    assert_eq!(when([reserve(ONE), Do::Drain], Do::Drain), Ok(vec![]));
    assert_eq!(when([reserve(ONE), Do::Drain], reserve(TWO)), closed("draining"));
    let last = Did::PlaceReleased { environment: ONE, taken: 0 };
    assert_eq!(when([reserve(ONE), Do::Drain], release(ONE)), Ok(vec![last.clone(), Did::Drained]));
    assert_eq!(when([reserve(ONE)], release(ONE)), Ok(vec![last]));
    assert_eq!(when([Do::Drain], Do::Uncordon), Ok(vec![Did::Uncordoned]));
}

#[test]
fn a_cluster_where_environments_live_is_removed_by_force_only_and_not_before_they_are_gone() {
    assert_eq!(when([reserve(ONE)], Do::Remove { force: false }), Err(Rejection::EnvironmentsLive { live: 1 }));
    assert_eq!(when([reserve(ONE)], Do::Remove { force: true }), Ok(vec![Did::RemovalStarted { live: 1 }]));
    let removing = || [reserve(ONE), Do::Remove { force: true }];
    assert_eq!(when(removing(), Do::FinishRemoval), Err(Rejection::EnvironmentsLive { live: 1 }));
    assert_eq!(when(removing(), Do::Remove { force: true }), Ok(vec![]));
    assert_eq!(when(removing(), reserve(TWO)), closed("removing"));
    for command in [Do::Cordon, Do::Uncordon, Do::Drain] {
        assert_eq!(when(removing(), command), wrong("removing"));
    }
    let [reserved, removed] = removing();
    assert_eq!(when([reserved, removed, release(ONE)], Do::FinishRemoval), Ok(vec![Did::Removed]));
}

#[test]
fn an_empty_cluster_is_removed_without_force() {
    assert_eq!(when([], Do::Remove { force: false }), Ok(vec![Did::RemovalStarted { live: 0 }]));
    assert_eq!(when([Do::Remove { force: false }], Do::FinishRemoval), Ok(vec![Did::Removed]));
    assert_eq!(when([], Do::FinishRemoval), wrong("open"));
}

#[test]
fn trouble_counts_when_it_was_seen_three_times_and_recovery_when_it_was_twice() {
    use Health::{Degraded, Healthy, Unreachable};
    let unreachable = Did::Unreachable { reason: "reason 2".to_owned(), since: at(0) };
    assert_eq!(when([], observe(&[Unreachable; 2])), Ok(vec![]));
    assert_eq!(when([], observe(&[Unreachable; 3])), Ok(vec![unreachable]));
    assert_eq!(when([], observe(&[Unreachable, Unreachable, Healthy, Unreachable])), Ok(vec![]), "it flaps");
    let down = || observe(&[Unreachable; 3]);
    assert_eq!(when([down()], observe(&[Unreachable; 9])), Ok(vec![]), "only what changes");
    assert_eq!(when([down()], observe(&[Unreachable, Healthy])), Ok(vec![]));
    assert_eq!(when([down()], observe(&[Unreachable, Healthy, Healthy])), Ok(vec![Did::Recovered { since: at(1) }]));
    let degraded = Did::Degraded { reason: "reason 2".to_owned(), since: at(0) };
    assert_eq!(when([down()], observe(&[Degraded; 3])), Ok(vec![degraded]));
}

#[test]
fn a_cluster_that_cannot_be_reached_takes_nobody() {
    let down = || observe(&[Health::Unreachable; 3]);
    assert_eq!(when([down()], reserve(ONE)), Err(Rejection::ClusterUnreachable));
    assert!(when([observe(&[Health::Degraded; 3])], reserve(ONE)).is_ok());
    assert!(when([down(), observe(&[Health::Healthy; 2])], reserve(ONE)).is_ok());
}

#[test]
fn a_profile_is_checked_field_by_field() {
    let refused = |name: &str, label: (&str, &str), weight, limit| {
        let labels = BTreeMap::from([(label.0.to_owned(), label.1.to_owned())]);
        Profile::try_new(name, labels, weight, limit).expect_err("refused")
    };
    let fine = ("region", "eu-central_1.A");
    for name in ["", "-a", "a-", "A", "a b", "ä", &"a".repeat(64)] {
        assert_eq!(refused(name, fine, 1, None), Rejection::NameInvalid, "{name}");
    }
    for label in [("", ""), ("Region", ""), ("a b", ""), ("region", "eu central")] {
        assert_eq!(refused("a", label, 1, None), Rejection::LabelInvalid { label: label.0.to_owned() });
    }
    for (weight, limit, rejection) in [
        (0, None, Rejection::WeightInvalid),
        (1001, None, Rejection::WeightInvalid),
        (1, Some(0), Rejection::LimitInvalid),
        (1, Some(100_001), Rejection::LimitInvalid),
    ] {
        assert_eq!(refused("a", fine, weight, limit), rejection);
    }
    let many = (0..33).map(|number| (format!("label-{number:02}"), String::new())).collect();
    assert_eq!(Profile::try_new("a", many, 1, None), Err(Rejection::LabelInvalid { label: "label-32".to_owned() }));
    assert!(Profile::try_new(&"a".repeat(63), BTreeMap::new(), 1000, Some(100_000)).is_ok());
}

#[test]
fn what_was_left_behind_is_recorded_each_time_and_what_has_a_place_is_no_leftover() {
    let report = || Do::ReportLeftovers { environment: ONE };
    let removed = Ok(vec![Did::LeftoversRemoved { environment: ONE }]);
    assert_eq!(when([], report()), removed);
    assert_eq!(when([report()], report()), removed, "it came back");
    assert_eq!(when([reserve(ONE)], report()), Ok(vec![]));
    assert_eq!(when([Do::Remove { force: false }, Do::FinishRemoval], report()), Err(Rejection::ClusterNotFound));
}
