//! Environments that are made ahead of their sessions.

use std::time::Duration;

use commands::Request;
use domain::{
    environments::environment::Environment,
    kernel::{EnvironmentId, RunId, SessionId, WorkshopId},
    learning::session::Session,
};
use futures_util::StreamExt;
use journal::Position;
use orchestrator::stocker::StockOptions;

use crate::{
    scripted::{
        Call::{Apply, PutFiles},
        Fate, STEPS, terminal,
    },
    stage::{DEADLINE, Process, Stage, accepted, author, content, page},
};

impl Stage {
    /// A workshop that is published, and for which so many are to be made ahead.
    async fn pooled(&self, count: u32) -> (Request, WorkshopId) {
        let grace = author();
        let drafted = self.commands.workshops.draft(&grace, "docker".into(), &content(vec![page("one", "one.txt")])).await;
        let workshop = accepted(drafted);
        accepted(self.commands.workshops.publish(&grace, workshop).await);
        self.reserve(workshop, count).await;
        (grace, workshop)
    }

    async fn reserve(&self, workshop: WorkshopId, count: u32) {
        accepted(self.commands.environments.reserve(&Request::system("test"), workshop, count).await);
    }

    /// Those that are to be had at once, and those that are being made.
    async fn pool(&self, workshop: WorkshopId) -> (Vec<EnvironmentId>, Vec<EnvironmentId>) {
        let pool = self.commands.environments.pool(workshop).await.expect("readable");
        let (mut ready, mut others) = (vec![], vec![]);
        for (environment, _) in pool.members() {
            let is_ready = matches!(self.state(environment).await, Environment::Ready(_));
            if is_ready { ready.push(environment) } else { others.push(environment) }
        }
        (ready, others)
    }

    /// Until exactly so many are ready and none is being made.
    async fn stocked(&self, workshop: WorkshopId, count: usize) -> Vec<EnvironmentId> {
        let reached = async {
            let mut tail = std::pin::pin!(journal::tail(self.ledger.clone(), Position(0)));
            loop {
                match self.pool(workshop).await {
                    (ready, others) if ready.len() == count && others.is_empty() => return ready,
                    _ => tail.next().await,
                };
            }
        };
        let in_time = tokio::time::timeout(DEADLINE, reached).await;
        let Ok(ready) = in_time else { panic!("not {count} but {:?}", self.pool(workshop).await) };
        ready
    }

    async fn session(&self, workshop: WorkshopId) -> (SessionId, EnvironmentId) {
        let session = accepted(self.commands.learning.start(&author(), workshop, false).await);
        let Session::Active(active) = self.commands.learning.session(session).await.expect("readable") else { panic!("it has begun") };
        (session, active.start.environment.expect("it has one"))
    }

    /// A process that makes environments ahead, and what it may.
    fn start_stocking(&self, budget: u32) -> Process {
        self.start_of("here", Duration::from_mins(1), Some(StockOptions { budget, ..StockOptions::default() }))
    }
}

#[tokio::test]
async fn a_session_is_given_one_that_is_ready_and_another_is_made() {
    let stage = Stage::init().await;
    let (_, workshop) = stage.pooled(2).await;
    let _process = stage.start_stocking(20);
    let ahead = stage.stocked(workshop, 2).await;
    let (session, environment) = stage.session(workshop).await;
    assert!(ahead.contains(&environment), "{environment} of {ahead:?}");
    let names = stage.until(environment, "ready").await;
    let again = ["Claimed", "StepStarted", "StepSucceeded", "Ready"];
    assert_eq!(names[names.len() - again.len()..], again);
    assert_eq!(stage.state(environment).await.made().map(|made| made.request.session), Some(session));
    stage.world.begun(PutFiles, 1).await;
    let refilled = stage.stocked(workshop, 2).await;
    assert!(!refilled.contains(&environment));
    stage.world.was_in_order();
}

#[tokio::test]
async fn what_is_of_older_content_goes_and_so_does_what_is_too_much() {
    let stage = Stage::init().await;
    let (grace, workshop) = stage.pooled(2).await;
    let _process = stage.start_stocking(20);
    let old = stage.stocked(workshop, 2).await;
    accepted(stage.commands.workshops.revise(&grace, workshop, &content(vec![page("two", "two.txt")])).await);
    accepted(stage.commands.workshops.publish(&grace, workshop).await);
    for environment in &old {
        stage.until(*environment, "torn_down").await;
        assert!(stage.world.standing(*environment).is_empty());
    }
    let new = stage.stocked(workshop, 2).await;
    assert!(new.iter().all(|environment| !old.contains(environment)));
    stage.reserve(workshop, 1).await;
    let [kept] = stage.stocked(workshop, 1).await[..] else { panic!("one") };
    assert_eq!(kept, new[0], "the oldest stays");
    accepted(stage.commands.workshops.archive(&grace, workshop).await);
    stage.until(kept, "torn_down").await;
    assert_eq!(stage.pool(workshop).await, (vec![], vec![]));
}

#[tokio::test]
async fn what_a_crash_interrupts_is_made_all_the_same() {
    for middle in [Fate::Hangs, Fate::HangsAfterwards] {
        let stage = Stage::init().await;
        let (_, workshop) = stage.pooled(2).await;
        stage.world.fate(Apply(STEPS[1]), [middle]);
        let first = stage.start_stocking(20);
        stage.world.begun(Apply(STEPS[1]), 1).await;
        first.crash().await;
        let _second = stage.start_stocking(20);
        let ready = stage.stocked(workshop, 2).await;
        let standing = ready.iter().filter(|environment| stage.world.standing(**environment) == STEPS).count();
        assert_eq!((ready.len(), standing), (2, 2));
        stage.world.was_in_order();
    }
}

#[tokio::test]
async fn what_is_gone_when_it_is_taken_is_made_again_for_its_session() {
    let stage = Stage::init().await;
    let (cluster, world) = stage.cluster("one", 3).await;
    let (_, workshop) = stage.pooled(1).await;
    let process = stage.start_stocking(20);
    let [ahead] = stage.stocked(workshop, 1).await[..] else { panic!("one") };
    process.crash().await;
    let (_, environment) = stage.session(workshop).await;
    assert_eq!(environment, ahead);
    world.lose(environment, STEPS[0]);
    let _process = stage.start();
    let names = stage.until(environment, "ready").await;
    let claimed = names.iter().position(|name| name == "Claimed").expect("it was claimed");
    assert_eq!(names[claimed + 1..claimed + 3], ["Lost", "Placed"]);
    assert_eq!((world.standing(environment), stage.taken(cluster).await), (STEPS.to_vec(), 1));
    world.was_in_order();
}

#[tokio::test]
async fn what_a_run_needs_is_made_beside_what_is_reserved_and_given_back() {
    let stage = Stage::init().await;
    let (_, workshop) = stage.pooled(1).await;
    let _process = stage.start_stocking(20);
    stage.stocked(workshop, 1).await;
    let run = RunId(uuid::Uuid::now_v7());
    let need = async |count| {
        accepted(stage.commands.environments.need(&Request::system("test"), workshop, run, count).await);
    };
    need(3).await;
    let ahead = stage.stocked(workshop, 4).await;
    let (_, environment) = stage.session(workshop).await;
    assert!(ahead.contains(&environment), "{environment} of {ahead:?}");
    need(0).await;
    stage.stocked(workshop, 1).await;
}

#[tokio::test]
async fn no_more_are_made_than_the_budget_allows() {
    let stage = Stage::init().await;
    let (_, workshop) = stage.pooled(5).await;
    let process = stage.start_stocking(3);
    stage.stocked(workshop, 3).await;
    process.crash().await;
    let _process = stage.start_stocking(1);
    stage.stocked(workshop, 1).await;
}

#[tokio::test]
async fn no_place_is_taken_that_there_is_not_and_none_while_sessions_wait() {
    let stage = Stage::init().await;
    let (cluster, world) = stage.cluster("one", 3).await;
    let (_, workshop) = stage.pooled(5).await;
    let _process = stage.start_stocking(20);
    stage.stocked(workshop, 3).await;
    assert_eq!(stage.taken(cluster).await, 3);
    // All are given out; whoever comes then waits, and gets the first place that is left.
    let mut taken = Vec::new();
    for _ in 0..3 {
        taken.push(stage.session(workshop).await.1);
    }
    let waits = stage.request().await;
    for environment in &taken {
        stage.until(*environment, "ready").await;
    }
    stage.end(taken[0]).await;
    stage.until(waits, "ready").await;
    assert_eq!(stage.taken(cluster).await, 3);
    stage.end(taken[1]).await;
    stage.stocked(workshop, 1).await;
    world.was_in_order();
}

#[tokio::test]
async fn a_cluster_that_is_drained_is_not_kept_by_what_nobody_uses() {
    let stage = Stage::init().await;
    let (cluster, world) = stage.cluster("one", 3).await;
    let (_, workshop) = stage.pooled(2).await;
    let _process = stage.start_stocking(20);
    let ahead = stage.stocked(workshop, 2).await;
    accepted(stage.commands.environments.drain_cluster(&Request::system("test"), cluster).await);
    for environment in ahead {
        stage.until(environment, "torn_down").await;
        assert!(world.standing(environment).is_empty());
    }
    assert_eq!((stage.taken(cluster).await, stage.pool(workshop).await), (0, (vec![], vec![])));
    accepted(stage.commands.environments.uncordon_cluster(&Request::system("test"), cluster).await);
    stage.stocked(workshop, 2).await;
}

#[tokio::test]
async fn what_cannot_be_made_is_not_tried_again_at_once() {
    let stage = Stage::init().await;
    stage.world.fate(Apply(STEPS[0]), [terminal(), terminal()]);
    let (_, workshop) = stage.pooled(2).await;
    let _process = stage.start_stocking(20);
    let failed = async || {
        let events = stage.ledger_names().await;
        let count = |name: &str| events.iter().filter(|event| *event == name).count();
        (count("EnvironmentPrepared"), count("EnvironmentPoolDropped"))
    };
    let seen = async {
        let mut tail = std::pin::pin!(journal::tail(stage.ledger.clone(), Position(0)));
        while failed().await.1 < 2 {
            tail.next().await;
        }
    };
    tokio::time::timeout(DEADLINE, seen).await.expect("both are given up");
    assert_eq!(failed().await, (2, 2), "none is made instead yet");
    assert_eq!(stage.pool(workshop).await, (vec![], vec![]));
}

#[tokio::test]
async fn of_two_nodes_one_makes_them_and_the_other_goes_on_when_it_dies() {
    let stage = Stage::init().await;
    let (cluster, world) = stage.cluster("one", 9).await;
    let (_, workshop) = stage.pooled(2).await;
    let start = |name| stage.start_of(name, Duration::from_mins(1), Some(StockOptions::default()));
    let north = start("north");
    stage.stocked(workshop, 2).await;
    let south = start("south");
    stage.session(workshop).await;
    stage.stocked(workshop, 2).await;
    north.crash().await;
    stage.forget_as("pools", "north").await;
    stage.forget_as(&format!("cluster/{cluster}"), "north").await;
    stage.reserve(workshop, 3).await;
    stage.stocked(workshop, 3).await;
    world.was_in_order();
    drop(south);
}
