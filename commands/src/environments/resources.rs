//! What stands in a learner's own part of a cluster, as its learner may see it.

use std::sync::Arc;

use domain::{
    environments::EnvironmentRejection as Rejection,
    kernel::{EnvironmentId, Timestamp},
};
use futures_util::stream::BoxStream;

/// What stands in a learner's own part of a cluster, as its learner may see it. Whether somebody is that learner is for the caller
/// to find out.
#[async_trait::async_trait]
pub trait Resources: Send + Sync + 'static {
    /// The objects of a kind: events latest first, all others by name.
    ///
    /// # Errors
    /// There is nothing to look at, or it could not be looked at.
    async fn list(&self, environment: EnvironmentId, kind: ResourceKind) -> Result<Vec<EnvironmentResource>, ResourcesError>;

    /// The same now and after each change, for as long as somebody takes it.
    ///
    /// # Errors
    /// As [`list`](Self::list), or too many are followed.
    async fn follow(&self, environment: EnvironmentId, kind: ResourceKind) -> Result<ResourceChanges, ResourcesError>;

    /// The end of what a pod printed.
    ///
    /// # Errors
    /// As [`list`](Self::list), or there is no such pod.
    async fn log(&self, environment: EnvironmentId, log: &PodLog) -> Result<String, ResourcesError>;

    /// The same, and what the pod prints from then on, for as long as somebody takes it and the pod runs.
    ///
    /// # Errors
    /// As [`log`](Self::log), or too many are followed.
    async fn follow_log(&self, environment: EnvironmentId, log: &PodLog) -> Result<LogParts, ResourcesError>;
}

/// The objects of a kind, again and again.
pub type ResourceChanges = BoxStream<'static, Arc<Vec<EnvironmentResource>>>;

/// What a pod prints, a few lines at a time.
pub type LogParts = BoxStream<'static, String>;

/// Kinds that are shown. Secrets never are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResourceKind {
    Pods,
    Services,
    Deployments,
    ConfigMaps,
    Events,
}

/// An object's columns. What a kind does not have is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentResource {
    pub name: String,
    pub namespace: String,
    /// In a word, such as `Running`.
    pub status: Option<String>,
    /// How many of its parts are ready, and of how many.
    pub ready: Option<(u32, u32)>,
    pub restarts: Option<u32>,
    pub created_at: Option<Timestamp>,
    /// What it is about, such as `Pod/web-1`; of events.
    pub about: Option<String>,
    /// What there is to say about it in a line.
    pub message: Option<String>,
}

/// The end of what a pod prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodLog {
    /// Where a vCluster has the pod; `default`, if it is left out. In a namespace that is the learner's, there is no other.
    pub namespace: Option<String>,
    pub pod: String,
    /// May be left out where there is one alone.
    pub container: Option<String>,
    /// So many lines at the most.
    pub lines: u32,
}

/// Why there is nothing to see.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResourcesError {
    /// A rule forbids it.
    #[error(transparent)]
    Refused(#[from] Rejection),
    /// Others look at as much as may be looked at.
    #[error("too many watch what is in their environments; try again later")]
    Busy,
    /// The cluster did not answer as it should.
    #[error("{0}")]
    Failed(String),
}
