//! Places on clusters.

use commands::{Outcome, Request, environments::ClusterProfile};
use domain::{
    environments::{
        EnvironmentRejection as Rejection,
        environment::{Environment, EnvironmentCommand, Placement, Request as Wanted, TeardownReason},
    },
    kernel::{AccountId, ClusterId, Digest, EnvironmentId, SessionId, WorkshopId},
};
use futures_util::future::join_all;
use uuid::Uuid;

use crate::{
    fleet::profile,
    platform::{Platform, accepted, administrator, now, rejected},
};

pub(crate) fn placement(cluster: ClusterId) -> Placement {
    Placement { driver: "kubernetes".into(), node: cluster.to_string(), reason: "the only one".into() }
}

/// An environment that is asked for.
pub(crate) async fn requested(platform: &Platform) -> EnvironmentId {
    let environment = EnvironmentId(Uuid::now_v7());
    let request = || {
        EnvironmentCommand::Request(Wanted {
            session: SessionId(environment.0),
            learner: AccountId(environment.0),
            workshop: WorkshopId(environment.0),
            content: Digest::try_from("0".repeat(64)).expect("64 digits"),
            expires_at: now(),
        })
    };
    accepted(platform.commands.environments.record(&Request::system("test"), environment, request).await);
    environment
}

pub(crate) async fn taken(platform: &Platform, cluster: ClusterId) -> u32 {
    platform.commands.environments.cluster(cluster).await.expect("readable").member().expect("a cluster").taken()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_many_come_at_once_no_limit_is_exceeded() {
    let platform = Platform::init().await;
    let (saga, environments) = (Request::system("test"), &platform.commands.environments);
    let cluster = platform.cluster("frankfurt").await;
    let limited = ClusterProfile { limit: Some(5), ..profile("frankfurt") };
    accepted(environments.revise_cluster(&administrator(), cluster, limited).await);
    let all = join_all((0..24).map(|_| requested(&platform))).await;
    let placement = placement(cluster);
    let placed = join_all(all.iter().map(|environment| environments.place_on_cluster(&saga, *environment, cluster, &placement))).await;
    let full = Rejection::ClusterFull { limit: 5 };
    let refused = placed.into_iter().filter(|outcome| matches!(outcome, Ok(Outcome::Rejected(rejection)) if *rejection == full)).count();
    assert_eq!((refused, taken(&platform, cluster).await), (19, 5));
    assert_eq!(platform.named("EnvironmentPlaced").await.len(), 5, "who has no place is not placed");
}

#[tokio::test]
async fn a_place_is_free_again_when_its_environment_is_gone() {
    let platform = Platform::init().await;
    let (saga, environments) = (Request::system("test"), &platform.commands.environments);
    let cluster = platform.cluster("frankfurt").await;
    let environment = requested(&platform).await;
    accepted(environments.place_on_cluster(&saga, environment, cluster, &placement(cluster)).await);
    let early = environments.leave_cluster(&saga, environment, cluster, || EnvironmentCommand::FinishTeardown).await;
    assert_eq!(rejected(early), Rejection::WrongState { state: "provisioning".into() });
    assert_eq!(taken(&platform, cluster).await, 1, "not before");
    let teardown = || EnvironmentCommand::BeginTeardown { reason: TeardownReason::SessionFinished };
    accepted(environments.record(&saga, environment, teardown).await);
    for _ in 0..2 {
        accepted(environments.leave_cluster(&saga, environment, cluster, || EnvironmentCommand::FinishTeardown).await);
    }
    assert_eq!(taken(&platform, cluster).await, 0);
    assert!(matches!(environments.environment(environment).await, Ok(Environment::TornDown(_))));
}

#[tokio::test]
async fn an_environment_that_is_lost_may_be_placed_elsewhere() {
    let platform = Platform::init().await;
    let (saga, environments) = (Request::system("test"), &platform.commands.environments);
    let (one, other) = (platform.cluster("frankfurt").await, platform.cluster("berlin").await);
    let environment = requested(&platform).await;
    accepted(environments.place_on_cluster(&saga, environment, one, &placement(one)).await);
    let again = rejected(environments.place_on_cluster(&saga, environment, other, &placement(other)).await);
    assert_eq!(again, Rejection::WrongState { state: "provisioning".into() });
    assert_eq!(taken(&platform, other).await, 0, "nothing is reserved for who is placed already");
    accepted(environments.leave_cluster(&saga, environment, one, || EnvironmentCommand::ReportLost).await);
    accepted(environments.place_on_cluster(&saga, environment, other, &placement(other)).await);
    assert_eq!((taken(&platform, one).await, taken(&platform, other).await), (0, 1));
}
