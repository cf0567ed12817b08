//! What administrators do with clusters, and what is found of them.

use commands::{Fault, Request};
use domain::{
    environments::{
        EnvironmentRejection as Rejection,
        cluster::{Health, Observation, Schedule, Streak},
    },
    identity::Role,
    kernel::ClusterId,
};
use uuid::Uuid;

use crate::{
    fleet::{profile, token},
    platform::{Platform, accepted, administrator, anonymous, author, fault, learner, now, person, rejected},
};

#[tokio::test]
async fn clusters_are_for_administrators_only() {
    let platform = Platform::init().await;
    let cluster = platform.cluster("frankfurt").await;
    let environments = &platform.commands.environments;
    let before = platform.events().await.len();
    let everything = async |by: &Request| {
        [
            fault(environments.register_cluster(by, profile("berlin"), &token("berlin", "t")).await),
            fault(environments.revise_cluster(by, cluster, profile("berlin")).await),
            fault(environments.rotate_cluster_credentials(by, cluster, &token("frankfurt", "t")).await),
            fault(environments.test_cluster(by, cluster).await),
            fault(environments.test_cluster_access(by, &token("berlin", "t")).await),
            fault(environments.set_default_cluster(by, cluster).await),
            fault(environments.cordon_cluster(by, cluster).await),
            fault(environments.uncordon_cluster(by, cluster).await),
            fault(environments.drain_cluster(by, cluster).await),
            fault(environments.remove_cluster(by, cluster, true).await),
        ]
    };
    for somebody in [learner(), author(), person(&[Role::Learner, Role::Analyst])] {
        assert!(everything(&somebody).await.iter().all(|fault| matches!(fault, Fault::Forbidden)));
    }
    assert!(everything(&anonymous()).await.iter().all(|fault| matches!(fault, Fault::Unauthenticated)));
    assert_eq!((platform.events().await.len(), platform.fleet.tried().len()), (before, 1), "nothing is done or tried either");
}

#[tokio::test]
async fn what_there_is_not_is_not_found() {
    let platform = Platform::init().await;
    let (admin, environments, nowhere) = (platform.administrator().await, &platform.commands.environments, ClusterId(Uuid::now_v7()));
    assert_eq!(rejected(environments.revise_cluster(&admin, nowhere, profile("berlin")).await), Rejection::ClusterNotFound);
    assert_eq!(rejected(environments.rotate_cluster_credentials(&admin, nowhere, &token("a", "t")).await), Rejection::ClusterNotFound);
    assert_eq!(rejected(environments.test_cluster(&admin, nowhere).await), Rejection::ClusterNotFound);
    assert_eq!(rejected(environments.set_default_cluster(&admin, nowhere).await), Rejection::ClusterNotFound);
    assert_eq!(rejected(environments.cordon_cluster(&admin, nowhere).await), Rejection::ClusterNotFound);
    assert_eq!(rejected(environments.remove_cluster(&admin, nowhere, true).await), Rejection::ClusterNotFound);
    assert!(environments.connection(nowhere).await.expect("readable").is_none());
    assert_eq!(platform.names_after(0).await, ["SignedIn"]);
}

#[tokio::test]
async fn a_cluster_is_revised_under_a_name_that_is_free() {
    let platform = Platform::init().await;
    let (admin, environments) = (administrator(), &platform.commands.environments);
    let frankfurt = platform.cluster("frankfurt").await;
    platform.cluster("berlin").await;
    assert_eq!(rejected(environments.revise_cluster(&admin, frankfurt, profile("berlin")).await), Rejection::NameTaken);
    let hamburg = commands::environments::ClusterProfile { weight: Some(7), limit: Some(3), ..profile("hamburg") };
    accepted(environments.revise_cluster(&admin, frankfurt, hamburg).await);
    let state = environments.cluster(frankfurt).await.expect("readable");
    let profile = &state.member().expect("a cluster").profile;
    assert_eq!((profile.name.as_str(), profile.weight, profile.limit), ("hamburg", 7, Some(3)));
    platform.cluster("frankfurt").await;
}

#[tokio::test]
async fn a_cluster_is_cordoned_drained_and_opened_again_each_once() {
    let platform = Platform::init().await;
    let (admin, environments) = (administrator(), &platform.commands.environments);
    let cluster = platform.cluster("frankfurt").await;
    let schedule = async || environments.cluster(cluster).await.expect("readable").member().expect("a cluster").schedule;
    for _ in 0..2 {
        accepted(environments.cordon_cluster(&admin, cluster).await);
    }
    assert_eq!(schedule().await, Schedule::Cordoned);
    accepted(environments.drain_cluster(&admin, cluster).await);
    assert_eq!(schedule().await, Schedule::Draining);
    for _ in 0..2 {
        accepted(environments.uncordon_cluster(&admin, cluster).await);
    }
    assert_eq!(schedule().await, Schedule::Open);
    let names = ["ClusterCordoned", "ClusterDrainStarted", "ClusterDrained", "ClusterUncordoned"];
    assert_eq!(platform.names_after(3).await, names);
}

#[tokio::test]
async fn one_cluster_is_the_default() {
    let platform = Platform::init().await;
    let (admin, environments) = (administrator(), &platform.commands.environments);
    let (frankfurt, berlin) = (platform.cluster("frankfurt").await, platform.cluster("berlin").await);
    for _ in 0..2 {
        accepted(environments.set_default_cluster(&admin, berlin).await);
    }
    let changed = platform.named("DefaultClusterChanged").await;
    assert_eq!(changed.len(), 2, "the first, and then the other");
    assert_eq!(changed[1].payload.to_value().expect("JSON")["DefaultChanged"]["previous"], serde_json::json!(frankfurt));
}

#[tokio::test]
async fn trouble_is_recorded_when_it_lasts() {
    let platform = Platform::init().await;
    let (watch, environments) = (Request::system("test"), &platform.commands.environments);
    let cluster = platform.cluster("frankfurt").await;
    let mut streak = None;
    for health in [Health::Unreachable; 5].into_iter().chain([Health::Healthy; 3]) {
        let seen = Streak::after(streak.take(), Observation { health, reason: "no answer".into(), at: now() });
        accepted(environments.observe_cluster(&watch, cluster, &seen).await);
        streak = Some(seen);
    }
    assert_eq!(platform.names_after(3).await, ["ClusterUnreachable", "ClusterRecovered"]);
}
