use domain::{
    Decider,
    environments::{
        cluster::{
            Assessment, Capacity, Cluster, ClusterEvent as Did, ClusterName, Credentials, CredentialsKind, Endpoint, Health, Profile,
            Registration, Schedule,
        },
        roster::{Roster, RosterEvent},
    },
    fact::Fact,
    kernel::{ClusterId, CredentialsId, EnvironmentId, Mebibytes, Millicores},
};

use super::{Entity, Model, find, find_many, page, registered, total};
use crate::{
    column::{Json, Word},
    fixtures::{World, catch_up, id, recorded, rows, second},
    read_model::{MissingRow, ReadModel},
};

fn profile(name: &str, limit: Option<u32>) -> Profile {
    Profile::try_new(name, [("region".to_owned(), "eu".to_owned())].into(), 50, limit).expect("a profile")
}

fn credentials(version: u32) -> Credentials {
    let (kind, expires_at) = (CredentialsKind::Token, (version > 1).then(|| second(1000)));
    Credentials { id: CredentialsId(id(version.into())), version, kind, fingerprint: format!("fingerprint {version}"), expires_at }
}

fn endpoint(host: &str) -> Endpoint {
    Endpoint { server: format!("https://{host}.example.org"), context: None }
}

fn assessment(version: &str) -> Assessment {
    let capacity = Capacity { nodes: 2, cpu: Millicores(8000), memory: Mebibytes(16_384), storage: Mebibytes(100_000), pods: 110 };
    Assessment { version: version.to_owned(), capacity, has_metrics: true, warnings: vec!["a warning".to_owned()] }
}

fn register(name: &str) -> Did {
    let (profile, endpoint) = (profile(name, Some(3)), endpoint(name));
    Did::Registered(Box::new(Registration { profile, endpoint, credentials: credentials(1), assessment: assessment("v1.36.0") }))
}

/// Registered at second 1.
fn blank() -> Model {
    Model {
        cluster: id(1),
        name: "frankfurt".into(),
        server: "https://frankfurt.example.org".into(),
        context: None,
        labels: Json([("region".to_owned(), "eu".to_owned())].into()),
        weight: 50,
        place_limit: Some(3),
        taken: 0,
        is_default: false,
        schedule: Word(Schedule::Open),
        health: Word(Health::Healthy),
        health_reason: None,
        health_since: second(1),
        credentials_kind: Word(CredentialsKind::Token),
        credentials_version: 1,
        credentials_fingerprint: "fingerprint 1".into(),
        credentials_at: second(1),
        credentials_expire_at: None,
        version: "v1.36.0".into(),
        nodes: 2,
        cpu: 8000,
        memory: 16_384,
        storage: 100_000,
        pods: 110,
        has_metrics: true,
        warnings: Json(vec!["a warning".into()]),
        short_of: Json::default(),
        assessed_at: second(1),
        registered_at: second(1),
        removed_at: None,
    }
}

/// The row after the registration and these.
fn after(events: &[Did]) -> Model {
    let events = [register("frankfurt")].into_iter().chain(events.iter().cloned());
    let events: Vec<_> = (1..).zip(events).map(|(position, event)| recorded(position, id(1), event)).collect();
    rows(&Entity, &events).remove(0)
}

#[test]
fn a_cluster_is_as_it_was_registered_revised_and_found_last() {
    assert_eq!(after(&[]), blank());
    let revised = Model { name: "hamburg".into(), place_limit: None, ..blank() };
    assert_eq!(after(&[Did::Revised { profile: profile("hamburg", None) }]), revised);
    let found = Model { version: "v1.37.0".into(), assessed_at: second(2), ..blank() };
    assert_eq!(after(&[Did::Assessed { assessment: assessment("v1.37.0") }]), found);
    let rotated = Did::CredentialsRotated { endpoint: endpoint("other"), credentials: credentials(2), assessment: assessment("v1.36.0") };
    let with_others = Model {
        server: "https://other.example.org".into(),
        credentials_version: 2,
        credentials_fingerprint: "fingerprint 2".into(),
        credentials_at: second(2),
        credentials_expire_at: Some(second(1000)),
        assessed_at: second(2),
        ..blank()
    };
    assert_eq!(after(&[rotated]), with_others);
}

#[test]
fn a_cluster_shows_what_it_takes_and_what_is_taken() {
    let schedule = |events: &[Did]| after(events).schedule.0;
    assert_eq!(schedule(&[Did::Cordoned]), Schedule::Cordoned);
    assert_eq!(schedule(&[Did::Cordoned, Did::Uncordoned]), Schedule::Open);
    assert_eq!(schedule(&[Did::DrainStarted { live: 0 }, Did::Drained]), Schedule::Draining);
    assert_eq!(schedule(&[Did::RemovalStarted { live: 0 }]), Schedule::Removing);
    assert_eq!(after(&[Did::RemovalStarted { live: 0 }, Did::Removed]).removed_at, Some(second(3)));
    let environment = EnvironmentId(id(9));
    let reserved = [Did::PlaceReserved { environment, taken: 2 }, Did::PlaceReleased { environment, taken: 1 }];
    assert_eq!((after(&reserved[..1]).taken, after(&reserved).taken), (2, 1));
}

#[test]
fn a_cluster_shows_how_it_does_and_since_when() {
    let health = |events: &[Did]| {
        let row = after(events);
        (row.health.0, row.health_reason, row.health_since)
    };
    let down = Did::Unreachable { reason: "no answer".into(), since: second(20) };
    let ill = Did::Degraded { reason: "a node is gone".into(), since: second(30) };
    assert_eq!(health(std::slice::from_ref(&down)), (Health::Unreachable, Some("no answer".into()), second(20)));
    assert_eq!(health(&[down, ill.clone()]), (Health::Degraded, Some("a node is gone".into()), second(30)));
    assert_eq!(health(&[ill, Did::Recovered { since: second(40) }]), (Health::Healthy, None, second(40)));
}

#[test]
fn one_cluster_is_the_default() {
    let change = |default: Option<u128>, previous: Option<u128>| {
        let cluster = |number: u128| ClusterId(id(number));
        Fact::from(RosterEvent::DefaultChanged { default: default.map(cluster), previous: previous.map(cluster) })
    };
    let mut events = vec![recorded(1, id(1), register("frankfurt")), recorded(2, id(2), register("berlin"))];
    let defaults = |events: &[_]| rows(&Entity, events).iter().map(|row| row.is_default).collect::<Vec<_>>();
    events.push(recorded(3, Roster::ID, change(Some(1), None)));
    assert_eq!(defaults(&events), [true, false]);
    events.push(recorded(4, Roster::ID, change(Some(2), Some(1))));
    assert_eq!(defaults(&events), [false, true]);
    events.push(recorded(5, Roster::ID, change(None, Some(2))));
    assert_eq!(defaults(&events), [false, false]);
    let named = RosterEvent::Named { cluster: ClusterId(id(1)), name: ClusterName::try_new("frankfurt").expect("a name") };
    assert!(Entity.keys(&recorded(1, Roster::ID, named)).is_empty());
    assert!(Entity.keys(&recorded(1, Roster::ID, RosterEvent::Dismissed { cluster: ClusterId(id(1)) })).is_empty());
}

#[test]
fn nothing_follows_a_cluster_that_was_never_registered() {
    let default = RosterEvent::DefaultChanged { default: Some(ClusterId(id(1))), previous: None };
    for fact in [Fact::from(Did::Cordoned), Did::Removed.into(), Did::Drained.into(), default.into()] {
        assert_eq!(Entity.fold(&id(1), None, &recorded(1, id(1), fact)), Err(MissingRow));
    }
}

#[tokio::test]
async fn registered_clusters_are_listed_and_removed_ones_are_still_found() {
    let world = World::new().await;
    for (number, name) in [(1, "frankfurt"), (2, "berlin"), (3, "aachen")] {
        world.append(Cluster::STREAM, id(number), &[register(name)]).await;
    }
    world.append(Cluster::STREAM, id(2), &[Did::RemovalStarted { live: 0 }, Did::Removed]).await;
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, world.head().await).await;
    let db = projections.db();
    let names = |rows: &[Model]| rows.iter().map(|row| row.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&registered(db).await.expect("rows")), ["aachen", "frankfurt"]);
    let first = page(db, None, 1).await.expect("a page");
    let second = page(db, first.rows.last().map(Model::after), 1).await.expect("a page");
    assert_eq!((first.more, second.more), (true, false));
    let mut both = names(&[first.rows, second.rows].concat());
    both.sort();
    assert_eq!((both, total(db).await.expect("a number")), (vec!["aachen".to_owned(), "frankfurt".to_owned()], 2));
    assert!(find(db, ClusterId(id(2))).await.expect("a query").is_some_and(|row| row.removed_at.is_some()));
    assert_eq!(find_many(db, &[ClusterId(id(1)), ClusterId(id(9))]).await.expect("rows").len(), 1);
}
