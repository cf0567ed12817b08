//! How a cluster begins and behaves. The rest of the public API is in `simulator.rs`.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Put on a pod, its containers end with this exit code as soon as they run.
pub const EXIT_ANNOTATION: &str = "simulator/exit-code";
/// Put on a pod, its image cannot be pulled, for the reason given.
pub const PULL_ERROR_ANNOTATION: &str = "simulator/pull-error";
/// Put on a pod, this is its log.
pub const LOG_ANNOTATION: &str = "simulator/log";

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
    /// Whether nodes run their pods; where not, pods stay scheduled, and go only without grace.
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
