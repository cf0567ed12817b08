//! What of `spec.session` is said in our words too: the budget, the security policy, and the session's own objects.

use domain::workshops::cluster_needs::{Budget, Isolation, KubernetesNeeds, OBJECT_KINDS, PodSecurity};

use crate::yaml::Node;

/// The needs of a workshop whose session has a namespace of the cluster. Objects of kinds that are not allowed here are left out.
pub(super) fn read(spec: &Node) -> Option<KubernetesNeeds> {
    let session = spec.get("session")?;
    let text = |path: &[&str]| session.at(path).and_then(Node::as_text);
    let has_vcluster = text(&["applications", "vcluster", "enabled"]) == Some("true");
    if session.get("namespaces").is_none() && session.get("objects").is_none() && !has_vcluster {
        return None;
    }
    let vcluster_budget = text(&["applications", "vcluster", "budget"]).filter(|_| has_vcluster);
    Some(KubernetesNeeds {
        isolation: if has_vcluster { Isolation::Vcluster } else { Isolation::Namespace },
        budget: budget(vcluster_budget.or_else(|| text(&["namespaces", "budget"])).unwrap_or_default()),
        security: match text(&["namespaces", "security", "policy"]) {
            Some("baseline" | "privileged") => PodSecurity::Baseline,
            _ => PodSecurity::Restricted,
        },
        objects: session.get("objects").map(objects).unwrap_or_default(),
        ..KubernetesNeeds::default()
    })
}

fn budget(word: &str) -> Budget {
    match word {
        "medium" => Budget::Medium,
        "large" => Budget::Large,
        "x-large" => Budget::XLarge,
        "xx-large" => Budget::XxLarge,
        "xxx-large" => Budget::XxxLarge,
        _ => Budget::Small,
    }
}

fn objects(node: &Node) -> Vec<serde_json::Value> {
    let is_allowed = |object: &&Node| {
        let text = |name: &str| object.get(name).and_then(Node::as_text).unwrap_or_default();
        OBJECT_KINDS.contains(&(text("apiVersion"), text("kind"))) && object.at(&["metadata", "namespace"]).is_none()
    };
    node.items().iter().filter(is_allowed).map(Node::to_json).collect()
}
