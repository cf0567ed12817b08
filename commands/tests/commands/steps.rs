//! What the saga records of an environment's steps.

use chrono::TimeDelta;
use commands::Request;
use domain::{
    environments::environment::{Environment, EnvironmentCommand as Do, Placement},
    kernel::EnvironmentId,
};

use crate::{
    platform::{Platform, accepted, author, rejected},
    pools::content_of,
    texts::practice,
};

fn start(step: &str) -> Do {
    Do::StartStep { step: step.into() }
}

fn succeed(step: &str) -> Do {
    Do::SucceedStep { step: step.into() }
}

/// An environment whose first step is started.
async fn begun(platform: &Platform) -> EnvironmentId {
    let workshop = platform.published(&author(), "docker", &practice("Docker")).await;
    let content = content_of(platform, workshop).await;
    let (request, environments) = (Request::system("test"), &platform.commands.environments);
    let environment = accepted(environments.stock(&request, workshop, &content, 50, TimeDelta::hours(1)).await);
    let here = || Placement { driver: "sandbox".into(), node: "here".into(), reason: "the only one".into() };
    accepted(environments.record(&request, environment, || Do::Place(here())).await);
    accepted(environments.record(&request, environment, || start("home")).await);
    environment
}

#[tokio::test]
async fn what_follows_each_other_at_once_is_recorded_in_one_go() {
    let platform = Platform::init().await;
    let environment = begun(&platform).await;
    let (request, environments) = (Request::system("test"), &platform.commands.environments);
    let before = platform.events().await.len();
    accepted(environments.record_all(&request, environment, || [succeed("home"), start("files")]).await);
    accepted(environments.record_all(&request, environment, || [succeed("files"), Do::MarkReady]).await);
    assert_eq!(
        platform.names_after(before).await,
        ["EnvironmentStepSucceeded", "EnvironmentStepStarted", "EnvironmentStepSucceeded", "EnvironmentReady"]
    );
    let events = platform.events().await;
    let at: Vec<_> = events[before..].iter().map(|event| event.recorded_at).collect();
    assert_eq!((at[0], at[2]), (at[1], at[3]), "each pair in one transaction");
    let state = environments.environment(environment).await.expect("readable");
    assert!(matches!(state, Environment::Ready(made) if made.done == ["home", "files"]));
}

#[tokio::test]
async fn if_the_second_may_not_follow_the_first_is_not_recorded_either() {
    let platform = Platform::init().await;
    let environment = begun(&platform).await;
    let (request, environments) = (Request::system("test"), &platform.commands.environments);
    let before = platform.events().await.len();
    rejected(environments.record_all(&request, environment, || [succeed("home"), start("home")]).await);
    rejected(environments.record_all(&request, environment, || [start("files"), succeed("files")]).await);
    assert_eq!(platform.names_after(before).await, Vec::<String>::new());
    let state = environments.environment(environment).await.expect("readable");
    assert_eq!(state.made().and_then(|made| made.open.as_ref()).map(|open| open.step.as_str()), Some("home"));
    accepted(environments.record_all(&request, environment, || [succeed("home"), start("files")]).await);
}
