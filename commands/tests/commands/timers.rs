//! Sessions whose time is over.

use chrono::{TimeDelta, Utc};
use commands::reactions;
use domain::{kernel::Timestamp, learning::session::Session};

use crate::{
    platform::{Platform, accepted, author, learner, now, pass},
    rules::{Running, eventually, rewind, settle},
    texts::{practice, reading},
};

const RULE: &str = "expire_session_when_its_time_is_over";

async fn timers(platform: &Platform) -> Vec<Timestamp> {
    let all = platform.journal.due_timers(RULE, Utc::now() + TimeDelta::days(365), 10).await.expect("readable");
    all.into_iter().map(|timer| timer.due).collect()
}

#[tokio::test]
async fn a_session_expires_by_itself() {
    let platform = Platform::init().await;
    let workshop = platform.published(&author(), "docker", &practice("Docker")).await;
    accepted(platform.commands.learning.start(&learner(), workshop, false).await);
    let running = Running::start(&platform, reactions::all(), now);
    eventually("the timer is set", async || timers(&platform).await.len() == 1).await;
    assert!(platform.named("SessionExpired").await.is_empty());
    pass(TimeDelta::minutes(121));
    eventually("the session expires", async || !platform.named("SessionExpired").await.is_empty()).await;
    eventually("its environment goes", async || !platform.named("EnvironmentTeardownStarted").await.is_empty()).await;
    running.stop().await;
    settle(&platform).await;
    assert!(timers(&platform).await.is_empty());
    assert_eq!(platform.named("DeskCleared").await.len(), 1);
}

#[tokio::test]
async fn a_session_that_has_ended_has_no_timer() {
    let platform = Platform::init().await;
    let (learning, ada) = (&platform.commands.learning, learner());
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    settle(&platform).await;
    assert_eq!(timers(&platform).await.len(), 1);
    accepted(learning.abandon(&ada, session).await);
    settle(&platform).await;
    assert!(timers(&platform).await.is_empty());
    rewind(&platform).await;
    settle(&platform).await;
    assert!(timers(&platform).await.is_empty());
}

#[tokio::test]
async fn time_that_passes_while_nothing_runs_is_not_forgotten() {
    let platform = Platform::init().await;
    let (learning, ada) = (&platform.commands.learning, learner());
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    settle(&platform).await;
    pass(TimeDelta::days(30));
    let running = Running::start(&platform, reactions::all(), now);
    eventually("the session expires", async || matches!(learning.session(session).await, Ok(Session::Ended { .. }))).await;
    running.stop().await;
}

#[tokio::test]
async fn a_timer_that_fires_early_fires_again() {
    let platform = Platform::init().await;
    let (learning, ada) = (&platform.commands.learning, learner());
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    // The clock that timers go by is ahead of the one that decides.
    let ahead = || now() + TimeDelta::days(30);
    let running = Running::start(&platform, reactions::all(), ahead);
    let head = platform.journal.head().await.expect("readable");
    eventually("the start is seen", async || platform.journal.checkpoint(RULE).await.expect("readable") == head).await;
    assert!(matches!(learning.session(session).await, Ok(Session::Active(_))));
    running.stop().await;
    assert_eq!(timers(&platform).await.len(), 1);
    pass(TimeDelta::days(8));
    let running = Running::start(&platform, reactions::all(), now);
    eventually("the session expires", async || matches!(learning.session(session).await, Ok(Session::Ended { .. }))).await;
    running.stop().await;
}
