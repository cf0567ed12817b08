//! Nodes: what they have, and what pods on them hold.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    options::Node,
    quantity::Quantity,
    resources,
    store::{Key, Store},
};

/// What pods that are bound to nodes hold.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    bound: BTreeMap<Key, (String, BTreeMap<String, Quantity>)>,
    /// Pods that wait for room.
    pub(crate) waiting: std::collections::BTreeSet<Key>,
}

impl Usage {
    pub(crate) fn bind(&mut self, key: &Key, node: &str, pod: &Value) {
        self.waiting.remove(key);
        self.bound.insert(key.clone(), (node.to_owned(), resources::total(pod, "requests")));
    }

    pub(crate) fn free(&mut self, key: &Key) {
        self.waiting.remove(key);
        self.bound.remove(key);
    }

    /// How many pods are on a node, and what they hold of each resource.
    pub(crate) fn of(&self, node: &str) -> (usize, BTreeMap<String, Quantity>) {
        let (mut pods, mut sum) = (0, BTreeMap::<String, Quantity>::new());
        for (_, held) in self.bound.values().filter(|(on, _)| on == node) {
            pods += 1;
            for (name, amount) in held {
                *sum.entry(name.clone()).or_default() += *amount;
            }
        }
        (pods, sum)
    }
}

/// Puts a node into the cluster.
pub(crate) fn add(store: &mut Store, node: &Node) {
    let stamp = store.clock.stamp();
    let mut labels = json!({"kubernetes.io/hostname": node.name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"});
    for (name, value) in &node.labels {
        labels[name] = json!(value);
    }
    let amounts = json!({
        "cpu": node.cpu, "memory": node.memory, "ephemeral-storage": node.storage, "pods": node.pods.to_string(),
    });
    let condition = |kind: &str, status: &str, reason: &str| {
        let mut condition = json!({"type": kind, "status": status, "reason": reason});
        condition["lastHeartbeatTime"] = json!(stamp);
        condition["lastTransitionTime"] = json!(stamp);
        condition
    };
    let object = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": node.name, "uid": uuid::Uuid::new_v4(), "creationTimestamp": stamp, "labels": labels},
        "spec": {"taints": node.taints},
        "status": {
            "capacity": amounts, "allocatable": amounts,
            "conditions": [
                condition("MemoryPressure", "False", "KubeletHasSufficientMemory"),
                condition("DiskPressure", "False", "KubeletHasNoDiskPressure"),
                condition("PIDPressure", "False", "KubeletHasSufficientPID"),
                condition("Ready", "True", "KubeletReady"),
            ],
            "nodeInfo": {
                "kubeletVersion": crate::discovery::GIT_VERSION, "osImage": "Simulated", "operatingSystem": "linux",
                "architecture": "amd64",
                "containerRuntimeVersion": "simulated://1.0", "kernelVersion": "6.0", "machineID": "", "systemUUID": "", "bootID": "",
                "kubeProxyVersion": "",
            },
        },
    });
    store.put(Key::new("nodes", "", &node.name), object);
}

/// The node with most room of those where a pod fits, or why there is none.
pub(crate) fn choose(store: &Store, pod: &Value) -> Result<String, String> {
    let wanted = resources::total(pod, "requests");
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut best: Option<(Quantity, String)> = None;
    let mut nodes = 0;
    for (key, node) in store.list("nodes", "") {
        nodes += 1;
        match room(store, &key.name, node, pod, &wanted) {
            Err(reason) => *reasons.entry(reason).or_default() += 1,
            Ok(room) => {
                if best.as_ref().is_none_or(|(most, _)| room > *most) {
                    best = Some((room, key.name.clone()));
                }
            }
        }
    }
    best.map(|(_, name)| name).ok_or_else(|| {
        let told: Vec<String> = reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        if nodes == 0 {
            "no nodes available to schedule pods".to_owned()
        } else {
            format!("0/{nodes} nodes are available: {}.", told.join(", "))
        }
    })
}

/// The memory that is left on a node, if a pod may go there.
fn room(store: &Store, name: &str, node: &Value, pod: &Value, wanted: &BTreeMap<String, Quantity>) -> Result<Quantity, String> {
    if node["spec"]["unschedulable"] == true {
        return Err("node(s) were unschedulable".to_owned());
    }
    let ready = node["status"]["conditions"].as_array().into_iter().flatten().any(|c| c["type"] == "Ready" && c["status"] == "True");
    if !ready {
        return Err("node(s) were not ready".to_owned());
    }
    let mut selector = pod["spec"]["nodeSelector"].as_object().into_iter().flatten();
    if !selector.all(|(label, value)| node["metadata"]["labels"][label] == *value) {
        return Err("node(s) didn't match Pod's node affinity/selector".to_owned());
    }
    let tolerations = pod["spec"]["tolerations"].as_array();
    let tolerated = |taint: &Value| {
        tolerations
            .into_iter()
            .flatten()
            .any(|t| (t["key"].is_null() || t["key"] == taint["key"]) && (t["effect"].is_null() || t["effect"] == taint["effect"]))
    };
    let mut taints = node["spec"]["taints"].as_array().into_iter().flatten().filter(|taint| taint["effect"] != "PreferNoSchedule");
    if let Some(taint) = taints.find(|taint| !tolerated(taint)) {
        return Err(format!("node(s) had untolerated taint {{{}}}", taint["key"].as_str().unwrap_or_default()));
    }
    let (pods, held) = store.usage.of(name);
    let allocatable = |resource: &str| Quantity::of(&node["status"]["allocatable"][resource]).unwrap_or_default();
    if Quantity::units(pods as i128 + 1) > allocatable("pods") {
        return Err("Too many pods".to_owned());
    }
    let held = |resource: &str| held.get(resource).copied().unwrap_or_default();
    match wanted.iter().find(|(resource, amount)| held(resource) + **amount > allocatable(resource)) {
        Some((resource, _)) => Err(format!("Insufficient {resource}")),
        None => Ok(allocatable("memory").less(held("memory"))),
    }
}
