//! The clusters outside, as far as commands need them.

use domain::{
    environments::{
        EnvironmentRejection as Rejection,
        cluster::{Assessment, Capacity, CredentialsKind, Endpoint},
    },
    kernel::Timestamp,
};
use secrecy::SecretString;

/// The clusters outside, as far as commands need them.
#[async_trait::async_trait]
pub trait Fleet: Send + Sync + 'static {
    /// Reads what an administrator gave. Nothing is called for it.
    ///
    /// # Errors
    /// What is refused, and where it stands. Nothing secret is in it.
    fn parse(&self, access: &ClusterAccess) -> Result<Connection, AccessError>;

    /// Tries everything that environments will need, within a bounded time. What does not work is in the report.
    async fn test(&self, connection: &Connection) -> ClusterReport;
}

/// How a cluster is reached, as an administrator gives it.
#[derive(Debug)]
pub enum ClusterAccess {
    /// `context` chooses one of several.
    Kubeconfig { text: SecretString, context: Option<String> },
    /// `certificate_authority` is PEM.
    Token { server: String, token: SecretString, certificate_authority: Option<String> },
    /// As the pod that this program runs in does.
    InCluster,
}

/// How a cluster is reached, checked.
#[derive(Debug)]
pub struct Connection {
    pub endpoint: Endpoint,
    pub kind: CredentialsKind,
    /// When the credentials stop to be good, where that is known.
    pub expires_at: Option<Timestamp>,
    /// All that it takes to connect, in a form that the fleet alone reads. It is kept sealed.
    pub secret: SecretString,
}

/// Why what was given is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {problem}")]
pub struct AccessError {
    /// Where it stands, such as `users[0].user.exec`.
    pub at: String,
    /// What is wrong, and what was expected.
    pub problem: String,
}

/// What a test found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterReport {
    pub reachable: bool,
    /// Of the API server.
    pub version: Option<String>,
    /// Permissions that environments need and the credentials do not give, such as `create pods/exec`.
    pub missing: Vec<String>,
    pub capacity: Capacity,
    /// Whether it says what is used.
    pub has_metrics: bool,
    /// What administrators should know, though it keeps nothing from working.
    pub warnings: Vec<String>,
    pub failures: Vec<PointFailure>,
    /// What of the capacity is taken; none where that could not be seen.
    pub taken: Option<Taken>,
}

/// What of a cluster's capacity is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// By all pods that have not ended.
    pub requested: Capacity,
    /// As measured; what is requested, where that is not.
    pub used: Capacity,
}

/// One thing that does not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointFailure {
    /// What was tried, such as `certificate` or `version`.
    pub point: String,
    pub problem: String,
}

impl ClusterReport {
    /// Whether environments can be made there.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        self.reachable && self.missing.is_empty() && self.failures.is_empty()
    }

    /// What is recorded of it.
    ///
    /// # Errors
    /// [`Rejection::NotUsable`], with everything that does not work.
    pub fn assessed(&self) -> Result<Assessment, Rejection> {
        if self.is_usable() {
            return Ok(Assessment {
                version: self.version.clone().unwrap_or_default(),
                capacity: self.capacity,
                has_metrics: self.has_metrics,
                warnings: self.warnings.clone(),
            });
        }
        let points = self.failures.iter().map(|failure| format!("{}: {}", failure.point, failure.problem));
        let missing = self.missing.iter().map(|permission| format!("permissions: {permission} is not allowed"));
        let mut failures: Vec<String> = points.chain(missing).collect();
        if failures.is_empty() {
            failures.push("connection: the server did not answer".to_owned());
        }
        Err(Rejection::NotUsable { failures })
    }
}
