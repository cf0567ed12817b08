//! Clusters.

use std::{collections::BTreeMap, fmt, time::Duration};

use ::projections::environments::clusters;
use chrono::{DateTime, Utc};
use commands::{
    Fault, Outcome, Request,
    environments::{ClusterAccess, ClusterProfile, ClusterReport},
};
use domain::{
    environments::{
        EnvironmentRejection,
        cluster::{Health, Schedule},
    },
    kernel::ClusterId,
};
use serde::{Deserialize, Serialize};

use super::{Answer, OperatorError, Parts};

/// How long read models may take to show what was just done.
const LEVEL: Duration = Duration::from_secs(5);

/// A text that is sent, and never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("…")
    }
}

/// How a cluster is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Access {
    Kubeconfig { text: Hidden, context: Option<String> },
    Token { server: String, token: Hidden, certificate_authority: Option<String> },
    InCluster,
}

impl From<Access> for ClusterAccess {
    fn from(access: Access) -> Self {
        match access {
            Access::Kubeconfig { text, context } => Self::Kubeconfig { text: text.0.into(), context },
            Access::Token { server, token, certificate_authority } => Self::Token { server, token: token.0.into(), certificate_authority },
            Access::InCluster => Self::InCluster,
        }
    }
}

/// A cluster to be registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewCluster {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub weight: Option<u32>,
    pub limit: Option<u32>,
    pub access: Access,
}

/// What becomes of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ClusterChange {
    Cordon,
    Uncordon,
    Drain,
    /// `force`: environments that live there are torn down.
    Remove {
        force: bool,
    },
}

/// A cluster, as it is registered and was found last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterState {
    pub name: String,
    pub server: String,
    /// Of the API server.
    pub version: String,
    pub schedule: Schedule,
    pub health: Health,
    /// Why it is not well, while it is not.
    pub health_reason: Option<String>,
    /// How many environments have a place, of how many there can be.
    pub taken: i64,
    pub limit: Option<i64>,
    pub is_default: bool,
    pub nodes: i64,
    pub credentials_expire_at: Option<DateTime<Utc>>,
    pub warnings: Vec<String>,
}

impl From<clusters::Model> for ClusterState {
    fn from(row: clusters::Model) -> Self {
        Self {
            name: row.name,
            server: row.server,
            version: row.version,
            schedule: row.schedule.0,
            health: row.health.0,
            health_reason: row.health_reason,
            taken: row.taken,
            limit: row.place_limit,
            is_default: row.is_default,
            nodes: row.nodes,
            credentials_expire_at: row.credentials_expire_at,
            warnings: row.warnings.0,
        }
    }
}

/// What a cluster's test found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterTest {
    pub is_usable: bool,
    pub version: Option<String>,
    /// Each as `point: problem`.
    pub failures: Vec<String>,
    pub warnings: Vec<String>,
}

impl From<ClusterReport> for ClusterTest {
    fn from(report: ClusterReport) -> Self {
        let points = report.failures.iter().map(|failure| format!("{}: {}", failure.point, failure.problem));
        let missing = report.missing.iter().map(|permission| format!("permissions: {permission} is not allowed"));
        Self {
            is_usable: report.is_usable(),
            failures: points.chain(missing).collect(),
            version: report.version,
            warnings: report.warnings,
        }
    }
}

pub(super) async fn list(parts: &Parts) -> Result<Answer, OperatorError> {
    let rows = clusters::registered(parts.projections.db()).await.map_err(OperatorError::failed)?;
    Ok(Answer::Clusters { clusters: rows.into_iter().map(Into::into).collect() })
}

pub(super) async fn add(parts: &Parts, new: NewCluster) -> Result<Answer, OperatorError> {
    let NewCluster { name, labels, weight, limit, access } = new;
    let profile = ClusterProfile { name, labels, weight, limit };
    done(parts, parts.commands.environments.register_cluster(&request(), profile, &access.into()).await).await?;
    Ok(Answer::Done)
}

pub(super) async fn rotate(parts: &Parts, name: &str, access: Access) -> Result<Answer, OperatorError> {
    let cluster = named(parts, name).await?;
    done(parts, parts.commands.environments.rotate_cluster_credentials(&request(), cluster, &access.into()).await).await?;
    Ok(Answer::Done)
}

pub(super) async fn test(parts: &Parts, name: &str) -> Result<Answer, OperatorError> {
    let cluster = named(parts, name).await?;
    let report = done(parts, parts.commands.environments.test_cluster(&request(), cluster).await).await?;
    Ok(Answer::ClusterTested { test: report.into() })
}

pub(super) async fn change(parts: &Parts, name: &str, change: ClusterChange) -> Result<Answer, OperatorError> {
    let (cluster, request, environments) = (named(parts, name).await?, request(), &parts.commands.environments);
    let outcome = match change {
        ClusterChange::Cordon => environments.cordon_cluster(&request, cluster).await,
        ClusterChange::Uncordon => environments.uncordon_cluster(&request, cluster).await,
        ClusterChange::Drain => environments.drain_cluster(&request, cluster).await,
        ClusterChange::Remove { force } => environments.remove_cluster(&request, cluster, force).await,
    };
    done(parts, outcome).await?;
    Ok(Answer::Done)
}

fn request() -> Request {
    Request::system("clusters_command")
}

pub(super) async fn named(parts: &Parts, name: &str) -> Result<ClusterId, OperatorError> {
    let rows = clusters::registered(parts.projections.db()).await.map_err(OperatorError::failed)?;
    let found = rows.iter().find(|row| row.name == name).map(|row| ClusterId(row.cluster));
    found.ok_or_else(|| OperatorError::unknown("cluster", name, rows.into_iter().map(|row| row.name).collect()))
}

/// What was decided, once it can be seen.
pub(super) async fn done<T>(parts: &Parts, outcome: Result<Outcome<T, EnvironmentRejection>, Fault>) -> Result<T, OperatorError> {
    match outcome.map_err(OperatorError::failed)? {
        Outcome::Accepted(accepted) => {
            let _ = parts.projections.reached(accepted.position, LEVEL).await;
            Ok(accepted.value)
        }
        Outcome::Rejected(rejection) => Err(OperatorError::failed(rejection)),
    }
}
