//! How clusters go.

use commands::Request;
use domain::environments::{
    EnvironmentRejection as Rejection,
    cluster::{Cluster, Schedule},
    environment::{Environment, EnvironmentCommand, TeardownReason},
};
use journal::vault::CredentialsKey;

use crate::{
    cluster_places::{placement, requested},
    platform::{Platform, accepted, administrator, keyed, rejected},
    rules::{rewind, settle},
};

#[tokio::test]
async fn an_empty_cluster_goes_at_once_with_its_credentials_and_leaves_its_name() {
    let platform = Platform::init().await;
    let (admin, environments) = (keyed(&administrator(), "once"), &platform.commands.environments);
    let cluster = platform.cluster("frankfurt").await;
    let state = environments.cluster(cluster).await.expect("readable");
    let credentials = &state.member().expect("a cluster").credentials;
    let key = CredentialsKey { owner: cluster.into(), version: credentials.version, id: credentials.id.into() };
    for _ in 0..2 {
        accepted(environments.remove_cluster(&admin, cluster, false).await);
    }
    assert!(matches!(environments.cluster(cluster).await, Ok(Cluster::Removed)));
    assert!(platform.vault.credentials_open(key).await.expect("opened").is_none());
    let gone = ["ClusterRemovalStarted", "ClusterRemoved", "ClusterDismissed", "DefaultClusterChanged"];
    assert_eq!(platform.names_after(3).await, gone);
    platform.cluster("frankfurt").await;
    assert_eq!(rejected(environments.cordon_cluster(&admin, cluster).await), Rejection::ClusterNotFound);
}

#[tokio::test]
async fn a_cluster_where_environments_live_goes_by_force_when_they_are_gone() {
    let platform = Platform::init().await;
    let (admin, saga, environments) = (administrator(), Request::system("test"), &platform.commands.environments);
    let cluster = platform.cluster("frankfurt").await;
    let all = [requested(&platform).await, requested(&platform).await];
    for environment in all {
        accepted(environments.place_on_cluster(&saga, environment, cluster, &placement(cluster)).await);
    }
    let refused = rejected(environments.remove_cluster(&admin, cluster, false).await);
    assert_eq!(refused, Rejection::EnvironmentsLive { live: 2 });
    accepted(environments.remove_cluster(&admin, cluster, true).await);
    settle(&platform).await;
    let state = environments.cluster(cluster).await.expect("readable");
    assert_eq!(state.member().map(|member| member.schedule), Some(Schedule::Removing));
    assert!(environments.connection(cluster).await.expect("readable").is_some(), "the teardown needs its credentials");
    for environment in all {
        let state = environments.environment(environment).await.expect("readable");
        assert!(matches!(state, Environment::TearingDown(_, TeardownReason::ClusterRemoved)), "{state:?}");
        accepted(environments.leave_cluster(&saga, environment, cluster, || EnvironmentCommand::FinishTeardown).await);
    }
    settle(&platform).await;
    assert!(matches!(environments.cluster(cluster).await, Ok(Cluster::Removed)));
    rewind(&platform).await;
    settle(&platform).await;
    assert_eq!(platform.named("ClusterRemoved").await.len(), 1, "reactions that come by again do nothing twice");
}

#[tokio::test]
async fn credentials_that_outlived_their_cluster_are_destroyed_by_the_reaction() {
    let platform = Platform::init().await;
    let (admin, environments) = (administrator(), &platform.commands.environments);
    let cluster = platform.cluster("frankfurt").await;
    accepted(environments.remove_cluster(&admin, cluster, false).await);
    // As if the vault could not do it then.
    let key = CredentialsKey { owner: cluster.into(), version: 1, id: cluster.into() };
    platform.vault.credentials_keep(key, b"secret").await.expect("kept");
    settle(&platform).await;
    assert!(platform.vault.credentials_open(key).await.expect("opened").is_none());
}
