//! A process that ends in the middle, and the one after it.

use crate::{
    scripted::{
        Call::{Apply, Observe, Revert},
        Fate, STEPS,
    },
    stage::Stage,
};

/// Before the effect, and after it.
const MIDDLES: [Fate; 2] = [Fate::Hangs, Fate::HangsAfterwards];

#[tokio::test]
async fn an_environment_is_made_whichever_step_its_first_process_ended_in() {
    for step in STEPS {
        for middle in MIDDLES {
            let stage = Stage::init().await;
            stage.world.fate(Apply(step), [middle.clone()]);
            let first = stage.start();
            let environment = stage.request().await;
            stage.world.begun(Apply(step), 1).await;
            first.crash().await;
            assert_eq!(stage.state(environment).await.state(), "provisioning");
            let _second = stage.start();
            stage.until(environment, "ready").await;
            assert_eq!(stage.world.standing(environment), STEPS, "{step}, {middle:?}");
            stage.world.was_in_order();
            stage.end(environment).await;
            stage.until(environment, "torn_down").await;
            assert!(stage.world.standing(environment).is_empty(), "{step}, {middle:?}");
        }
    }
}

#[tokio::test]
async fn an_environment_is_undone_whichever_step_its_first_process_ended_in() {
    for step in STEPS {
        for middle in MIDDLES {
            let stage = Stage::init().await;
            let first = stage.start();
            let environment = stage.request().await;
            stage.until(environment, "ready").await;
            stage.world.fate(Revert(step), [middle.clone()]);
            stage.end(environment).await;
            stage.world.begun(Revert(step), 1).await;
            first.crash().await;
            assert_eq!(stage.state(environment).await.state(), "tearing_down");
            let _second = stage.start();
            let names = stage.until(environment, "torn_down").await;
            assert_eq!(names[names.len() - 2..], ["TeardownStarted", "TornDown"], "{step}, {middle:?}");
            assert!(stage.world.standing(environment).is_empty(), "{step}, {middle:?}");
        }
    }
}

#[tokio::test]
async fn an_end_that_is_asked_for_while_nothing_runs_leaves_nothing_of_a_step_that_may_have_run() {
    for step in STEPS {
        for middle in MIDDLES {
            let stage = Stage::init().await;
            stage.world.fate(Apply(step), [middle.clone()]);
            let first = stage.start();
            let environment = stage.request().await;
            stage.world.begun(Apply(step), 1).await;
            first.crash().await;
            stage.end(environment).await;
            let _second = stage.start();
            stage.until(environment, "torn_down").await;
            assert!(stage.world.standing(environment).is_empty(), "{step}, {middle:?}");
            assert_eq!(stage.world.count(Apply(step)), 1);
        }
    }
}

#[tokio::test]
async fn what_was_asked_for_while_nothing_runs_is_made_at_the_next_start() {
    let stage = Stage::init().await;
    let environment = stage.request().await;
    let _process = stage.start();
    stage.until(environment, "ready").await;
    assert_eq!(stage.world.standing(environment), STEPS);
}

#[tokio::test]
async fn what_stands_is_left_alone() {
    let stage = Stage::init().await;
    let first = stage.start();
    let environment = stage.request().await;
    stage.until(environment, "ready").await;
    first.crash().await;
    let (effects, observed) = (stage.world.effects(), stage.world.count(Observe));
    let _second = stage.start();
    stage.world.begun(Observe, observed + 1).await;
    let another = stage.request().await;
    stage.until(another, "ready").await;
    assert_eq!(stage.world.effects().len(), effects.len() + STEPS.len());
    assert_eq!(stage.state(environment).await.state(), "ready");
}

#[tokio::test]
async fn processes_that_end_one_after_the_other_get_there_in_the_end() {
    let stage = Stage::init().await;
    let environment = stage.request().await;
    for step in STEPS {
        let begun = stage.world.count(Apply(step));
        stage.world.fate(Apply(step), [Fate::HangsAfterwards]);
        let process = stage.start();
        stage.world.begun(Apply(step), begun + 1).await;
        process.crash().await;
    }
    let _last = stage.start();
    stage.until(environment, "ready").await;
    assert_eq!(stage.world.standing(environment), STEPS);
    stage.world.was_in_order();
}
