//! A cluster that environments are made on.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use domain::{
    environments::cluster::{self, Health},
    identity::Permission,
    kernel::{ClusterId, Timestamp},
};
use projections::environments::clusters;

use super::{
    environment::{Environment, EnvironmentState},
    queries::{self, EnvironmentTotals},
};
use crate::{
    context::Access,
    failure::Result,
    input::number,
    paging::{self, List},
};

/// Whether a cluster takes environments.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "cluster::Schedule")]
pub(crate) enum ClusterSchedule {
    Open,
    /// No new ones, until it is uncordoned.
    Cordoned,
    /// No new ones; those that live there finish, and then it is empty.
    Draining,
    /// On its way out: those that live there are torn down.
    Removing,
}

/// How a cluster does.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Health")]
pub(crate) enum ClusterHealth {
    Healthy,
    /// It answers, but something is wrong with it.
    Degraded,
    Unreachable,
}

/// What a cluster has to give.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "cluster::Resource")]
pub(crate) enum ClusterResource {
    Cpu,
    Memory,
    /// Of the nodes' own disks.
    Storage,
    Pods,
}

/// How a cluster is told who calls.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "cluster::CredentialsKind")]
pub(crate) enum ClusterCredentialsKind {
    Token,
    ClientCertificate,
    /// Those of the pod that the server runs in.
    InCluster,
}

/// A fact about a cluster that workshops may ask for.
#[derive(SimpleObject)]
pub(crate) struct ClusterLabel {
    key: String,
    value: String,
}

/// What is known of a cluster's credentials. They themselves are never shown.
#[derive(SimpleObject)]
pub(crate) struct ClusterCredentials {
    kind: ClusterCredentialsKind,
    /// From 1, one more with each rotation.
    version: i32,
    /// Tells credentials apart, and nothing about them.
    fingerprint: String,
    given_at: Timestamp,
    /// When they stop to be good; null where that is not known.
    expires_at: Option<Timestamp>,
}

/// What all nodes together have to give.
#[derive(SimpleObject)]
pub(crate) struct ClusterCapacity {
    pub(super) nodes: i32,
    /// In thousandths of a core.
    pub(super) cpu_millicores: i32,
    pub(super) memory_mebibytes: i32,
    pub(super) storage_mebibytes: i32,
    pub(super) pods: i32,
}

/// A cluster that environments are made on.
pub(crate) struct Cluster {
    row: Arc<clusters::Model>,
}

impl From<clusters::Model> for Cluster {
    fn from(row: clusters::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// A cluster that environments are made on, for administrators.
#[Object]
impl Cluster {
    pub(crate) async fn id(&self) -> ID {
        ClusterId(self.row.cluster).to_string().into()
    }

    async fn name(&self) -> &str {
        &self.row.name
    }

    /// The address of its API.
    async fn server(&self) -> &str {
        &self.row.server
    }

    /// Which context of a kubeconfig it came from.
    async fn context(&self) -> Option<&str> {
        self.row.context.as_deref()
    }

    async fn labels(&self) -> Vec<ClusterLabel> {
        self.row.labels.iter().map(|(key, value)| ClusterLabel { key: key.clone(), value: value.clone() }).collect()
    }

    /// How much of what could go anywhere goes here, against other clusters.
    async fn weight(&self) -> i32 {
        number(self.row.weight)
    }

    /// How many environments may have a place at once; null: as many as fit.
    async fn limit(&self) -> Option<i32> {
        self.row.place_limit.map(number)
    }

    /// How many environments have a place.
    async fn taken(&self) -> i32 {
        number(self.row.taken)
    }

    /// Whether it is taken where several fit equally well.
    async fn is_default(&self) -> bool {
        self.row.is_default
    }

    async fn schedule(&self) -> ClusterSchedule {
        self.row.schedule.0.into()
    }

    async fn health(&self) -> ClusterHealth {
        self.row.health.0.into()
    }

    /// Why it is not well, while it is not.
    async fn health_reason(&self) -> Option<&str> {
        self.row.health_reason.as_deref()
    }

    /// Since when it does as it does.
    async fn health_since(&self) -> Timestamp {
        self.row.health_since
    }

    async fn credentials(&self) -> ClusterCredentials {
        let row = &self.row;
        ClusterCredentials {
            kind: row.credentials_kind.0.into(),
            version: number(row.credentials_version),
            fingerprint: row.credentials_fingerprint.clone(),
            given_at: row.credentials_at,
            expires_at: row.credentials_expire_at,
        }
    }

    /// Of the API server, as it was found last.
    async fn version(&self) -> &str {
        &self.row.version
    }

    /// As it was found last.
    async fn capacity(&self) -> ClusterCapacity {
        let row = &self.row;
        ClusterCapacity {
            nodes: number(row.nodes),
            cpu_millicores: number(row.cpu),
            memory_mebibytes: number(row.memory),
            storage_mebibytes: number(row.storage),
            pods: number(row.pods),
        }
    }

    /// Whether it says what is used.
    async fn has_metrics(&self) -> bool {
        self.row.has_metrics
    }

    /// What administrators should know, though it keeps nothing from working.
    async fn warnings(&self) -> &[String] {
        &self.row.warnings
    }

    /// Of what nearly all is requested.
    async fn short_of(&self) -> Vec<ClusterResource> {
        self.row.short_of.iter().map(|resource| (*resource).into()).collect()
    }

    /// When version, capacity and warnings were found to be so.
    async fn assessed_at(&self) -> Timestamp {
        self.row.assessed_at
    }

    async fn registered_at(&self) -> Timestamp {
        self.row.registered_at
    }

    /// When it was removed; null while it is not.
    async fn removed_at(&self) -> Option<Timestamp> {
        self.row.removed_at
    }

    /// The environments that are or were on it, latest first.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn environments(
        &self,
        ctx: &Context<'_>,
        state: Option<EnvironmentState>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<i64, Environment, EnvironmentTotals>> {
        queries::page(ctx, Some(ClusterId(self.row.cluster)), state, first, after.as_deref()).await
    }
}

/// A cluster, if the caller may see clusters; also one that is removed.
pub(crate) async fn cluster(ctx: &Context<'_>, id: ClusterId) -> Result<Option<Cluster>> {
    if !ctx.caller().actor.may(Permission::ReadClusters) {
        return Ok(None);
    }
    Ok(ctx.loaders().clusters.load_one(id).await?.map(Cluster::from))
}
