//! What is sent, and what is answered.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use commands::environments::{ClusterAccess, ClusterProfile, ClusterReport};
use domain::{
    environments::cluster::{Capacity, CredentialsKind, Health, Schedule},
    kernel::ClusterId,
};
use projections::environments::clusters;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A cluster to be registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewInfrastructure {
    /// 1 to 63 lower-case letters, digits and hyphens; no other cluster has it.
    name: String,
    /// At most 32, such as `region` or `gpu`.
    #[serde(default)]
    labels: BTreeMap<String, String>,
    /// 1 to 1000: how much of what could go anywhere goes here. 100, if it is left out.
    #[schema(minimum = 1, maximum = 1000)]
    weight: Option<u32>,
    /// How many environments may have a place at once; as many as fit, if it is left out.
    limit: Option<u32>,
    access: Access,
}

/// What is said anew of a cluster: all of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RevisedInfrastructure {
    /// 1 to 63 lower-case letters, digits and hyphens; no other cluster has it.
    name: String,
    /// At most 32, such as `region` or `gpu`.
    #[serde(default)]
    labels: BTreeMap<String, String>,
    /// 1 to 1000. 100, if it is left out.
    #[schema(minimum = 1, maximum = 1000)]
    weight: Option<u32>,
    /// How many environments may have a place at once; as many as fit, if it is left out.
    limit: Option<u32>,
    /// New credentials; those that it has stay, if they are left out.
    access: Option<Access>,
}

/// How a cluster is reached. It is kept sealed and never shown again.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Access {
    Kubeconfig(Kubeconfig),
    Token(TokenAccess),
    /// As the pod that the server runs in does.
    InCluster(InCluster),
}

/// A kubeconfig with the credentials themselves in it: no programs, no files, no proxies.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Kubeconfig {
    /// YAML of at most 64 KiB.
    #[schema(value_type = String, format = Password, write_only)]
    text: SecretString,
    /// Which context, if there are several.
    context: Option<String>,
}

/// A token of a service account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct TokenAccess {
    /// The https address of the API.
    server: String,
    #[schema(value_type = String, format = Password, write_only)]
    token: SecretString,
    /// PEM, where the server's certificate is not from a public authority.
    certificate_authority: Option<String>,
}

/// Nothing more needs to be said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InCluster {}

/// The clusters that are registered, by name.
#[derive(Serialize, ToSchema)]
pub(super) struct Infrastructures {
    pub(super) items: Vec<Infrastructure>,
}

/// A cluster, as it is registered and was found last.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Infrastructure {
    id: String,
    name: String,
    /// The address of its API.
    server: String,
    labels: BTreeMap<String, String>,
    weight: i64,
    limit: Option<i64>,
    /// How many environments have a place.
    taken: i64,
    is_default: bool,
    /// `open`, `cordoned`, `draining` or `removing`.
    #[schema(value_type = String)]
    schedule: Schedule,
    /// `healthy`, `degraded` or `unreachable`.
    #[schema(value_type = String)]
    health: Health,
    /// Why it is not well, while it is not.
    health_reason: Option<String>,
    /// Of the API server.
    version: String,
    capacity: Offered,
    /// Whether it says what is used.
    has_metrics: bool,
    warnings: Vec<String>,
    credentials: Credentials,
    registered_at: DateTime<Utc>,
}

/// What is known of a cluster's credentials.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Credentials {
    /// `token`, `client_certificate` or `in_cluster`.
    #[schema(value_type = String)]
    kind: CredentialsKind,
    /// From 1, one more with each rotation.
    version: i64,
    /// Tells credentials apart, and nothing about them.
    fingerprint: String,
    given_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
}

/// What all nodes together have to give.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Offered {
    nodes: i64,
    cpu_millicores: i64,
    memory_mebibytes: i64,
    storage_mebibytes: i64,
    pods: i64,
}

/// What a test found.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    /// Whether environments can be made there.
    is_usable: bool,
    reachable: bool,
    version: Option<String>,
    /// Permissions that environments need and the credentials do not give, such as `create pods/exec`.
    missing_permissions: Vec<String>,
    capacity: Offered,
    has_metrics: bool,
    warnings: Vec<String>,
    failures: Vec<FailedPoint>,
}

/// One thing that does not work.
#[derive(Serialize, ToSchema)]
struct FailedPoint {
    /// What was tried, such as `certificate`.
    point: String,
    problem: String,
}

impl NewInfrastructure {
    pub(super) fn read(self) -> (ClusterProfile, ClusterAccess) {
        let Self { name, labels, weight, limit, access } = self;
        (ClusterProfile { name, labels, weight, limit }, access.into())
    }
}

impl RevisedInfrastructure {
    pub(super) fn read(self) -> (ClusterProfile, Option<ClusterAccess>) {
        let Self { name, labels, weight, limit, access } = self;
        (ClusterProfile { name, labels, weight, limit }, access.map(Into::into))
    }
}

impl From<Access> for ClusterAccess {
    fn from(access: Access) -> Self {
        match access {
            Access::Kubeconfig(Kubeconfig { text, context }) => Self::Kubeconfig { text, context },
            Access::Token(TokenAccess { server, token, certificate_authority }) => Self::Token { server, token, certificate_authority },
            Access::InCluster(InCluster {}) => Self::InCluster,
        }
    }
}

impl From<clusters::Model> for Infrastructure {
    fn from(row: clusters::Model) -> Self {
        Self {
            id: ClusterId(row.cluster).to_string(),
            name: row.name,
            server: row.server,
            labels: row.labels.0,
            weight: row.weight,
            limit: row.place_limit,
            taken: row.taken,
            is_default: row.is_default,
            schedule: row.schedule.0,
            health: row.health.0,
            health_reason: row.health_reason,
            version: row.version,
            capacity: Offered {
                nodes: row.nodes,
                cpu_millicores: row.cpu,
                memory_mebibytes: row.memory,
                storage_mebibytes: row.storage,
                pods: row.pods,
            },
            has_metrics: row.has_metrics,
            warnings: row.warnings.0,
            credentials: Credentials {
                kind: row.credentials_kind.0,
                version: row.credentials_version,
                fingerprint: row.credentials_fingerprint,
                given_at: row.credentials_at,
                expires_at: row.credentials_expire_at,
            },
            registered_at: row.registered_at,
        }
    }
}

impl From<Capacity> for Offered {
    fn from(capacity: Capacity) -> Self {
        Self {
            nodes: capacity.nodes.into(),
            cpu_millicores: capacity.cpu.0.into(),
            memory_mebibytes: capacity.memory.0.into(),
            storage_mebibytes: capacity.storage.0.into(),
            pods: capacity.pods.into(),
        }
    }
}

impl From<ClusterReport> for Report {
    fn from(report: ClusterReport) -> Self {
        Self {
            is_usable: report.is_usable(),
            reachable: report.reachable,
            version: report.version,
            missing_permissions: report.missing,
            capacity: report.capacity.into(),
            has_metrics: report.has_metrics,
            warnings: report.warnings,
            failures: report.failures.into_iter().map(|it| FailedPoint { point: it.point, problem: it.problem }).collect(),
        }
    }
}
