//! Environments that are made ahead of their sessions.

use chrono::TimeDelta;
use commands::{Fault, Request};
use domain::{
    environments::{
        EnvironmentRejection as Rejection,
        environment::{Environment, EnvironmentCommand as Do, Placement},
    },
    kernel::{ClusterId, Digest, EnvironmentId, SessionId, WorkshopId},
    workshops::workshop::Workshop,
};
use futures_util::future::join_all;
use journal::JournalError;
use uuid::Uuid;

use crate::{
    cluster_places::placement,
    platform::{Platform, accepted, administrator, author, fault, learner, rejected},
    sessions::active,
    texts::{practice, reading},
};

const KEPT: TimeDelta = TimeDelta::hours(1);

pub(crate) async fn content_of(platform: &Platform, workshop: WorkshopId) -> Digest {
    let Workshop::Live(live) = platform.commands.workshops.workshop(workshop).await.expect("readable") else { panic!("it is there") };
    live.published.expect("it is published").1.content
}

fn here() -> Placement {
    Placement { driver: "sandbox".into(), node: "here".into(), reason: "the only one".into() }
}

/// Has one made ahead, as the saga does it.
async fn made(platform: &Platform, workshop: WorkshopId, cluster: Option<ClusterId>) -> EnvironmentId {
    let (request, environments) = (Request::system("test"), &platform.commands.environments);
    let content = content_of(platform, workshop).await;
    let environment = accepted(environments.stock(&request, workshop, &content, 50, KEPT).await);
    match cluster {
        Some(cluster) => accepted(environments.place_on_cluster(&request, environment, cluster, &placement(cluster)).await),
        None => accepted(environments.record(&request, environment, || Do::Place(here())).await),
    }
    for step in ["home", "files"] {
        accepted(environments.record(&request, environment, || Do::StartStep { step: step.into() }).await);
        accepted(environments.record(&request, environment, || Do::SucceedStep { step: step.into() }).await);
    }
    accepted(environments.record(&request, environment, || Do::MarkReady).await);
    environment
}

/// A session's environment, and whether it was made ahead.
async fn given(platform: &Platform, session: SessionId) -> (EnvironmentId, bool) {
    let environment = active(platform, session).await.start.environment.expect("it has one");
    let state = platform.commands.environments.environment(environment).await.expect("readable");
    let (Environment::Provisioning(made) | Environment::Ready(made)) = &state else { return (environment, false) };
    assert_eq!(made.request.session, session);
    (environment, made.claimed)
}

#[tokio::test]
async fn a_session_takes_what_was_made_ahead_and_the_next_one_its_own() {
    let platform = Platform::init().await;
    let workshop = platform.published(&author(), "docker", &practice("Docker")).await;
    let ahead = made(&platform, workshop, None).await;
    let learning = &platform.commands.learning;
    let session = accepted(learning.start(&learner(), workshop, false).await);
    assert_eq!(given(&platform, session).await, (ahead, true));
    let pool = platform.commands.environments.pool(workshop).await.expect("readable");
    assert_eq!(pool.members().count(), 0);
    let expires_at = active(&platform, session).await.start.expires_at;
    let state = platform.commands.environments.environment(ahead).await.expect("readable");
    assert_eq!(state.made().map(|made| made.request.expires_at), Some(expires_at));
    let second = accepted(learning.start(&learner(), workshop, false).await);
    assert!(!given(&platform, second).await.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_start_at_once_each_of_those_made_ahead_goes_to_one() {
    let platform = Platform::init().await;
    let workshop = platform.published(&author(), "docker", &practice("Docker")).await;
    for _ in 0..5 {
        made(&platform, workshop, None).await;
    }
    let learners: Vec<_> = (0..24).map(|_| learner()).collect();
    let started = join_all(learners.iter().map(|learner| platform.commands.learning.start(learner, workshop, false))).await;
    let sessions: Vec<_> = started.into_iter().map(accepted).collect();
    let mut taken = Vec::new();
    for session in sessions {
        let (environment, ahead) = given(&platform, session).await;
        taken.extend(ahead.then_some(environment));
    }
    taken.sort_unstable();
    taken.dedup();
    assert_eq!(taken.len(), 5);
}

#[tokio::test]
async fn what_is_of_other_content_or_where_no_session_may_begin_is_left_alone() {
    let platform = Platform::init().await;
    let grace = author();
    let workshop = platform.published(&grace, "docker", &practice("Docker")).await;
    let cluster = platform.cluster("frankfurt").await;
    let there = made(&platform, workshop, Some(cluster)).await;
    let learning = &platform.commands.learning;
    accepted(platform.commands.environments.cordon_cluster(&administrator(), cluster).await);
    let session = accepted(learning.start(&learner(), workshop, false).await);
    assert_ne!(given(&platform, session).await.0, there);
    accepted(platform.commands.environments.uncordon_cluster(&administrator(), cluster).await);
    accepted(platform.commands.workshops.revise(&grace, workshop, &practice("Docker, again")).await);
    accepted(platform.commands.workshops.publish(&grace, workshop).await);
    let session = accepted(learning.start(&learner(), workshop, false).await);
    assert_ne!(given(&platform, session).await.0, there);
    let pool = platform.commands.environments.pool(workshop).await.expect("readable");
    assert_eq!(pool.members().map(|(environment, _)| environment).collect::<Vec<_>>(), [there]);
}

#[tokio::test]
async fn what_is_taken_is_not_ended_and_what_is_ended_is_not_taken() {
    let platform = Platform::init().await;
    let workshop = platform.published(&author(), "docker", &practice("Docker")).await;
    let (request, environments) = (Request::system("test"), &platform.commands.environments);
    let (first, second) = (made(&platform, workshop, None).await, made(&platform, workshop, None).await);
    let session = accepted(platform.commands.learning.start(&learner(), workshop, false).await);
    assert_eq!(given(&platform, session).await, (first, true), "the oldest");
    for environment in [first, second] {
        accepted(environments.unstock(&request, workshop, environment).await);
    }
    let state = async |environment| environments.environment(environment).await.expect("readable").state();
    assert_eq!((state(first).await, state(second).await), ("provisioning", "tearing_down"));
    let session = accepted(platform.commands.learning.start(&learner(), workshop, false).await);
    assert!(!given(&platform, session).await.1);
}

#[tokio::test]
async fn how_many_are_made_ahead_is_for_administrators_to_say_of_workshops_that_are_there() {
    let platform = Platform::init().await;
    let (environments, grace) = (&platform.commands.environments, author());
    let workshop = platform.published(&grace, "docker", &practice("Docker")).await;
    assert!(matches!(fault(environments.reserve(&grace, workshop, 2).await), Fault::Forbidden));
    accepted(environments.reserve(&administrator(), workshop, 2).await);
    assert_eq!(environments.pool(workshop).await.expect("readable").reserved(), 2);
    assert_eq!(rejected(environments.reserve(&administrator(), workshop, 51).await), Rejection::PoolTooLarge { most: 50 });
    let nowhere = WorkshopId(Uuid::now_v7());
    assert_eq!(rejected(environments.reserve(&administrator(), nowhere, 1).await), Rejection::WorkshopNotFound);
    accepted(platform.commands.workshops.archive(&grace, workshop).await);
    assert_eq!(rejected(environments.reserve(&administrator(), workshop, 3).await), Rejection::WorkshopNotFound);
    accepted(environments.reserve(&administrator(), workshop, 0).await);
}

#[tokio::test]
async fn whoever_has_lost_the_lease_makes_no_more() {
    let platform = Platform::init().await;
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    let content = content_of(&platform, workshop).await;
    let lease = async |holder: &str, time| platform.journal.lease("pools", holder, time).await.expect("leases").expect("free");
    let fence = lease("north", std::time::Duration::ZERO).await;
    lease("south", std::time::Duration::from_mins(1)).await;
    let request = Request { fence: Some(fence), ..Request::system("test") };
    let refused = fault(platform.commands.environments.stock(&request, workshop, &content, 1, KEPT).await);
    assert!(matches!(refused, Fault::Journal(JournalError::Fenced(_))), "{refused}");
    assert_eq!(platform.named("EnvironmentPrepared").await.len(), 0);
}
