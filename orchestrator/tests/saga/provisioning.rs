//! Making environments.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use commands::{Request, reactions};
use domain::{
    environments::environment::{EnvironmentEvent, Failure, TeardownReason},
    fact::Fact,
    kernel::SessionId,
    learning::session::SessionEvent,
    workshops::content::Content,
};
use journal::{History, Position};
use tokio::sync::watch;

use crate::{
    scripted::{
        Call::{Apply, PutFiles, Revert},
        Fate, STEPS, terminal, transient,
    },
    stage::{Stage, accepted, author, content, page},
};

const REVERTS: [crate::scripted::Call; 3] = [Revert("shell"), Revert("home"), Revert("network")];

#[tokio::test]
async fn steps_are_done_in_order_and_each_is_recorded_before_its_effect() {
    let stage = Stage::init().await;
    let _process = stage.start();
    let environment = stage.request().await;
    let names = stage.until(environment, "ready").await;
    let step = ["StepStarted", "StepSucceeded"];
    let expected: Vec<_> = ["Requested", "Placed"].into_iter().chain([step, step, step].concat()).chain(["Ready"]).collect();
    assert_eq!(names, expected);
    assert_eq!(stage.world.effects(), [Apply("network"), Apply("home"), Apply("shell")]);
    stage.world.was_in_order();
}

#[tokio::test]
async fn where_it_was_placed_and_why_is_recorded() {
    let stage = Stage::init().await;
    let _process = stage.start();
    let environment = stage.request().await;
    stage.until(environment, "ready").await;
    let EnvironmentEvent::Placed(placement) = &stage.history(environment).await[1] else { panic!("not placed") };
    assert_eq!((placement.driver.as_str(), placement.node.as_str()), ("scripted", "here"));
    assert!(!placement.reason.is_empty());
}

#[tokio::test]
async fn what_fails_for_a_moment_is_tried_again() {
    for step in STEPS {
        let stage = Stage::init().await;
        let _process = stage.start();
        stage.world.fate(Apply(step), [transient(), transient()]);
        let environment = stage.request().await;
        stage.until(environment, "ready").await;
        let attempts = stage.history(environment).await.into_iter().filter_map(|event| match event {
            EnvironmentEvent::StepStarted { step: started, attempt } if started == step => Some(attempt),
            _ => None,
        });
        assert_eq!(attempts.collect::<Vec<_>>(), [1, 2, 3], "{step}");
        stage.world.was_in_order();
    }
}

#[tokio::test]
async fn a_step_whose_reply_is_lost_is_done_again() {
    let stage = Stage::init().await;
    let _process = stage.start();
    stage.world.fate(Apply("home"), [Fate::LosesReply]);
    let environment = stage.request().await;
    stage.until(environment, "ready").await;
    assert_eq!(stage.world.count(Apply("home")), 2);
    assert_eq!(stage.world.standing(environment), STEPS);
}

#[tokio::test]
async fn a_step_that_hangs_is_given_up_and_tried_again() {
    let stage = Stage::init().await;
    let _process = stage.start_with(Duration::from_millis(500));
    stage.world.fate(Apply("home"), [Fate::Hangs, Fate::HangsAfterwards]);
    let environment = stage.request().await;
    stage.until(environment, "ready").await;
    assert_eq!(stage.world.count(Apply("home")), 3);
}

#[tokio::test]
async fn what_will_never_work_is_undone_in_reverse_with_the_step_that_failed() {
    let stage = Stage::init().await;
    let _process = stage.start();
    stage.world.fate(Apply("home"), [terminal()]);
    let environment = stage.request().await;
    let names = stage.until(environment, "torn_down").await;
    assert_eq!(names[names.len() - 4..], ["StepStarted", "StepFailed", "TeardownStarted", "TornDown"]);
    let effects = stage.world.effects();
    assert_eq!(effects[..2], [Apply("network"), Apply("home")]);
    assert_eq!(effects[2..], REVERTS, "all that may have run");
    assert!(stage.world.standing(environment).is_empty());
    let history = stage.history(environment).await;
    let failed = EnvironmentEvent::StepFailed { step: "home".into(), attempt: 1, failure: Failure::Terminal, reason: "not ever".into() };
    assert!(history.contains(&failed), "{history:?}");
    let Some(EnvironmentEvent::TornDown { reason, .. }) = history.last() else { panic!("{history:?}") };
    assert_eq!(*reason, TeardownReason::ProvisioningFailed);
}

#[tokio::test]
async fn what_fails_at_every_try_is_undone() {
    let stage = Stage::init().await;
    let _process = stage.start();
    stage.world.fate(Apply("shell"), [transient(), Fate::LosesReply, transient(), transient(), transient(), transient()]);
    let environment = stage.request().await;
    stage.until(environment, "torn_down").await;
    assert_eq!(stage.world.count(Apply("shell")), 5);
    assert!(stage.world.standing(environment).is_empty(), "also what was made by the try whose reply was lost");
}

#[tokio::test]
async fn more_environments_than_are_worked_on_at_once_are_all_made() {
    let stage = Stage::init().await;
    let _process = stage.start();
    let mut environments = Vec::new();
    for _ in 0..20 {
        environments.push(stage.request().await);
    }
    for environment in environments {
        stage.until(environment, "ready").await;
        assert_eq!(stage.world.standing(environment), STEPS);
    }
    stage.world.was_in_order();
}

#[tokio::test]
async fn one_that_hangs_keeps_no_other_waiting() {
    let stage = Stage::init().await;
    let _process = stage.start();
    stage.world.fate(Apply("network"), [Fate::Hangs]);
    let hanging = stage.request().await;
    stage.world.begun(Apply("network"), 1).await;
    let other = stage.request().await;
    stage.until(other, "ready").await;
    assert_eq!(stage.state(hanging).await.state(), "provisioning");
}

#[tokio::test]
async fn files_that_a_learner_may_be_at_work_on_are_not_put_again() {
    let stage = Stage::init().await;
    let (_process, commands, ada) = (stage.start(), &stage.commands, author());
    let (_stop, stopping) = watch::channel(false);
    tokio::spawn(reactions::run(reactions::all(), Arc::clone(commands), stage.ledger.clone(), Utc::now, stopping));
    let pages = content(vec![page("one", "one.txt"), page("two", "two.txt")]);
    let session = held_at_its_shell(&stage, &ada, &pages).await;
    stage.world.held.send_replace(false);
    let environment = environment_of(&stage).await;
    stage.until(environment, "ready").await;
    accepted(commands.learning.abandon(&ada, session).await);
    stage.until(environment, "torn_down").await;
    assert_eq!(stage.world.files(), ["one.txt"]);
}

#[tokio::test]
async fn files_of_a_step_that_is_reached_while_the_environment_is_made_are_in_it() {
    let stage = Stage::init().await;
    let (_process, commands, ada) = (stage.start(), &stage.commands, author());
    let (_stop, stopping) = watch::channel(false);
    // The rule that brings a step's files has found the environment not ready, and has left them to the saga.
    let rules = reactions::all().into_iter().filter(|rule| rule.name() != "provide_files_when_step_completed").collect();
    tokio::spawn(reactions::run(rules, Arc::clone(commands), stage.ledger.clone(), Utc::now, stopping));
    let pages = content(vec![page("one", "one.txt"), page("two", "two.txt"), page("three", "three.txt")]);
    let session = held_at_its_shell(&stage, &ada, &pages).await;
    assert_eq!(stage.world.files(), ["one.txt"]);
    accepted(commands.learning.complete(&ada, session, "one").await);
    stage.world.held.send_replace(false);
    stage.world.begun(PutFiles, 1).await;
    let environment = environment_of(&stage).await;
    stage.until(environment, "ready").await;
    assert_eq!(stage.world.files(), ["one.txt", "two.txt"]);
    accepted(commands.learning.abandon(&ada, session).await);
    stage.until(environment, "torn_down").await;
    assert!(stage.world.standing(environment).is_empty());
}

/// A session whose environment is being made, and waits for its shell.
async fn held_at_its_shell(stage: &Stage, ada: &Request, pages: &Content) -> SessionId {
    let commands = &stage.commands;
    let workshop = accepted(commands.workshops.draft(ada, "docker".into(), pages).await);
    accepted(commands.workshops.publish(ada, workshop).await);
    stage.world.held.send_replace(true);
    stage.world.fate(Apply("shell"), [Fate::Waits]);
    let session = accepted(commands.learning.start(ada, workshop, false).await);
    stage.world.begun(Apply("shell"), 1).await;
    session
}

async fn environment_of(stage: &Stage) -> domain::kernel::EnvironmentId {
    let events = stage.ledger.read(Position(0), 1000).await.expect("readable");
    let started = events.iter().find_map(|event| match Fact::decode(&event.stream.kind, &event.payload.to_value().expect("JSON")) {
        Ok(Fact::Session(SessionEvent::Started(start))) => start.environment,
        _ => None,
    });
    started.expect("the session has an environment")
}
