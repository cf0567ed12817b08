//! Connecting clusters, and what becomes of credentials.

use commands::{
    Fault,
    environments::{ClusterAccess, ClusterReport, PointFailure},
};
use domain::{
    environments::{EnvironmentRejection as Rejection, cluster::Member},
    kernel::ClusterId,
};
use futures_util::future::join_all;
use journal::vault::{CredentialsKey, ExposeSecret};

use crate::{
    fleet::{profile, token, usable},
    platform::{Platform, accepted, fault, keyed, rejected},
};

async fn member(platform: &Platform, cluster: ClusterId) -> Member {
    platform.commands.environments.cluster(cluster).await.expect("readable").member().expect("a cluster").clone()
}

/// Under which the vault keeps what a cluster is connected with now.
async fn kept(platform: &Platform, cluster: ClusterId) -> CredentialsKey {
    let credentials = member(platform, cluster).await.credentials;
    CredentialsKey { owner: cluster.into(), version: credentials.version, id: credentials.id.into() }
}

async fn secret(platform: &Platform, cluster: ClusterId) -> String {
    let connection = platform.commands.environments.connection(cluster).await.expect("readable").expect("a cluster");
    connection.secret.expose_secret().to_owned()
}

#[tokio::test]
async fn a_cluster_is_tried_before_it_is_registered_and_its_credentials_are_in_no_event() {
    let platform = Platform::init().await;
    let cluster = platform.cluster("frankfurt").await;
    let server = "https://frankfurt.example.org".to_owned();
    assert_eq!(platform.fleet.tried(), [(server.clone(), "secret of frankfurt".to_owned())]);
    let member = member(&platform, cluster).await;
    assert_eq!((member.endpoint.server, member.assessment.version.as_str()), (server, "v1.36.0"));
    assert_eq!(member.credentials.version, 1);
    assert_eq!(secret(&platform, cluster).await, "secret of frankfurt");
    let events = format!("{:?}", platform.events().await);
    assert!(events.contains(&member.credentials.fingerprint) && !events.contains("secret of"), "{events}");
    let names = platform.names_after(0).await;
    assert_eq!(names, ["ClusterRegistered", "ClusterNamed", "DefaultClusterChanged"]);
}

#[tokio::test]
async fn what_is_refused_is_named_and_nothing_is_recorded_of_it() {
    let platform = Platform::init().await;
    let (admin, environments) = (platform.administrator().await, &platform.commands.environments);
    let refused = async |name: &str, access: &ClusterAccess| rejected(environments.register_cluster(&admin, profile(name), access).await);
    assert_eq!(refused("Frankfurt", &token("a", "t")).await, Rejection::NameInvalid);
    let kubeconfig = ClusterAccess::Kubeconfig { text: "exec: secret".to_owned().into(), context: None };
    let at_exec = Rejection::AccessInvalid { at: "users[0].user.exec".into(), problem: "programs are not run".into() };
    assert_eq!(refused("frankfurt", &kubeconfig).await, at_exec);
    assert!(platform.fleet.tried().is_empty(), "it is not tried either");
    platform.fleet.next_report(ClusterReport { missing: vec!["create pods/exec".into()], ..usable("v1.36.0") });
    let lacks = Rejection::NotUsable { failures: vec!["permissions: create pods/exec is not allowed".into()] };
    assert_eq!(refused("frankfurt", &token("a", "t")).await, lacks);
    let failure = PointFailure { point: "certificate".into(), problem: "it is another's".into() };
    platform.fleet.next_report(ClusterReport { failures: vec![failure], ..ClusterReport::default() });
    let unreachable = Rejection::NotUsable { failures: vec!["certificate: it is another's".into()] };
    assert_eq!(refused("frankfurt", &token("a", "t")).await, unreachable);
    assert_eq!(platform.names_after(0).await, ["SignedIn"]);
}

#[tokio::test]
async fn a_retry_gives_the_same_cluster_and_tries_nothing() {
    let platform = Platform::init().await;
    let (admin, environments) = (keyed(&platform.administrator().await, "once"), &platform.commands.environments);
    let cluster = platform.cluster_by(&admin, "frankfurt").await;
    assert_eq!(platform.cluster_by(&admin, "frankfurt").await, cluster);
    assert_eq!(platform.fleet.tried().len(), 1);
    let other = environments.register_cluster(&admin, profile("frankfurt"), &token("frankfurt", "other")).await;
    assert!(matches!(fault(other), Fault::KeyReused), "other credentials are another request");
    assert_eq!(secret(&platform, cluster).await, "secret of frankfurt");
}

#[tokio::test]
async fn a_name_is_taken_once_however_many_ask() {
    let platform = Platform::init().await;
    let (admin, environments) = (platform.administrator().await, &platform.commands.environments);
    let access = token("frankfurt", "t");
    let all = join_all((0..8).map(|_| environments.register_cluster(&admin, profile("frankfurt"), &access))).await;
    let taken = all.into_iter().filter(|outcome| matches!(outcome, Ok(commands::Outcome::Rejected(Rejection::NameTaken)))).count();
    assert_eq!(taken, 7);
    assert_eq!(platform.named("ClusterRegistered").await.len(), 1);
}

#[tokio::test]
async fn new_credentials_take_the_place_of_the_old_ones_which_are_destroyed() {
    let platform = Platform::init().await;
    let (admin, environments) = (platform.administrator().await, &platform.commands.environments);
    let cluster = platform.cluster("frankfurt").await;
    let old = kept(&platform, cluster).await;
    platform.fleet.next_report(ClusterReport::default());
    let refused = rejected(environments.rotate_cluster_credentials(&admin, cluster, &token("frankfurt", "wrong")).await);
    assert!(matches!(refused, Rejection::NotUsable { .. }), "{refused}");
    assert_eq!(secret(&platform, cluster).await, "secret of frankfurt", "what does not do replaces nothing");
    accepted(environments.rotate_cluster_credentials(&admin, cluster, &token("frankfurt", "new")).await);
    assert_eq!(secret(&platform, cluster).await, "new");
    assert!(platform.vault.credentials_open(old).await.expect("opened").is_none());
    let now = kept(&platform, cluster).await;
    accepted(environments.rotate_cluster_credentials(&admin, cluster, &token("frankfurt", "new")).await);
    assert_eq!(kept(&platform, cluster).await, now, "the same again changes nothing");
    assert_eq!(secret(&platform, cluster).await, "new");
    assert_eq!(platform.named("ClusterCredentialsRotated").await.len(), 1);
}

#[tokio::test]
async fn of_rotations_at_once_the_one_that_is_recorded_is_kept() {
    let platform = Platform::init().await;
    let (admin, environments) = (platform.administrator().await, &platform.commands.environments);
    let cluster = platform.cluster("frankfurt").await;
    let all: Vec<_> = (0..6).map(|number| token("frankfurt", &format!("new {number}"))).collect();
    join_all(all.iter().map(|access| environments.rotate_cluster_credentials(&admin, cluster, access))).await;
    let rotated = platform.named("ClusterCredentialsRotated").await.len();
    assert!(rotated >= 1);
    assert_eq!(usize::try_from(member(&platform, cluster).await.credentials.version).expect("few"), rotated + 1);
    assert!(secret(&platform, cluster).await.starts_with("new "), "it can be opened");
}

#[tokio::test]
async fn a_test_records_what_is_new_and_tells_what_is_wrong() {
    let platform = Platform::init().await;
    let (admin, environments) = (platform.administrator().await, &platform.commands.environments);
    let cluster = platform.cluster("frankfurt").await;
    assert!(accepted(environments.test_cluster(&admin, cluster).await).is_usable());
    platform.fleet.next_report(usable("v1.37.0"));
    accepted(environments.test_cluster(&admin, cluster).await);
    assert_eq!(member(&platform, cluster).await.assessment.version, "v1.37.0");
    platform.fleet.next_report(ClusterReport::default());
    assert!(!accepted(environments.test_cluster(&admin, cluster).await).reachable);
    assert_eq!(platform.named("ClusterAssessed").await.len(), 1, "neither what is as it was nor what failed");
    assert_eq!(platform.fleet.tried().last().map(|(_, secret)| secret.as_str()), Some("secret of frankfurt"));
    accepted(environments.test_cluster_access(&admin, &token("other", "t")).await);
    assert_eq!(platform.named("ClusterRegistered").await.len(), 1, "nothing is kept of what was only tried");
}

#[tokio::test]
async fn credentials_that_a_restored_vault_does_not_have_are_missed_by_name() {
    let platform = Platform::init().await;
    let cluster = platform.cluster("frankfurt").await;
    platform.vault.credentials_discard_all(cluster.into()).await.expect("discarded");
    let missing = platform.commands.environments.connection(cluster).await.map(|_| ()).expect_err("they are gone");
    assert!(matches!(missing, Fault::CredentialsMissing { version: 1, .. }), "{missing}");
    let tested = rejected(platform.commands.environments.test_cluster(&platform.administrator().await, cluster).await);
    assert_eq!(tested, Rejection::NotUsable { failures: vec![missing.to_string()] });
}
