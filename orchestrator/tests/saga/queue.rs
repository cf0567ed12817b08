//! Waiting for a place on a cluster.

use std::time::Duration;

use domain::{
    environments::environment::{EnvironmentEvent, TeardownReason},
    kernel::{ClusterId, EnvironmentId},
};
use futures_util::future::join_all;
use journal::{History, StreamId};
use projections::environments::environments;

use crate::{
    scripted::STEPS,
    stage::{DEADLINE, Stage},
};

/// How many wait for a place since before an environment was asked for, as its learner is shown it.
async fn ahead_of(stage: &Stage, environment: EnvironmentId) -> u64 {
    let head = stage.ledger.head().await.expect("a head");
    assert!(stage.projections.reached(head, DEADLINE).await);
    let row = environments::find(stage.projections.db(), environment).await.expect("readable").expect("a row");
    environments::waiting_before(stage.projections.db(), row.requested).await.expect("readable")
}

/// Those that were given places on a cluster, in order, and how many were taken each time that one was.
async fn places(stage: &Stage, cluster: ClusterId) -> (Vec<EnvironmentId>, Vec<u64>) {
    let events = stage.ledger_events(cluster).await;
    let reserved = events.into_iter().filter(|(name, _)| name == "ClusterPlaceReserved").map(|(_, payload)| payload);
    let read = |payload: serde_json::Value| {
        let payload = payload.get("PlaceReserved").unwrap_or(&payload);
        let environment: EnvironmentId = serde_json::from_value(payload["environment"].clone()).expect("an id");
        (environment, payload["taken"].as_u64().expect("a number"))
    };
    reserved.map(read).unzip()
}

#[tokio::test]
async fn those_that_wait_are_served_in_the_order_in_which_they_were_asked_for() {
    let stage = Stage::init().await;
    let (cluster, world) = stage.cluster("one", 1).await;
    let mut all = Vec::new();
    for _ in 0..4 {
        all.push(stage.request().await);
    }
    // All of them wait before anybody is served, as after a crash.
    let _process = stage.start();
    for (served, &environment) in all.iter().enumerate() {
        stage.until(environment, "ready").await;
        for (ahead, &waiting) in (0..).zip(&all[served + 1..]) {
            assert_eq!(ahead_of(&stage, waiting).await, ahead, "{served} were served");
        }
        stage.end(environment).await;
        stage.until(environment, "torn_down").await;
    }
    let (served, taken) = places(&stage, cluster).await;
    assert_eq!((served, taken), (all, vec![1; 4]));
    world.was_in_order();
}

#[tokio::test]
async fn who_comes_when_too_many_wait_is_refused() {
    let mut stage = Stage::init().await;
    stage.queue = 2;
    let (cluster, world) = stage.cluster("one", 1).await;
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(stage.request().await);
    }
    let _process = stage.start();
    let (taken, refused) = all.split_at(3);
    for &environment in refused {
        stage.until(environment, "torn_down").await;
        let history = stage.history(environment).await;
        let no_capacity =
            |event: &EnvironmentEvent| matches!(event, EnvironmentEvent::TeardownStarted { reason: TeardownReason::NoCapacity, .. });
        assert!(history.iter().any(no_capacity), "{history:?}");
        assert!(world.standing(environment).is_empty());
    }
    // Who gives up makes room for another that waits.
    stage.until(taken[0], "ready").await;
    stage.end(taken[2]).await;
    stage.until(taken[2], "torn_down").await;
    let last = stage.request().await;
    for environment in [taken[0], taken[1]] {
        stage.until(environment, "ready").await;
        stage.end(environment).await;
        stage.until(environment, "torn_down").await;
    }
    stage.until(last, "ready").await;
    assert_eq!(places(&stage, cluster).await.0, [taken[0], taken[1], last]);
}

#[tokio::test]
async fn starts_at_once_from_two_processes_never_take_more_places_than_there_are() {
    let stage = Stage::init().await;
    let limits = [3, 2];
    let ((one, one_world), (two, two_world)) = (stage.cluster("one", limits[0]).await, stage.cluster("two", limits[1]).await);
    let _processes = ["north", "south"].map(|name| stage.start_node(name, Duration::from_mins(1)));
    let all = join_all((0..15).map(|_| stage.request())).await;
    // Each ends as soon as it is there, so that places are taken while others are left.
    join_all(all.iter().map(async |&environment| {
        stage.until(environment, "ready").await;
        stage.end(environment).await;
        stage.until(environment, "torn_down").await;
    }))
    .await;
    let mut served = Vec::new();
    for (cluster, limit) in [one, two].into_iter().zip(limits) {
        let (environments, taken) = places(&stage, cluster).await;
        assert!(taken.iter().all(|taken| *taken <= u64::from(limit)), "at most {limit}: {taken:?}");
        assert_eq!(stage.taken(cluster).await, 0);
        served.extend(environments);
    }
    served.sort_unstable();
    let mut expected = all.clone();
    expected.sort_unstable();
    assert_eq!(served, expected, "each has had one place");
    for &environment in &all {
        let recorded = stage.ledger.load(&StreamId::new("environment", environment.into()), 0).await.expect("readable");
        assert_eq!(recorded.iter().filter(|event| event.name == "EnvironmentStepStarted").count(), STEPS.len());
        assert!(one_world.standing(environment).is_empty() && two_world.standing(environment).is_empty());
    }
    for world in [one_world, two_world] {
        world.was_in_order();
    }
}
