//! Several nodes on one journal.

use std::time::Duration;

use domain::environments::environment::EnvironmentEvent;

use crate::{
    scripted::STEPS,
    stage::{DEADLINE, Stage},
};

async fn nodes(stage: &Stage, environment: domain::kernel::EnvironmentId) -> Vec<String> {
    let placed = |event| if let EnvironmentEvent::Placed(placement) = event { Some(placement.node) } else { None };
    stage.history(environment).await.into_iter().filter_map(placed).collect()
}

#[tokio::test]
async fn each_environment_is_made_and_unmade_by_one_node() {
    let stage = Stage::init().await;
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
        let names = stage.until(environment, "torn_down").await;
        assert_eq!(names.iter().filter(|name| *name == "TornDown").count(), 1, "{names:?}");
        assert!(stage.world.standing(environment).is_empty());
    }
    stage.world.was_in_order();
}

#[tokio::test]
async fn a_node_leaves_the_environments_of_a_living_one_alone_and_inherits_those_of_a_dead_one() {
    let stage = Stage::init().await;
    let north = stage.start_node("north", Duration::from_mins(1));
    let environment = stage.request().await;
    stage.until(environment, "ready").await;
    north.crash().await;
    for step in STEPS {
        stage.world.lose(environment, step);
    }
    let before = stage.names(environment).await.len();
    // It still holds its lease, so it is not taken for dead yet: a node that starts now leaves its environment alone.
    let south = stage.start_node("south", Duration::from_mins(1));
    let other = stage.request().await;
    stage.until(other, "ready").await;
    assert_eq!(stage.names(environment).await.len(), before);
    south.crash().await;

    stage.forget("node/north").await;
    let _west = stage.start_node("west", Duration::from_mins(1));
    let again = async {
        while nodes(&stage, environment).await.len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, again).await.expect("it is inherited");
    stage.until(environment, "ready").await;
    assert_eq!(nodes(&stage, environment).await, ["north", "west"]);
    assert_eq!(stage.world.standing(environment), STEPS);
}
