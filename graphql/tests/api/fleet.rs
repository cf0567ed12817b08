//! Stands in for clusters, and for who places environments on them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use commands::environments::{
    AccessError, ClusterAccess, ClusterReport, Connection, EnvironmentResource, Fleet, LogParts, PodLog, PointFailure, ResourceChanges,
    ResourceKind, Resources, ResourcesError,
};
use domain::{
    environments::{
        EnvironmentRejection,
        cluster::{Capacity, CredentialsKind, Endpoint},
    },
    kernel::{ClusterId, EnvironmentId, Mebibytes, Millicores},
    workshops::content::EnvironmentNeeds,
};
use futures_util::{StreamExt, stream};
use graphql::{Budget, Choice, Placements, Ranking};
use projections::environments::clusters;
use secrecy::ExposeSecret;

/// Takes tokens only; one that begins with `bad` does not do.
pub(crate) struct Harbour;

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
        if connection.secret.expose_secret().starts_with("bad") {
            let failures = vec![PointFailure { point: "credentials".into(), problem: "the token is not accepted".into() }];
            return ClusterReport { reachable: true, missing: vec!["create pods/exec".into()], failures, ..ClusterReport::default() };
        }
        let (cpu, memory, storage) = (Millicores(8000), Mebibytes(16_384), Mebibytes(100_000));
        let capacity = Capacity { nodes: 2, cpu, memory, storage, pods: 110 };
        ClusterReport { reachable: true, version: Some("v1.36.0".into()), capacity, has_metrics: true, ..ClusterReport::default() }
    }
}

/// Puts environments on the cluster that they ask for by its name.
#[derive(Default)]
pub(crate) struct ByName(pub(crate) Mutex<Used>);

/// What environments on clusters use.
type Used = HashMap<ClusterId, HashMap<EnvironmentId, Budget>>;

#[async_trait::async_trait]
impl Placements for ByName {
    fn rank(&self, needs: &EnvironmentNeeds, clusters: &[clusters::Model]) -> Option<Ranking> {
        let wanted = needs.kubernetes.as_ref()?.node_selector.get("cluster")?;
        let reason = format!("{wanted} is asked for");
        let mut ranking = Ranking::default();
        for row in clusters {
            let (cluster, reason) = (ClusterId(row.cluster), reason.clone());
            if row.name == *wanted {
                ranking.choices.push(Choice { cluster, score: 7, reason });
            } else {
                ranking.refusals.push((cluster, reason));
            }
        }
        Some(ranking)
    }

    fn budget(&self, needs: &EnvironmentNeeds) -> Option<Budget> {
        needs.kubernetes.as_ref().map(|_| Budget { cpu: Millicores(2000), memory: Mebibytes(4096) })
    }

    /// One that `Used` does not know is not measured.
    async fn used(&self, cluster: ClusterId) -> Result<Option<HashMap<EnvironmentId, Budget>>, String> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&cluster).cloned())
    }
}

/// Has one object in each environment, and another one in a moment; services are on no cluster, and events are watched by others.
pub(crate) struct Furniture;

fn furniture(environment: EnvironmentId, names: &[&str]) -> Vec<EnvironmentResource> {
    let row = |name: &&str| EnvironmentResource { name: (*name).into(), namespace: environment.to_string(), ..Default::default() };
    names.iter().map(row).collect()
}

#[async_trait::async_trait]
impl Resources for Furniture {
    async fn list(&self, environment: EnvironmentId, kind: ResourceKind) -> Result<Vec<EnvironmentResource>, ResourcesError> {
        match kind {
            ResourceKind::Services => Err(EnvironmentRejection::NotOnCluster.into()),
            ResourceKind::Events => Err(ResourcesError::Failed("10.0.0.7 does not answer".into())),
            ResourceKind::Deployments => Err(EnvironmentRejection::VclusterNotReady.into()),
            _ => Ok(furniture(environment, &["web"])),
        }
    }

    async fn follow(&self, environment: EnvironmentId, kind: ResourceKind) -> Result<ResourceChanges, ResourcesError> {
        match kind {
            ResourceKind::Services => Err(EnvironmentRejection::NotOnCluster.into()),
            ResourceKind::Events => Err(ResourcesError::Busy),
            _ => {
                let all = [Arc::new(furniture(environment, &["web"])), Arc::new(furniture(environment, &["db", "web"]))];
                Ok(stream::iter(all).chain(stream::pending()).boxed())
            }
        }
    }

    async fn log(&self, _environment: EnvironmentId, log: &PodLog) -> Result<String, ResourcesError> {
        match (&*log.pod, log.namespace.as_deref()) {
            ("web", None) => Ok(format!("{} lines", log.lines)),
            ("web", Some(namespace)) => Ok(format!("in {namespace}")),
            _ => Err(EnvironmentRejection::PodNotFound.into()),
        }
    }

    async fn follow_log(&self, environment: EnvironmentId, log: &PodLog) -> Result<LogParts, ResourcesError> {
        let end = self.log(environment, log).await?;
        Ok(stream::iter([end, "and more".into()]).chain(stream::pending()).boxed())
    }
}
