//! Clusters that are entries in a table.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use commands::{
    Request,
    environments::{AccessError, ClusterAccess, ClusterProfile, ClusterReport, Connection, Fleet},
};
use domain::{
    environments::cluster::{Capacity, CredentialsKind, Endpoint},
    kernel::ClusterId,
    workshops::content::EnvironmentNeeds,
};
use journal::History;
use orchestrator::{
    driver::{Driver, DriverError},
    placement::Need,
    sites::Clusters,
};

use crate::{
    scripted::{ScriptedDriver, World},
    stage::{Stage, accepted},
};

/// What every cluster here has to give.
const CAPACITY: Capacity = Capacity { pods: 100, ..nothing() };

const fn nothing() -> Capacity {
    use domain::kernel::{Mebibytes, Millicores};
    Capacity { nodes: 1, cpu: Millicores(0), memory: Mebibytes(0), storage: Mebibytes(0), pods: 0 }
}

/// What is outside: a world per cluster. It stays when processes go.
#[derive(Default)]
pub(crate) struct Harbour(Mutex<BTreeMap<ClusterId, Arc<World>>>);

#[async_trait::async_trait]
impl Clusters for Harbour {
    fn need(&self, _needs: &EnvironmentNeeds) -> Option<Need> {
        Some(Need { pods: 1, ..Need::default() })
    }

    fn used(&self, _cluster: ClusterId) -> Capacity {
        nothing()
    }

    async fn driver(&self, cluster: ClusterId) -> Result<Arc<dyn Driver>, DriverError> {
        let worlds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let world = worlds.get(&cluster).ok_or_else(|| DriverError::Transient(format!("{cluster} is not there")))?;
        Ok(Arc::new(ScriptedDriver(Arc::clone(world))))
    }
}

/// Takes every cluster for good.
pub(crate) struct AnyCluster;

#[async_trait::async_trait]
impl Fleet for AnyCluster {
    fn parse(&self, access: &ClusterAccess) -> Result<Connection, AccessError> {
        let ClusterAccess::Token { server, token, .. } = access else { panic!("a token") };
        let endpoint = Endpoint { server: server.clone(), context: None };
        Ok(Connection { endpoint, kind: CredentialsKind::Token, expires_at: None, secret: token.clone() })
    }

    async fn test(&self, _connection: &Connection) -> ClusterReport {
        ClusterReport { reachable: true, capacity: CAPACITY, ..ClusterReport::default() }
    }
}

impl Stage {
    /// A cluster with so many places, and its world. Processes that start from now on reach clusters.
    pub(crate) async fn cluster(&self, name: &str, limit: u32) -> (ClusterId, Arc<World>) {
        let profile = ClusterProfile { name: name.into(), labels: BTreeMap::new(), weight: None, limit: Some(limit) };
        let server = format!("https://{name}.example.org");
        let access = ClusterAccess::Token { server, token: "token".to_owned().into(), certificate_authority: None };
        let registered = self.commands.environments.register_cluster(&Request::system("test"), profile, &access).await;
        let (cluster, world) = (accepted(registered), World::new(self.ledger.clone()));
        let harbour = self.harbour.get_or_init(Arc::default);
        harbour.0.lock().unwrap_or_else(PoisonError::into_inner).insert(cluster, Arc::clone(&world));
        (cluster, world)
    }

    /// Names and payloads of what happened to a cluster.
    pub(crate) async fn ledger_events(&self, cluster: ClusterId) -> Vec<(String, serde_json::Value)> {
        let recorded = self.ledger.load(&journal::StreamId::new("cluster", cluster.into()), 0).await.expect("readable");
        recorded.into_iter().map(|event| (event.name, event.payload.to_value().expect("JSON"))).collect()
    }

    /// How many places of a cluster are taken.
    pub(crate) async fn taken(&self, cluster: ClusterId) -> u32 {
        let state = self.commands.environments.cluster(cluster).await.expect("readable");
        state.member().expect("a cluster").taken()
    }
}
