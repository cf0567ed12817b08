//! What commands need of clusters: reading what an administrator gives, and trying it.

mod expiry;
mod sealed;

use commands::environments::{AccessError, ClusterAccess, ClusterReport, Connection, Fleet, PointFailure, Taken};
use domain::{
    environments::cluster::{Capacity, CredentialsKind, Endpoint},
    kernel::{Mebibytes, Millicores},
};

use secrecy::ExposeSecret;

use crate::{
    client::{ClientOptions, client},
    connection::{Connection as Reach, ConnectionError, Credential},
    kubeconfig,
    probe::{self, Outcome, Report, probe},
};

/// The clusters that can be reached under these options.
#[derive(Clone, Copy, Debug, Default)]
pub struct KubernetesFleet {
    pub client: ClientOptions,
}

impl KubernetesFleet {
    /// A client of a cluster, and what it was made from.
    pub(crate) fn connect(&self, connection: &Connection) -> Result<(kube::Client, Reach), ConnectionError> {
        let reach = sealed::open(&connection.secret)?;
        let mut options = self.client;
        // A pod's own cluster is in a private network, and no caller has chosen its address.
        options.addresses.allow_private |= connection.kind == CredentialsKind::InCluster;
        client(&reach, &options).map(|client| (client, reach))
    }
}

#[async_trait::async_trait]
impl Fleet for KubernetesFleet {
    fn parse(&self, access: &ClusterAccess) -> Result<Connection, AccessError> {
        match access {
            ClusterAccess::Kubeconfig { text, context } => {
                let reach = kubeconfig::read(text.expose_secret(), context.as_deref()).map_err(refused)?;
                Ok(taken(&reach))
            }
            ClusterAccess::Token { server, token, certificate_authority } => {
                let reach = Reach::try_new(server, certificate_authority.clone(), Credential::Token(token.clone()));
                reach.map(|reach| taken(&reach)).map_err(|error| match error.field.as_str() {
                    "certificate-authority-data" => AccessError { at: "certificateAuthority".to_owned(), problem: error.reason },
                    _ => refused(error),
                })
            }
            ClusterAccess::InCluster => {
                let reach = Reach::in_cluster().map_err(refused)?;
                let endpoint = Endpoint { server: reach.server(), context: None };
                Ok(Connection { endpoint, kind: CredentialsKind::InCluster, expires_at: None, secret: sealed::in_cluster() })
            }
        }
    }

    async fn test(&self, connection: &Connection) -> ClusterReport {
        match self.connect(connection) {
            Ok((client, _)) => told(probe(&client).await),
            Err(ConnectionError { field, reason }) => {
                ClusterReport { failures: vec![PointFailure { point: field, problem: reason }], ..ClusterReport::default() }
            }
        }
    }
}

fn refused(error: ConnectionError) -> AccessError {
    AccessError { at: error.field, problem: error.reason }
}

fn taken(reach: &Reach) -> Connection {
    let (kind, expires_at) = match reach.credential() {
        Credential::Token(token) => (CredentialsKind::Token, expiry::of_token(token)),
        Credential::ClientCertificate { certificate, .. } => (CredentialsKind::ClientCertificate, expiry::of_certificate(certificate)),
    };
    let endpoint = Endpoint { server: reach.server(), context: reach.context.clone() };
    Connection { endpoint, kind, expires_at, secret: sealed::seal(reach) }
}

/// What a test found, in the words of commands.
fn told(report: Report) -> ClusterReport {
    let passed = |name: &str| report.points.iter().any(|point| point.name == name && point.outcome == Outcome::Passed);
    let failed = report.points.iter().filter(|point| point.outcome == Outcome::Failed);
    // What is missing is told one by one.
    let failed = failed.filter(|point| point.name != "permissions" || report.missing.is_empty());
    ClusterReport {
        reachable: passed("reachable"),
        version: report.version.clone(),
        capacity: report.capacity.map(|capacity| allocatable(&capacity)).unwrap_or_default(),
        taken: report.capacity.map(|capacity| taken_of(&capacity)),
        has_metrics: passed("metrics"),
        warnings: report.points.iter().filter(|point| point.outcome == Outcome::Warned).map(|point| point.detail.clone()).collect(),
        failures: failed.map(|point| PointFailure { point: point.name.to_owned(), problem: point.detail.clone() }).collect(),
        missing: report.missing,
    }
}

fn allocatable(capacity: &probe::Capacity) -> Capacity {
    amounts(capacity.open_nodes, capacity.allocatable)
}

/// What is requested, and what is used as far as that is measured: of storage and pods it is not.
fn taken_of(capacity: &probe::Capacity) -> Taken {
    let requested = capacity.requested;
    let measured = |of: fn(&probe::Resources) -> u64| capacity.used.as_ref().map(of).filter(|used| *used > 0).unwrap_or(of(&requested));
    let used = probe::Resources {
        millicpu: measured(|of| of.millicpu),
        memory: measured(|of| of.memory),
        storage: measured(|of| of.storage),
        pods: measured(|of| of.pods),
    };
    Taken { requested: amounts(capacity.open_nodes, requested), used: amounts(capacity.open_nodes, used) }
}

/// What is spoken for: what pods request keeps others out, and so does what they use beyond that.
pub(crate) fn spoken_for(capacity: &probe::Capacity) -> Capacity {
    let (requested, used) = (capacity.requested, capacity.used.unwrap_or_default());
    let most = probe::Resources {
        millicpu: requested.millicpu.max(used.millicpu),
        memory: requested.memory.max(used.memory),
        storage: requested.storage.max(used.storage),
        pods: requested.pods.max(used.pods),
    };
    amounts(capacity.open_nodes, most)
}

fn amounts(nodes: u32, resources: probe::Resources) -> Capacity {
    let number = |amount: u64| u32::try_from(amount).unwrap_or(u32::MAX);
    Capacity {
        nodes,
        cpu: Millicores(number(resources.millicpu)),
        memory: Mebibytes(number(resources.memory >> 20)),
        storage: Mebibytes(number(resources.storage >> 20)),
        pods: number(resources.pods),
    }
}

#[cfg(test)]
mod tests;
