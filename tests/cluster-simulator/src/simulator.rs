//! The simulator as tests hold it: all of the public API is here, below, and in `options.rs`.

mod objects;

use std::{
    collections::BTreeMap,
    fmt,
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::runtime::Runtime;

use crate::{
    certificates::Authority,
    cluster::Cluster,
    faults::Fault,
    identity::User,
    nodes,
    options::{Behaviour, Node, Options},
    server,
    tally::Requests,
};

/// Why there is no simulator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No port, thread or folder is to be had.
    #[error("the simulator has no {what}: {source}")]
    System {
        /// What was asked for.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// No certificate could be made.
    #[error("the simulator has no certificate: {0}")]
    Certificate(String),
}

/// A certificate for a client and its key, both as PEM.
#[derive(Clone, Debug)]
pub struct ClientCertificate {
    /// The certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

/// A running cluster, on threads of its own. It ends when it is dropped, with everything that runs in its pods; a vCluster ends with the
/// pod that is its control plane instead.
pub struct Simulator {
    cluster: Arc<Cluster>,
    address: SocketAddr,
    admin_token: String,
    runtime: Option<Runtime>,
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Simulator {
    /// Starts a cluster. Works inside and outside of a runtime.
    ///
    /// # Errors
    /// The system has no port, thread or folder left.
    pub fn start(options: &Options) -> Result<Self, StartError> {
        let system = |what| move |source| StartError::System { what, source };
        let authority = Authority::new().map_err(|error| StartError::Certificate(error.to_string()))?;
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(2).thread_name("cluster-simulator").enable_all();
        let runtime = builder.build().map_err(system("threads"))?;
        let listener = std::net::TcpListener::bind(("127.0.0.1", options.port)).map_err(system("port"))?;
        listener.set_nonblocking(true).map_err(system("port"))?;
        let address = listener.local_addr().map_err(system("port"))?;
        let cluster = Cluster::new(options, authority, address, runtime.handle().clone()).map_err(system("folder"))?;
        let admin_token = cluster.admit(User::new("simulator-admin", &["system:masters"]));
        server::spawn(&runtime, listener, &cluster).map_err(StartError::Certificate)?;
        Ok(Self { cluster, address, admin_token, runtime: Some(runtime) })
    }

    /// `https://127.0.0.1:…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate authority of its certificate, as PEM.
    #[must_use]
    pub fn ca_pem(&self) -> String {
        self.cluster.authority.pem()
    }

    /// A token of somebody who may do everything.
    #[must_use]
    pub fn admin_token(&self) -> &str {
        &self.admin_token
    }

    /// The bearer token of the API below `/simulator/`.
    #[must_use]
    pub fn control_token(&self) -> &str {
        &self.cluster.control_token
    }

    /// A kubeconfig of the administrator, as YAML.
    #[must_use]
    pub fn kubeconfig(&self) -> String {
        self.kubeconfig_for(&self.admin_token)
    }

    /// A kubeconfig with a token, as YAML.
    #[must_use]
    pub fn kubeconfig_for(&self, token: &str) -> String {
        self.cluster.authority.kubeconfig(&self.url(), &[("token", token)])
    }

    /// A kubeconfig with a client certificate, as YAML.
    #[must_use]
    pub fn kubeconfig_with(&self, certificate: &ClientCertificate) -> String {
        let encoded = |text: &str| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text);
        let (certificate, key) = (encoded(&certificate.certificate), encoded(&certificate.key));
        self.cluster.authority.kubeconfig(&self.url(), &[("client-certificate-data", &certificate), ("client-key-data", &key)])
    }

    /// A token for anybody, with the rights that roles give to the name and the groups. It never expires.
    #[must_use]
    pub fn token_for(&self, user: &str, groups: &[&str]) -> String {
        self.cluster.admit(User::new(user, groups))
    }

    /// Takes a token back: it is answered with 401 from now on.
    pub fn revoke(&self, token: &str) {
        self.cluster.credentials().revoke(token);
    }

    /// A certificate for anybody.
    ///
    /// # Errors
    /// No key could be made.
    pub fn certificate_for(&self, user: &str, groups: &[&str]) -> Result<ClientCertificate, StartError> {
        let user = User::new(user, groups);
        self.cluster.certify(user).map_err(|error| StartError::Certificate(error.to_string()))
    }

    /// Injects a fault into the requests that it describes; the number takes it back. Where several meet a request, the
    /// first that was injected has its way.
    pub fn inject(&self, fault: Fault) -> u64 {
        self.cluster.faults().add(fault)
    }

    /// Takes a fault back.
    pub fn withdraw(&self, fault: u64) {
        self.cluster.faults().remove(fault);
    }

    /// Takes all faults back.
    pub fn withdraw_all(&self) {
        self.cluster.faults().clear();
    }

    /// How often each fault that is injected has struck.
    #[must_use]
    pub fn struck(&self) -> BTreeMap<u64, u64> {
        self.cluster.faults().struck()
    }

    /// Changes how the cluster behaves from now on.
    pub fn behave(&self, change: impl FnOnce(&mut Behaviour)) {
        self.cluster.locked(|store| change(&mut store.behaviour));
    }

    /// Sets the cluster's clock forward: tokens expire, what waits for a delay happens.
    pub fn advance(&self, by: Duration) {
        self.cluster.advance(by);
    }

    /// The cluster's time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.cluster.locked(|store| store.clock.now())
    }

    /// Closes all watches.
    pub fn drop_watches(&self) {
        self.cluster.interrupt(|all| all.dropped += 1);
    }

    /// Leaves all watches open without a word, as a dead connection would.
    pub fn freeze_watches(&self) {
        self.cluster.interrupt(|all| all.frozen += 1);
    }

    /// Forgets all changes: a watch that goes on from before is answered with 410.
    pub fn compact(&self) {
        self.cluster.locked(crate::store::Store::compact);
    }

    /// Cuts the cluster off, or lets it be reached again. While it is off, connections are closed as they come.
    pub fn set_reachable(&self, reachable: bool) {
        self.cluster.set_reachable(reachable);
    }

    /// The vCluster whose control plane is in a namespace, if it is ready. It listens nowhere: it is reached over its pod's port.
    #[must_use]
    pub fn vcluster(&self, namespace: &str) -> Option<Self> {
        let cluster = self.cluster.vclusters.find(namespace)?;
        let admin_token = cluster.admit(User::new("simulator-admin", &["system:masters"]));
        Some(Self { address: cluster.address, cluster, admin_token, runtime: None })
    }

    /// Connections to ports of pods that are open.
    #[must_use]
    pub fn tunnels(&self) -> usize {
        self.cluster.tunnels.load(Ordering::SeqCst)
    }

    /// Adds a node.
    pub fn add_node(&self, node: &Node) {
        self.cluster.locked(|store| nodes::add(store, node));
    }

    /// The requests since the start, or since they were last forgotten.
    #[must_use]
    pub fn requests(&self) -> Requests {
        self.cluster.tally().requests()
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        self.cluster.tally().forget();
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            self.cluster.end();
            // Also inside of another runtime, where waiting is not allowed.
            runtime.shutdown_background();
        }
    }
}
