//! What stands in for clusters.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use commands::{
    Request,
    environments::{AccessError, ClusterAccess, ClusterProfile, ClusterReport, Connection, Fleet},
};
use domain::{
    environments::cluster::{Capacity, CredentialsKind, Endpoint},
    kernel::{ClusterId, Mebibytes, Millicores},
};
use secrecy::ExposeSecret;

use crate::platform::{Platform, accepted};

/// Clusters that do as they are told, and well if they are not told anything.
#[derive(Default)]
pub(crate) struct Harbour {
    reports: Mutex<VecDeque<ClusterReport>>,
    /// The server and the secret of each test.
    tried: Mutex<Vec<(String, String)>>,
}

impl Harbour {
    /// What the next test finds.
    pub(crate) fn next_report(&self, report: ClusterReport) {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).push_back(report);
    }

    pub(crate) fn tried(&self) -> Vec<(String, String)> {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait::async_trait]
impl Fleet for Harbour {
    fn parse(&self, access: &ClusterAccess) -> Result<Connection, AccessError> {
        let ClusterAccess::Token { server, token, .. } = access else {
            return Err(AccessError { at: "users[0].user.exec".into(), problem: "programs are not run".into() });
        };
        let endpoint = Endpoint { server: server.clone(), context: None };
        Ok(Connection { endpoint, kind: CredentialsKind::Token, expires_at: None, secret: token.clone() })
    }

    async fn test(&self, connection: &Connection) -> ClusterReport {
        let tried = (connection.endpoint.server.clone(), connection.secret.expose_secret().to_owned());
        self.tried.lock().unwrap_or_else(PoisonError::into_inner).push(tried);
        let report = self.reports.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        report.unwrap_or_else(|| usable("v1.36.0"))
    }
}

/// What is found of a cluster that is as it should be.
pub(crate) fn usable(version: &str) -> ClusterReport {
    let (cpu, memory, storage) = (Millicores(8000), Mebibytes(16384), Mebibytes(100_000));
    let capacity = Capacity { nodes: 2, cpu, memory, storage, pods: 110 };
    ClusterReport { reachable: true, version: Some(version.to_owned()), capacity, has_metrics: true, ..ClusterReport::default() }
}

pub(crate) fn profile(name: &str) -> ClusterProfile {
    ClusterProfile { name: name.to_owned(), labels: [("region".to_owned(), "eu".to_owned())].into(), weight: None, limit: None }
}

pub(crate) fn token(host: &str, token: &str) -> ClusterAccess {
    let server = format!("https://{host}.example.org");
    ClusterAccess::Token { server, token: token.to_owned().into(), certificate_authority: None }
}

impl Platform {
    /// A registered cluster of this name.
    pub(crate) async fn cluster(&self, name: &str) -> ClusterId {
        self.cluster_by(&Request::system("test"), name).await
    }

    pub(crate) async fn cluster_by(&self, request: &Request, name: &str) -> ClusterId {
        accepted(self.commands.environments.register_cluster(request, profile(name), &token(name, &format!("secret of {name}"))).await)
    }
}
