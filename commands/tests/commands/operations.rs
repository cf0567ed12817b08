//! What operators do about environments.

use commands::{Fault, Outcome, Request};
use domain::{
    environments::{
        EnvironmentRejection as Rejection,
        environment::{Environment, EnvironmentCommand as Do, TeardownReason},
    },
    kernel::{ClusterId, EnvironmentId},
};

use crate::{
    cluster_places::{placement, requested, taken},
    platform::{Platform, accepted, account, administrator, author, fault, keyed, rejected},
};

/// An environment on a cluster whose teardown failed for good.
async fn stuck(platform: &Platform) -> (EnvironmentId, ClusterId) {
    let (saga, environments) = (Request::system("test"), &platform.commands.environments);
    let cluster = platform.cluster("frankfurt").await;
    let environment = requested(platform).await;
    accepted(environments.place_on_cluster(&saga, environment, cluster, &placement(cluster)).await);
    let commands: [fn() -> Do; 2] =
        [|| Do::BeginTeardown { reason: TeardownReason::SessionFinished }, || Do::GetStuck { reason: "a finalizer".into() }];
    for command in commands {
        accepted(environments.record(&saga, environment, command).await);
    }
    (environment, cluster)
}

#[tokio::test]
async fn the_teardown_of_a_stuck_environment_is_tried_again_and_who_wanted_it_is_recorded() {
    let platform = Platform::init().await;
    let (admin, environments) = (keyed(&administrator(), "once"), &platform.commands.environments);
    let (environment, cluster) = stuck(&platform).await;
    for _ in 0..2 {
        accepted(environments.retry_environment(&admin, environment).await);
    }
    assert!(matches!(environments.environment(environment).await, Ok(Environment::TearingDown(..))));
    assert_eq!(taken(&platform, cluster).await, 1, "it is there until it is gone");
    let resolved = platform.named("EnvironmentResolved").await;
    let actors: Vec<_> = resolved.into_iter().map(|event| event.metadata.actor).collect();
    assert_eq!(actors, [account(&admin).to_string()]);
}

#[tokio::test]
async fn a_stuck_environment_that_is_skipped_gives_its_place_back_at_once() {
    let platform = Platform::init().await;
    let (admin, environments) = (administrator(), &platform.commands.environments);
    let (environment, cluster) = stuck(&platform).await;
    let before = platform.events().await.len();
    for _ in 0..2 {
        accepted(environments.skip_environment(&admin, environment).await);
    }
    assert_eq!(platform.names_after(before).await, ["EnvironmentSkipped", "ClusterPlaceReleased"]);
    let skipped = platform.events().await.split_off(before);
    assert_eq!(skipped[0].metadata.command, skipped[1].metadata.command, "in one transaction");
    assert_eq!(taken(&platform, cluster).await, 0);
    assert!(matches!(environments.environment(environment).await, Ok(Environment::TornDown(_))));
    accepted(environments.remove_cluster(&admin, cluster, false).await);
}

#[tokio::test]
async fn any_live_environment_is_torn_down_by_force() {
    let platform = Platform::init().await;
    let (admin, environments) = (administrator(), &platform.commands.environments);
    let live = requested(&platform).await;
    for _ in 0..2 {
        accepted(environments.force_teardown(&admin, live).await);
    }
    assert!(matches!(environments.environment(live).await, Ok(Environment::TearingDown(_, TeardownReason::Forced))));
    assert_eq!(platform.named("EnvironmentTeardownStarted").await.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_the_state() {
    let platform = Platform::init().await;
    let (admin, environments) = (administrator(), &platform.commands.environments);
    let (stuck, _) = stuck(&platform).await;
    let live = requested(&platform).await;
    let nowhere = EnvironmentId(uuid::Uuid::now_v7());
    let wrong = |state: &str| Rejection::WrongState { state: state.into() };
    assert_eq!(rejected(environments.force_teardown(&admin, stuck).await), wrong("stuck"));
    assert_eq!(rejected(environments.retry_environment(&admin, live).await), wrong("provisioning"));
    assert_eq!(rejected(environments.skip_environment(&admin, live).await), wrong("provisioning"));
    assert_eq!(rejected(environments.skip_environment(&admin, nowhere).await), Rejection::NotFound);
    assert_eq!(rejected(environments.force_teardown(&admin, nowhere).await), Rejection::NotFound);
}

#[tokio::test]
async fn environments_are_operated_by_administrators_alone() {
    let platform = Platform::init().await;
    let (stuck, _) = stuck(&platform).await;
    let (environments, before) = (&platform.commands.environments, platform.events().await.len());
    let somebody = author();
    let all = [
        environments.retry_environment(&somebody, stuck).await,
        environments.skip_environment(&somebody, stuck).await,
        environments.force_teardown(&somebody, stuck).await,
    ];
    for outcome in all {
        let outcome: Result<Outcome<(), Rejection>, Fault> = outcome;
        assert!(matches!(fault(outcome), Fault::Forbidden));
    }
    assert_eq!(platform.events().await.len(), before);
}
