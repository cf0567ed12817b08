//! Unmaking environments.

use std::time::Duration;

use domain::environments::environment::{Environment, EnvironmentCommand, EnvironmentEvent};

use crate::{
    scripted::{
        Call::{Apply, Observe, Revert},
        Fate, STEPS, terminal, transient,
    },
    stage::Stage,
};

#[tokio::test]
async fn what_was_made_is_undone_in_reverse() {
    let stage = Stage::init().await;
    let _process = stage.start();
    let environment = stage.request().await;
    stage.until(environment, "ready").await;
    stage.end(environment).await;
    let names = stage.until(environment, "torn_down").await;
    assert_eq!(names[names.len() - 3..], ["Ready", "TeardownStarted", "TornDown"]);
    assert_eq!(stage.world.effects()[3..], [Revert("shell"), Revert("home"), Revert("network")]);
    assert!(stage.world.standing(environment).is_empty());
}

#[tokio::test]
async fn an_end_that_is_asked_for_during_a_step_comes_after_it() {
    for (at, step) in STEPS.into_iter().enumerate() {
        let stage = Stage::init().await;
        let _process = stage.start();
        stage.world.held.send_replace(true);
        stage.world.fate(Apply(step), [Fate::Waits]);
        let environment = stage.request().await;
        stage.world.begun(Apply(step), 1).await;
        stage.end(environment).await;
        stage.world.held.send_replace(false);
        let names = stage.until(environment, "torn_down").await;
        assert_eq!(names[names.len() - 2..], ["TeardownStarted", "TornDown"]);
        let applied = stage.world.effects().iter().filter(|call| matches!(call, Apply(_))).count();
        assert_eq!(applied, at + 1, "no step is begun after {step}");
        assert!(stage.world.standing(environment).is_empty());
    }
}

#[tokio::test]
async fn an_end_that_is_asked_for_before_the_first_step_leaves_it_undone() {
    let stage = Stage::init().await;
    stage.ledger.held.send_replace(true);
    let _process = stage.start();
    let mut asked = stage.ledger.asked.subscribe();
    let environment = stage.request().await;
    asked.wait_for(|asked| *asked == 1).await.expect("the ledger is there");
    stage.end(environment).await;
    stage.ledger.held.send_replace(false);
    let names = stage.until(environment, "torn_down").await;
    assert_eq!(names, ["Requested", "Placed", "TeardownStarted", "TornDown"]);
    assert!(!stage.world.effects().iter().any(|call| matches!(call, Apply(_))), "{:?}", stage.world.effects());
    stage.world.was_in_order();
}

#[tokio::test]
async fn an_end_that_is_asked_for_before_it_is_placed_leaves_it_nowhere() {
    let stage = Stage::init().await;
    let _process = stage.start();
    stage.world.held.send_replace(true);
    stage.world.fate(Observe, [Fate::Waits]);
    let environment = stage.request().await;
    stage.world.begun(Observe, 1).await;
    stage.end(environment).await;
    stage.world.held.send_replace(false);
    assert_eq!(stage.until(environment, "torn_down").await, ["Requested", "TeardownStarted", "TornDown"]);
}

#[tokio::test]
async fn undoing_that_fails_for_a_moment_is_tried_again() {
    let stage = Stage::init().await;
    let _process = stage.start();
    let environment = stage.request().await;
    stage.until(environment, "ready").await;
    stage.world.fate(Revert("home"), [transient(), Fate::LosesReply]);
    stage.end(environment).await;
    stage.until(environment, "torn_down").await;
    assert_eq!(stage.world.count(Revert("home")), 3);
    assert!(stage.world.standing(environment).is_empty());
}

/// Makes an environment whose teardown goes like this, and ends it.
async fn stuck(stage: &Stage, fates: impl IntoIterator<Item = Fate>) -> domain::kernel::EnvironmentId {
    let environment = stage.request().await;
    stage.until(environment, "ready").await;
    stage.world.fate(Revert("home"), fates);
    stage.end(environment).await;
    let names = stage.until(environment, "stuck").await;
    assert_eq!(names[names.len() - 2..], ["TeardownStarted", "Stuck"]);
    assert_eq!(stage.world.standing(environment), ["network", "home"]);
    environment
}

#[tokio::test]
async fn what_cannot_be_undone_is_stuck_until_an_operator_resolves_it() {
    let stage = Stage::init().await;
    let _process = stage.start();
    let environment = stuck(&stage, vec![transient(); 5]).await;
    assert_eq!(stage.world.count(Revert("home")), 5);
    stage.end(environment).await;
    assert!(matches!(stage.state(environment).await, Environment::Stuck(..)), "asking again is no order to try again");
    stage.record(environment, || EnvironmentCommand::Resolve).await;
    stage.until(environment, "torn_down").await;
    assert!(stage.world.standing(environment).is_empty());
}

#[tokio::test]
async fn undoing_that_will_never_work_is_not_tried_twice() {
    let stage = Stage::init().await;
    let _process = stage.start();
    let environment = stuck(&stage, [terminal()]).await;
    assert_eq!(stage.world.count(Revert("home")), 1);
    let history = stage.history(environment).await;
    let Some(EnvironmentEvent::Stuck { reason, .. }) = history.last() else { panic!("{history:?}") };
    assert_eq!(reason, "not ever");
}

#[tokio::test]
async fn undoing_that_hangs_is_given_up() {
    let stage = Stage::init().await;
    let _process = stage.start_with(Duration::from_millis(500));
    stuck(&stage, vec![Fate::Hangs; 5]).await;
    assert_eq!(stage.world.count(Revert("home")), 5);
}
