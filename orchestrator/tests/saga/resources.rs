//! Whose objects are shown, and whose are not.

use std::sync::Arc;

use commands::environments::{EnvironmentResource, LogParts, PodLog, ResourceChanges, ResourceKind, Resources, ResourcesError};
use domain::{
    environments::{
        EnvironmentRejection as Rejection,
        environment::{EnvironmentCommand as Do, Placement, Request as Wanted},
    },
    kernel::{AccountId, Digest, EnvironmentId, SessionId, WorkshopId},
    workshops::{
        cluster_needs::{Isolation, KubernetesNeeds},
        content::{Content, EnvironmentNeeds},
    },
};
use journal::Journal;
use orchestrator::{sites::Sites, workbench::Workbench};
use uuid::Uuid;

use crate::{
    scripted::ScriptedDriver,
    stage::{Stage, content},
};

/// What is in vClusters of the scripted driver: none of them ever is ready.
pub(crate) struct Unready;

#[async_trait::async_trait]
impl Resources for Unready {
    async fn list(&self, _: EnvironmentId, _: ResourceKind) -> Result<Vec<EnvironmentResource>, ResourcesError> {
        Err(Rejection::VclusterNotReady.into())
    }

    async fn follow(&self, _: EnvironmentId, _: ResourceKind) -> Result<ResourceChanges, ResourcesError> {
        Err(Rejection::VclusterNotReady.into())
    }

    async fn log(&self, _: EnvironmentId, _: &PodLog) -> Result<String, ResourcesError> {
        Err(Rejection::VclusterNotReady.into())
    }

    async fn follow_log(&self, _: EnvironmentId, _: &PodLog) -> Result<LogParts, ResourcesError> {
        Err(Rejection::VclusterNotReady.into())
    }
}

/// An environment of a workshop with these needs, placed there.
async fn placed(stage: &Stage, kubernetes: Option<KubernetesNeeds>, node: &str) -> EnvironmentId {
    let needs = Some(EnvironmentNeeds { kubernetes, ..EnvironmentNeeds::default() });
    let content = serde_json::to_vec(&Content { environment: needs, ..content(vec![]) }).expect("JSON");
    let content = Digest::try_from(stage.ledger.put_content(&content).await.expect("kept")).expect("a digest");
    let environment = EnvironmentId(Uuid::now_v7());
    let wanted = Wanted {
        session: SessionId(Uuid::now_v7()),
        learner: AccountId(Uuid::now_v7()),
        workshop: WorkshopId(Uuid::now_v7()),
        content,
        expires_at: chrono::Utc::now(),
    };
    let placement = Placement { driver: "kubernetes".into(), node: node.into(), reason: "the only one".into() };
    stage.record(environment, || Do::Request(wanted.clone())).await;
    stage.record(environment, || Do::Place(placement.clone())).await;
    environment
}

async fn refused(stage: &Stage, environment: EnvironmentId) -> Rejection {
    let sites = Sites::new(Arc::new(ScriptedDriver(Arc::clone(&stage.world))), "here".into());
    if let Some(harbour) = stage.harbour.get() {
        sites.add(harbour.clone());
    }
    match Workbench::new(sites, stage.ledger.clone()).list(environment, ResourceKind::Pods).await {
        Err(ResourcesError::Refused(rejection)) => rejection,
        other => panic!("expected a refusal instead of {other:?}"),
    }
}

#[tokio::test]
async fn only_what_stands_on_a_cluster_is_shown() {
    let stage = Stage::init().await;
    let (cluster, _) = stage.cluster("one", 5).await;
    let cluster = cluster.to_string();
    let vcluster = KubernetesNeeds { isolation: Isolation::Vcluster, ..KubernetesNeeds::default() };
    let environment = placed(&stage, Some(KubernetesNeeds::default()), &cluster).await;
    assert_eq!(refused(&stage, environment).await, Rejection::WrongState { state: "provisioning".into() });
    stage.record(environment, || Do::MarkReady).await;
    assert_eq!(refused(&stage, environment).await, Rejection::NotOnCluster, "this driver has nothing to show");
    for (needs, node, expected) in [
        (Some(vcluster), &*cluster, Rejection::VclusterNotReady),
        (None, &*cluster, Rejection::NotOnCluster),
        (None, "here", Rejection::NotOnCluster),
    ] {
        let environment = placed(&stage, needs, node).await;
        stage.record(environment, || Do::MarkReady).await;
        assert_eq!(refused(&stage, environment).await, expected, "{node}");
    }
    assert_eq!(refused(&stage, EnvironmentId(Uuid::now_v7())).await, Rejection::NotFound);
}
