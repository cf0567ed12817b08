//! Environments on clusters.

use std::time::Duration;

use commands::Request;
use domain::{environments::environment::EnvironmentEvent, kernel::EnvironmentId};

use crate::{
    scripted::{Call, Fate, STEPS, terminal},
    stage::{DEADLINE, Stage, accepted},
};

/// Where an environment was placed, one after the other.
async fn nodes(stage: &Stage, environment: EnvironmentId) -> Vec<String> {
    let placed = |event| if let EnvironmentEvent::Placed(placement) = event { Some(placement.node) } else { None };
    stage.history(environment).await.into_iter().filter_map(placed).collect()
}

/// Waits for what cannot be waited for otherwise.
async fn eventually(what: &str, condition: impl AsyncFn() -> bool) {
    let met = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, met).await.unwrap_or_else(|_| panic!("not in time: {what}"));
}

#[tokio::test]
async fn clusters_share_what_comes_up_to_their_limits_and_the_rest_waits() {
    let stage = Stage::init().await;
    let (one, one_world) = stage.cluster("one", 3).await;
    let (two, two_world) = stage.cluster("two", 2).await;
    let _process = stage.start();
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(stage.request().await);
    }
    for environment in &all {
        stage.until(*environment, "ready").await;
    }
    assert_eq!((stage.taken(one).await, stage.taken(two).await), (3, 2));
    let waiting = [stage.request().await, stage.request().await];
    for ended in &all[..2] {
        stage.end(*ended).await;
        stage.until(*ended, "torn_down").await;
    }
    for environment in &waiting {
        stage.until(*environment, "ready").await;
    }
    assert_eq!((stage.taken(one).await, stage.taken(two).await), (3, 2));
    let standing = |environment: EnvironmentId| one_world.standing(environment).len() + two_world.standing(environment).len();
    assert_eq!(all.iter().chain(&waiting).map(|environment| standing(*environment)).sum::<usize>(), 5 * STEPS.len());
    assert!(stage.world.effects().is_empty(), "nothing is made on this host");
    for world in [one_world, two_world] {
        world.was_in_order();
    }
}

#[tokio::test]
async fn who_waits_is_served_when_a_cluster_opens() {
    let stage = Stage::init().await;
    let (cluster, _world) = stage.cluster("one", 1).await;
    let (admin, environments) = (Request::system("test"), &stage.commands.environments);
    accepted(environments.cordon_cluster(&admin, cluster).await);
    let _process = stage.start();
    let environment = stage.request().await;
    accepted(environments.uncordon_cluster(&admin, cluster).await);
    stage.until(environment, "ready").await;
    let last = stage.request().await;
    stage.end(last).await;
    stage.until(last, "torn_down").await;
    assert!(nodes(&stage, last).await.is_empty(), "who ends while it waits was nowhere");
    stage.cluster("two", 1).await;
    let next = stage.request().await;
    stage.until(next, "ready").await;
    assert_eq!(stage.taken(cluster).await, 1);
}

#[tokio::test]
async fn another_node_goes_on_with_what_a_dead_one_had_begun_on_a_cluster() {
    let stage = Stage::init().await;
    let (cluster, world) = stage.cluster("one", 5).await;
    world.fate(Call::Apply("home"), [Fate::Hangs]);
    let north = stage.start_node("north", Duration::from_mins(1));
    let environment = stage.request().await;
    world.begun(Call::Apply("home"), 1).await;
    north.crash().await;
    stage.forget_as(&format!("cluster/{cluster}"), "north").await;
    let _south = stage.start_node("south", Duration::from_mins(1));
    let names = stage.until(environment, "ready").await;
    assert!(!names.contains(&"Lost".to_owned()), "{names:?}");
    assert_eq!(names.iter().filter(|name| *name == "Placed").count(), 1, "{names:?}");
    assert_eq!(world.count(Call::Apply("network")), 1, "what was done stays done");
    assert_eq!((world.standing(environment), stage.taken(cluster).await), (STEPS.to_vec(), 1));
    world.was_in_order();
}

#[tokio::test]
async fn one_node_works_on_a_cluster_however_many_there_are() {
    let stage = Stage::init().await;
    let (cluster, world) = stage.cluster("one", 20).await;
    let _nodes = ["north", "south", "west"].map(|name| stage.start_node(name, Duration::from_mins(1)));
    let mut all = Vec::new();
    for _ in 0..12 {
        all.push(stage.request().await);
    }
    for &environment in &all {
        let names = stage.until(environment, "ready").await;
        assert_eq!(names.iter().filter(|name| *name == "Placed").count(), 1, "{names:?}");
        assert_eq!(names.iter().filter(|name| *name == "StepStarted").count(), STEPS.len(), "{names:?}");
    }
    for &environment in &all {
        stage.end(environment).await;
        stage.until(environment, "torn_down").await;
        assert!(world.standing(environment).is_empty());
    }
    assert_eq!(stage.taken(cluster).await, 0);
    world.was_in_order();
}

#[tokio::test]
async fn what_is_gone_is_undone_and_placed_again_and_leftovers_are_removed() {
    let stage = Stage::init().await;
    let (cluster, world) = stage.cluster("one", 5).await;
    let process = stage.start();
    let environment = stage.request().await;
    stage.until(environment, "ready").await;
    process.crash().await;
    world.lose(environment, "shell");
    let nobodys = EnvironmentId(uuid::Uuid::now_v7());
    world.place(nobodys, &["home"]);
    let _process = stage.start();
    eventually("it is placed again", async || nodes(&stage, environment).await.len() == 2).await;
    let names = stage.until(environment, "ready").await;
    assert_eq!(names.iter().filter(|name| *name == "Lost").count(), 1, "{names:?}");
    assert_eq!(stage.taken(cluster).await, 1, "it has one place again");
    eventually("leftovers are removed", async || world.standing(nobodys).is_empty()).await;
}

#[tokio::test]
async fn a_place_is_kept_while_a_teardown_is_stuck() {
    let stage = Stage::init().await;
    let (cluster, world) = stage.cluster("one", 5).await;
    let _process = stage.start();
    let environment = stage.request().await;
    stage.until(environment, "ready").await;
    world.fate(Call::Revert("home"), [terminal()]);
    stage.end(environment).await;
    stage.until(environment, "stuck").await;
    assert_eq!(stage.taken(cluster).await, 1);
    stage.record(environment, || domain::environments::environment::EnvironmentCommand::Resolve).await;
    stage.until(environment, "torn_down").await;
    assert_eq!(stage.taken(cluster).await, 0);
}

#[tokio::test]
async fn a_cluster_that_hangs_keeps_no_other_waiting() {
    let mut stage = Stage::init().await;
    stage.at_once = 1;
    let (_, slow) = stage.cluster("slow", 3).await;
    let (_, quick) = stage.cluster("quick", 3).await;
    slow.fate(Call::Apply(STEPS[0]), [Fate::Hangs]);
    let _process = stage.start();
    let mut all = Vec::new();
    for _ in 0..6 {
        all.push(stage.request().await);
    }
    let on_quick = async |environment: EnvironmentId| !quick.standing(environment).is_empty();
    eventually("all that are on the other one are ready", async || {
        let mut ready = 0;
        for environment in &all {
            ready += usize::from(on_quick(*environment).await && stage.state(*environment).await.state() == "ready");
        }
        ready == 3
    })
    .await;
    let waiting = all.iter().filter(|environment| quick.standing(**environment).is_empty());
    for environment in waiting {
        assert_eq!(stage.state(*environment).await.state(), "provisioning");
    }
    assert_eq!(slow.count(Call::Apply(STEPS[0])), 1, "one at a time");
}

#[tokio::test]
async fn leftovers_are_removed_where_no_environment_lives() {
    let stage = Stage::init().await;
    let (cluster, world) = stage.cluster("one", 3).await;
    let unknown = EnvironmentId(uuid::Uuid::now_v7());
    world.place(unknown, &[STEPS[0]]);
    let _process = stage.start();
    eventually("they are removed", async || stage.ledger_events(cluster).await.iter().any(|(name, _)| name == "ClusterLeftoversRemoved"))
        .await;
    assert!(world.standing(unknown).is_empty());
}

#[tokio::test]
async fn leftovers_on_a_cluster_are_removed_and_that_is_recorded() {
    let stage = Stage::init().await;
    let (cluster, world) = stage.cluster("one", 3).await;
    let first = stage.start();
    let (gone, lives) = (stage.request().await, stage.request().await);
    stage.until(gone, "ready").await;
    stage.until(lives, "ready").await;
    stage.end(gone).await;
    stage.until(gone, "torn_down").await;
    first.crash().await;
    let unknown = EnvironmentId(uuid::Uuid::now_v7());
    world.place(unknown, &[STEPS[1]]);
    world.place(gone, &[STEPS[0], STEPS[2]]);
    let _second = stage.start();
    let removed = async || {
        let events = stage.ledger_events(cluster).await;
        let removed = events.into_iter().filter(|(name, _)| name == "ClusterLeftoversRemoved");
        let mut removed: Vec<_> = removed.map(|(_, payload)| payload["LeftoversRemoved"]["environment"].clone()).collect();
        removed.sort_by_key(ToString::to_string);
        removed
    };
    eventually("both are recorded", async || removed().await.len() == 2).await;
    let mut expected = vec![serde_json::json!(unknown), serde_json::json!(gone)];
    expected.sort_by_key(ToString::to_string);
    assert_eq!(removed().await, expected);
    assert!(world.standing(unknown).is_empty() && world.standing(gone).is_empty());
    assert_eq!(world.standing(lives), STEPS);
}

#[tokio::test]
async fn what_is_left_of_an_environment_that_was_skipped_is_removed() {
    let stage = Stage::init().await;
    let process = stage.start();
    let environment = stage.request().await;
    stage.until(environment, "ready").await;
    stage.world.fate(Call::Revert("home"), [terminal()]);
    stage.end(environment).await;
    stage.until(environment, "stuck").await;
    process.crash().await;
    let skipped = stage.commands.environments.skip_environment(&commands::Request::system("test"), environment).await;
    crate::stage::accepted(skipped);
    assert!(!stage.world.standing(environment).is_empty(), "it is only taken for gone");
    let _process = stage.start();
    eventually("leftovers are removed", async || stage.world.standing(environment).is_empty()).await;
}
