//! What is compared with what should be.

use std::sync::atomic::Ordering;

use domain::{environments::environment::EnvironmentCommand, kernel::EnvironmentId};
use uuid::Uuid;

use crate::{
    scripted::{
        Call::{Apply, List, Observe, Revert},
        Fate, STEPS, terminal, transient,
    },
    stage::Stage,
};

#[tokio::test]
async fn an_environment_that_was_lost_is_made_again_from_nothing() {
    for lost in [&STEPS[..], &["shell"]] {
        let stage = Stage::init().await;
        let first = stage.start();
        let environment = stage.request().await;
        stage.until(environment, "ready").await;
        first.crash().await;
        for step in lost {
            stage.world.lose(environment, step);
        }
        let before = stage.names(environment).await.len();
        let _second = stage.start();
        stage.world.begun(Apply("shell"), 2).await;
        let names = stage.until(environment, "ready").await;
        assert_eq!(names[before..before + 2], ["Lost", "Placed"]);
        assert_eq!(stage.world.standing(environment), STEPS);
        let reverts = if lost.len() == STEPS.len() { 0 } else { STEPS.len() };
        assert_eq!(stage.world.effects().len(), 2 * STEPS.len() + reverts, "what is left of it is undone first");
        stage.world.was_in_order();
    }
}

#[tokio::test]
async fn what_nobody_asked_for_or_should_be_gone_is_removed() {
    let stage = Stage::init().await;
    let first = stage.start();
    let (gone, lives) = (stage.request().await, stage.request().await);
    stage.until(gone, "ready").await;
    stage.until(lives, "ready").await;
    stage.end(gone).await;
    stage.until(gone, "torn_down").await;
    first.crash().await;
    let unknown = EnvironmentId(Uuid::now_v7());
    stage.world.place(unknown, &["home"]);
    stage.world.place(gone, &["network", "shell"]);
    let listed = stage.world.count(List);
    let _second = stage.start();
    // By the second time, the first is over.
    stage.world.begun(List, listed + 2).await;
    assert!(stage.world.standing(unknown).is_empty());
    assert!(stage.world.standing(gone).is_empty());
    assert_eq!(stage.world.standing(lives), STEPS);
}

#[tokio::test]
async fn leftovers_that_cannot_be_removed_are_in_nobodys_way() {
    let stage = Stage::init().await;
    let leftovers = [EnvironmentId(Uuid::now_v7()), EnvironmentId(Uuid::now_v7())];
    for leftover in leftovers {
        stage.world.place(leftover, &["home"]);
    }
    stage.world.spoil(leftovers[0]);
    let _process = stage.start();
    let environment = stage.request().await;
    stage.until(environment, "ready").await;
    stage.world.begun(List, 2).await;
    assert_eq!(stage.world.standing(leftovers[0]), ["home"]);
    assert!(stage.world.standing(leftovers[1]).is_empty());
}

#[tokio::test]
async fn one_that_cannot_be_looked_at_is_in_nobodys_way() {
    let stage = Stage::init().await;
    let first = stage.start();
    let (lost, spoiled) = (stage.request().await, stage.request().await);
    stage.until(lost, "ready").await;
    stage.until(spoiled, "ready").await;
    first.crash().await;
    stage.world.spoil(spoiled);
    stage.world.lose(lost, "shell");
    let before = stage.names(lost).await.len();
    let _second = stage.start();
    stage.world.begun(Apply("shell"), 3).await;
    assert_eq!(stage.until(lost, "ready").await[before], "Lost");
    let later = stage.request().await;
    stage.until(later, "ready").await;
    assert_eq!(stage.state(spoiled).await.state(), "ready", "nothing is known of it");
}

#[tokio::test]
async fn one_that_was_being_made_and_cannot_be_looked_at_is_made_from_nothing() {
    let stage = Stage::init().await;
    let first = stage.start();
    stage.world.fate(Apply("home"), [Fate::HangsAfterwards]);
    let environment = stage.request().await;
    stage.world.begun(Apply("home"), 1).await;
    first.crash().await;
    stage.world.lose(environment, "network");
    stage.world.fate(Observe, [transient(), transient()]);
    let _second = stage.start();
    stage.until(environment, "ready").await;
    assert_eq!(stage.world.standing(environment), STEPS);
    assert_eq!(stage.names(environment).await.iter().filter(|name| *name == "Lost").count(), 1);
    stage.world.was_in_order();
}

#[tokio::test]
async fn what_is_stuck_stays_so_over_a_restart() {
    let stage = Stage::init().await;
    let first = stage.start();
    let environment = stage.request().await;
    stage.until(environment, "ready").await;
    stage.world.fate(Revert("network"), [terminal()]);
    stage.end(environment).await;
    stage.until(environment, "stuck").await;
    first.crash().await;
    let (effects, listed) = (stage.world.effects(), stage.world.count(List));
    let _second = stage.start();
    stage.world.begun(List, listed + 2).await;
    assert_eq!(stage.world.effects(), effects);
    stage.record(environment, || EnvironmentCommand::Resolve).await;
    stage.until(environment, "torn_down").await;
    assert!(stage.world.standing(environment).is_empty());
}

#[tokio::test]
async fn a_journal_that_cannot_be_read_for_a_moment_is_read_on() {
    let stage = Stage::init().await;
    let _process = stage.start();
    let first = stage.request().await;
    stage.until(first, "ready").await;
    stage.ledger.failing.store(2, Ordering::SeqCst);
    let second = stage.request().await;
    stage.until(second, "ready").await;
    assert_eq!(stage.ledger.failing.load(Ordering::SeqCst), 0);
}
