//! The simulator as tests hold it: all of the public API is here.

use std::{collections::BTreeMap, fmt, net::SocketAddr, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{certificates::Authority, cluster::Cluster, identity::User, kinds, nodes, server, store::Key};

/// Put on a pod, its containers end with this exit code as soon as they run.
pub const EXIT_ANNOTATION: &str = "simulator/exit-code";
/// Put on a pod, its image cannot be pulled, for the reason given.
pub const PULL_ERROR_ANNOTATION: &str = "simulator/pull-error";
/// Put on a pod, this is its log.
pub const LOG_ANNOTATION: &str = "simulator/log";

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

/// A cluster at its start.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Of all chance: which requests a fault with a probability meets depends on it, on the request, and on how often that
    /// was made, not on the order of different requests.
    pub seed: u64,
    /// None is a cluster where every pod waits.
    pub nodes: Vec<Node>,
    /// How it behaves; can be changed while it runs.
    pub behaviour: Behaviour,
    /// How many changes of each kind watches can go back.
    pub history: usize,
    /// Between two bookmarks of a watch that asked for them.
    #[serde(with = "milliseconds")]
    pub bookmarks: Duration,
}

impl Default for Options {
    /// Three nodes of 32 processors, 64 GiB and 250 pods; no delays.
    fn default() -> Self {
        Self {
            port: 0,
            seed: 1,
            nodes: (1..=3).map(|number| Node::new(&format!("node-{number}"), "32", "64Gi", 250)).collect(),
            behaviour: Behaviour::default(),
            history: 20_000,
            bookmarks: Duration::from_secs(10),
        }
    }
}

/// How long things take, and what there is.
///
/// With no delay at all, everything that follows from a request has happened before its answer leaves: a namespace has its
/// service account, a pod runs, a deleted namespace is gone.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// Added to every request.
    #[serde(with = "milliseconds")]
    pub latency: Duration,
    /// Until a new namespace has its default service account.
    #[serde(with = "milliseconds")]
    pub service_account: Duration,
    /// Until a new quota has its `status.hard`.
    #[serde(with = "milliseconds")]
    pub quota: Duration,
    /// Until a deleted namespace without pods is gone.
    #[serde(with = "milliseconds")]
    pub namespace: Duration,
    /// The same where it has pods.
    #[serde(with = "milliseconds")]
    pub namespace_with_pods: Duration,
    /// Until a pod is scheduled.
    #[serde(with = "milliseconds")]
    pub pod_schedule: Duration,
    /// Until a scheduled pod runs.
    #[serde(with = "milliseconds")]
    pub pod_start: Duration,
    /// Until a running pod is ready.
    #[serde(with = "milliseconds")]
    pub pod_ready: Duration,
    /// Until a deleted pod is gone, within its grace.
    #[serde(with = "milliseconds")]
    pub pod_end: Duration,
    /// Whether nodes run their pods; where not, pods stay scheduled.
    pub kubelet: bool,
    /// Whether there is `metrics.k8s.io`.
    pub metrics: bool,
    /// How much of what pods request they use, in percent, as metrics tell it.
    pub used_percent: u8,
}

impl Default for Behaviour {
    fn default() -> Self {
        let none = Duration::ZERO;
        Self {
            latency: none,
            service_account: none,
            quota: none,
            namespace: none,
            namespace_with_pods: none,
            pod_schedule: none,
            pod_start: none,
            pod_ready: none,
            pod_end: none,
            kubelet: true,
            metrics: true,
            used_percent: 40,
        }
    }
}

impl Behaviour {
    /// Delays as they were measured on a server of version 1.36.
    #[must_use]
    pub fn measured() -> Self {
        Self {
            latency: Duration::from_millis(3),
            service_account: Duration::from_millis(30),
            quota: Duration::from_millis(50),
            namespace: Duration::from_secs(5),
            namespace_with_pods: Duration::from_secs(10),
            pod_schedule: Duration::from_millis(20),
            pod_start: Duration::from_millis(800),
            pod_ready: Duration::from_millis(200),
            pod_end: Duration::from_secs(1),
            ..Self::default()
        }
    }
}

/// A node.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// A quantity, such as `8` or `7500m`.
    pub cpu: String,
    /// A quantity, such as `16Gi`.
    pub memory: String,
    /// Ephemeral storage: a quantity.
    #[serde(default = "storage")]
    pub storage: String,
    /// How many pods it takes.
    pub pods: u32,
    /// Beside those that every node has.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// As in a node's `spec`.
    #[serde(default)]
    pub taints: Vec<Value>,
}

fn storage() -> String {
    "200Gi".to_owned()
}

impl Node {
    /// A node without labels or taints of its own.
    #[must_use]
    pub fn new(name: &str, cpu: &str, memory: &str, pods: u32) -> Self {
        let owned = |text: &str| text.to_owned();
        let (labels, taints) = (BTreeMap::new(), Vec::new());
        Self { name: owned(name), cpu: owned(cpu), memory: owned(memory), storage: storage(), pods, labels, taints }
    }
}

mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

pub use crate::{
    faults::{Effect, Fault, When},
    tally::Requests,
};

/// A certificate for a client and its key, both as PEM.
#[derive(Clone, Debug)]
pub struct ClientCertificate {
    /// The certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

/// A running cluster, on threads of its own. It ends when it is dropped, with everything that runs in its pods.
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
        let cluster = Cluster::new(options, authority, address).map_err(system("folder"))?;
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

    /// All objects of a kind, such as `pods`, of all namespaces.
    ///
    /// # Panics
    /// If the simulator has no such kind.
    #[must_use]
    pub fn objects(&self, plural: &str) -> Vec<Value> {
        let kind = kinds::kind(plural);
        self.cluster.locked(|store| store.list(kind.plural, "").map(|(_, object)| (**object).clone()).collect())
    }

    /// One object; `namespace` is empty for those of the whole cluster.
    ///
    /// # Panics
    /// If the simulator has no such kind.
    #[must_use]
    pub fn object(&self, plural: &str, namespace: &str, name: &str) -> Option<Value> {
        let kind = kinds::kind(plural);
        self.cluster.locked(|store| store.find(kind.plural, namespace, name).map(|object| (**object).clone()))
    }

    /// Changes an object behind everybody's back; false if there is none.
    ///
    /// # Panics
    /// If the simulator has no such kind.
    pub fn change(&self, plural: &str, namespace: &str, name: &str, change: impl FnOnce(&mut Value)) -> bool {
        let key = Key::new(kinds::kind(plural).plural, namespace, name);
        self.cluster.locked(|store| store.update(&key, change).is_some())
    }

    /// Puts an object in behind everybody's back, without admission.
    ///
    /// # Panics
    /// If the simulator has no such kind.
    pub fn put(&self, plural: &str, namespace: &str, name: &str, mut object: Value) {
        let kind = kinds::kind(plural);
        object["apiVersion"] = json!(kind.api_version());
        object["kind"] = json!(kind.kind);
        object["metadata"]["name"] = json!(name);
        object["metadata"]["uid"] = json!(uuid::Uuid::new_v4());
        if kind.namespaced {
            object["metadata"]["namespace"] = json!(namespace);
        }
        self.cluster.locked(|store| {
            object["metadata"]["creationTimestamp"] = json!(store.clock.stamp());
            store.put(Key::new(kind.plural, namespace, name), object);
        });
    }

    /// Removes an object behind everybody's back, whatever its finalizers say; false if there is none.
    ///
    /// # Panics
    /// If the simulator has no such kind.
    pub fn remove(&self, plural: &str, namespace: &str, name: &str) -> bool {
        let key = Key::new(kinds::kind(plural).plural, namespace, name);
        self.cluster.locked(|store| store.remove(&key).is_some())
    }

    /// Adds a node.
    pub fn add_node(&self, node: &Node) {
        self.cluster.locked(|store| nodes::add(store, node));
    }

    /// How many objects of each kind there are.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let counts = self.cluster.locked(|store| store.counts());
        counts.into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect()
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
        self.cluster.end();
        if let Some(runtime) = self.runtime.take() {
            // Also inside of another runtime, where waiting is not allowed.
            runtime.shutdown_background();
        }
    }
}
