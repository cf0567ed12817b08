use domain::{
    environments::environment::{Request, TeardownReason},
    kernel::{AccountId, Digest, SessionId, WorkshopId},
};
use serde_json::json;

use super::*;

const ONE: EnvironmentId = EnvironmentId(Uuid::from_u128(1));
const FIRST: ClusterId = ClusterId(Uuid::from_u128(11));
const SECOND: ClusterId = ClusterId(Uuid::from_u128(12));
const SESSION: SessionId = SessionId(Uuid::from_u128(21));

fn begin(facts: impl IntoIterator<Item = (Uuid, Fact)>) -> Promises {
    let mut promises = Promises::begin([(FIRST, 0), (SECOND, 1)].into(), 2);
    for (stream, fact) in facts {
        promises.fact(stream, &fact, DateTime::UNIX_EPOCH);
    }
    promises
}

fn reserved(cluster: ClusterId, taken: u32) -> (Uuid, Fact) {
    (cluster.0, Fact::Cluster(ClusterEvent::PlaceReserved { environment: ONE, taken }))
}

fn released(cluster: ClusterId) -> (Uuid, Fact) {
    (cluster.0, Fact::Cluster(ClusterEvent::PlaceReleased { environment: ONE, taken: 0 }))
}

fn of(event: EnvironmentEvent) -> (Uuid, Fact) {
    (ONE.0, Fact::Environment(event))
}

fn requested() -> (Uuid, Fact) {
    let content = Digest::from([7; 32]);
    let (learner, workshop) = (AccountId(Uuid::from_u128(31)), WorkshopId(Uuid::from_u128(41)));
    of(EnvironmentEvent::Requested(Request { session: SESSION, learner, workshop, content, expires_at: DateTime::UNIX_EPOCH }))
}

fn ready() -> (Uuid, Fact) {
    of(EnvironmentEvent::Ready { session: SESSION })
}

fn torn_down() -> [(Uuid, Fact); 2] {
    let (session, reason) = (SESSION, TeardownReason::SessionAbandoned);
    [of(EnvironmentEvent::TeardownStarted { session, reason }), of(EnvironmentEvent::TornDown { session, reason })]
}

fn report(first: &[String], second: &[String]) -> Report {
    let cluster = |names: &[String]| json!({ "namespaces": names, "requests": 0, "struck": 0 });
    serde_json::from_value(json!({ "clusters": [cluster(first), cluster(second)] })).expect("a report")
}

fn both() -> Vec<String> {
    vec!["default".into(), workbench_namespace(ONE), learner_namespace(ONE)]
}

#[test]
fn what_goes_as_it_should_breaks_nothing() {
    let mut promises = begin([requested(), reserved(FIRST, 1), ready()]);
    assert_eq!((promises.settled(), promises.gone()), (1, 0));
    promises.all_settled(1, true);
    promises.compare(&report(&both(), &[]));
    for (stream, fact) in torn_down().into_iter().chain([released(FIRST)]) {
        promises.fact(stream, &fact, DateTime::UNIX_EPOCH);
    }
    assert_eq!(promises.gone(), 1);
    promises.compare(&report(&["default".into()], &[]));
    assert_eq!(promises.broken(), Vec::<String>::new());
}

#[test]
fn one_place_too_many_is_told() {
    let broken = begin([requested(), reserved(FIRST, 3)]).broken();
    assert!(broken.len() == 1 && broken[0].contains("3 places"), "{broken:?}");
}

#[test]
fn a_place_on_two_clusters_and_two_environments_for_one_session_are_told() {
    let broken = begin([requested(), reserved(FIRST, 1), reserved(SECOND, 1), ready(), ready()]).broken();
    assert!(broken.len() == 2 && broken[0].contains("another") && broken[1].contains("twice"), "{broken:?}");
    let again = [requested(), reserved(FIRST, 1), ready(), of(EnvironmentEvent::Lost { session: SESSION }), released(FIRST)];
    let broken = begin(again.into_iter().chain([reserved(SECOND, 1), ready()])).broken();
    assert_eq!(broken, Vec::<String>::new(), "one that was lost is made again");
}

#[test]
fn orphans_and_what_is_missing_are_told() {
    let mut promises = begin([requested(), reserved(FIRST, 1), ready()]);
    promises.compare(&report(&both()[..2], &both()[2..]));
    let broken = promises.broken();
    assert_eq!(broken.len(), 2, "{broken:?}");
    assert!(broken[0].contains("is not on cluster 1") && broken[1].contains("orphan on cluster 2"), "{broken:?}");
}

#[test]
fn what_is_not_done_in_time_is_told_with_the_reason() {
    let stuck = of(EnvironmentEvent::Stuck { session: SESSION, reason: "a finalizer".into() });
    let [begun, _] = torn_down();
    let mut promises = begin([requested(), reserved(FIRST, 1), begun, stuck]);
    promises.all_settled(1, false);
    promises.all_gone(1, false);
    let broken = promises.broken().join("\n");
    assert!(
        broken.contains("only 0 of 1 became ready") && broken.contains("only 0 of 1 are gone") && broken.contains("a finalizer"),
        "{broken}"
    );
}
