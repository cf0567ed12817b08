//! Whether NetworkPolicies are enforced. The API takes them either way, so this is a guess by the network plugin's name.

use k8s_openapi::api::apps::v1::DaemonSet;
use kube::{Api, Client, ResourceExt, api::ListParams};

use super::Point;
use crate::failure::describe;

/// DaemonSets of plugins that enforce policies.
const ENFORCING: [&str; 11] = [
    "anetd",
    "antrea-agent",
    "azure-npm",
    "calico-node",
    "canal",
    "cilium",
    "kube-network-policies",
    "kube-router",
    "ovnkube-node",
    "rke2-canal",
    "weave-net",
];
/// The container beside Amazon's plugin that does, if it has been turned on.
const AMAZON: (&str, &str) = ("aws-node", "aws-eks-nodeagent");

const NAME: &str = "network-policy";
const CONSEQUENCE: &str = "learners' pods may then reach each other and your network: install Calico, Cilium or another that does";

pub(super) async fn look(client: &Client, version: &str) -> Point {
    // K3s has one inside of its own program.
    if version.contains("+k3s") {
        return Point::passed(NAME, "enforced by k3s");
    }
    match Api::<DaemonSet>::all(client.clone()).list(&ListParams::default()).await {
        Ok(sets) => judged(&sets.items),
        Err(error) => Point::warned(NAME, format!("the network plugin could not be looked for: {}", describe(&error))),
    }
}

fn judged(sets: &[DaemonSet]) -> Point {
    let enforcing = sets.iter().find(|set| ENFORCING.contains(&set.name_any().as_str()) || is_amazons(set));
    match enforcing {
        Some(set) => Point::passed(NAME, format!("enforced by {}", set.name_any())),
        None => Point::warned(NAME, format!("no network plugin that is known to enforce NetworkPolicies was found; {CONSEQUENCE}")),
    }
}

fn is_amazons(set: &DaemonSet) -> bool {
    let mut containers = set.spec.template.spec.iter().flat_map(|pod| &pod.containers);
    set.name_any() == AMAZON.0 && containers.any(|container| container.name == AMAZON.1)
}
