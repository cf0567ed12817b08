//! Sessions that take longer.

use chrono::TimeDelta;
use commands::{Fault, reactions};
use domain::{
    kernel::{Minutes, SessionId, Timestamp},
    learning::{LearningRejection as Rejection, session::Session},
    workshops::{
        cluster_needs::KubernetesNeeds,
        content::{Content, EnvironmentNeeds},
    },
};

use crate::{
    platform::{Platform, accepted, account, administrator, anonymous, author, fault, keyed, learner, now, pass, rejected},
    rules::{Running, eventually, rewind, settle},
    sessions::active,
    texts::{practice, reading},
};

/// Half an hour of overtime after two hours.
fn overtime() -> Content {
    let kubernetes = Some(KubernetesNeeds { overtime: Some(Minutes(30)), ..Default::default() });
    Content { environment: Some(EnvironmentNeeds { kubernetes, ..Default::default() }), ..practice("Docker") }
}

/// When a session's environment goes by itself.
async fn environment_expires_at(platform: &Platform, session: SessionId) -> Option<Timestamp> {
    let environment = active(platform, session).await.start.environment?;
    let state = platform.commands.environments.environment(environment).await.expect("readable");
    state.made().map(|made| made.request.expires_at)
}

#[tokio::test]
async fn a_learner_extends_a_session_within_the_overtime_and_its_environment_with_it() {
    let platform = Platform::init().await;
    let (learning, ada) = (&platform.commands.learning, learner());
    let workshop = platform.published(&author(), "docker", &overtime()).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    let first = active(&platform, session).await.start.expires_at;
    for _ in 0..2 {
        accepted(learning.extend(&keyed(&ada, "once"), session, Minutes(20)).await);
    }
    let later = first + TimeDelta::minutes(20);
    assert_eq!(active(&platform, session).await.start.expires_at, later);
    // Also where the environment is asked for only now.
    settle(&platform).await;
    assert_eq!(environment_expires_at(&platform, session).await, Some(later));
    assert_eq!(rejected(learning.extend(&ada, session, Minutes(11)).await), Rejection::ExtensionInvalid { left: 10 });
    accepted(learning.extend(&ada, session, Minutes(10)).await);
    settle(&platform).await;
    assert_eq!(environment_expires_at(&platform, session).await, Some(first + TimeDelta::minutes(30)));
    rewind(&platform).await;
    settle(&platform).await;
    assert_eq!(platform.named("EnvironmentExtended").await.len(), 2, "reactions that come by again do nothing twice");
}

#[tokio::test]
async fn who_manages_sessions_extends_anybodys_by_up_to_a_day() {
    let platform = Platform::init().await;
    let (learning, ada, admin) = (&platform.commands.learning, learner(), administrator());
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    assert_eq!(rejected(learning.extend(&ada, session, Minutes(1)).await), Rejection::ExtensionInvalid { left: 0 });
    assert_eq!(rejected(learning.extend(&admin, session, Minutes(1441)).await), Rejection::ExtensionInvalid { left: 1440 });
    accepted(learning.extend(&admin, session, Minutes(1440)).await);
    let extended = platform.named("SessionExtended").await;
    assert_eq!(extended.iter().map(|event| event.metadata.actor.clone()).collect::<Vec<_>>(), [account(&admin).to_string()]);
}

#[tokio::test]
async fn nobody_else_extends_a_session() {
    let platform = Platform::init().await;
    let (learning, ada) = (&platform.commands.learning, learner());
    let workshop = platform.published(&author(), "docker", &overtime()).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    assert_eq!(rejected(learning.extend(&author(), session, Minutes(1)).await), Rejection::NotFound);
    assert!(matches!(fault(learning.extend(&anonymous(), session, Minutes(1)).await), Fault::Unauthenticated));
    accepted(learning.abandon(&ada, session).await);
    assert_eq!(rejected(learning.extend(&ada, session, Minutes(1)).await), Rejection::Ended);
    assert_eq!(rejected(learning.extend(&administrator(), session, Minutes(1)).await), Rejection::Ended);
}

#[tokio::test]
async fn a_session_that_was_extended_expires_at_its_new_hour_also_after_a_restart() {
    let platform = Platform::init().await;
    let (learning, ada) = (&platform.commands.learning, learner());
    let workshop = platform.published(&author(), "docker", &overtime()).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    settle(&platform).await;
    accepted(learning.extend(&ada, session, Minutes(30)).await);
    pass(TimeDelta::minutes(121));
    settle(&platform).await;
    assert!(matches!(learning.session(session).await, Ok(Session::Active(_))), "it has another half hour");
    pass(TimeDelta::minutes(30));
    let running = Running::start(&platform, reactions::all(), now);
    eventually("the session expires", async || matches!(learning.session(session).await, Ok(Session::Ended { .. }))).await;
    running.stop().await;
}
