//! What Nalabo may do in a cluster. The one list: the cluster role is written from it, and a cluster's test asks for each of it.

use std::collections::BTreeSet;

/// Verbs on resources of one API group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The API group; empty for the core.
    pub group: &'static str,
    /// Plural names, sub-resources after a slash.
    pub resources: &'static [&'static str],
    pub verbs: &'static [&'static str],
}

const READ: &[&str] = &["get", "list", "watch"];
const WRITE: &[&str] = &["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/// What a learner may do in the namespace that is theirs. Nobody can grant what they do not hold, so Nalabo holds it too.
pub const LEARNER: [Grant; 10] = [
    Grant { group: "", resources: &["configmaps", "persistentvolumeclaims", "pods", "secrets", "services"], verbs: WRITE },
    Grant { group: "", resources: &["pods/log"], verbs: &["get"] },
    Grant { group: "", resources: &["pods/attach", "pods/exec", "pods/portforward"], verbs: &["get", "create"] },
    Grant { group: "", resources: &["events", "limitranges", "resourcequotas", "serviceaccounts"], verbs: READ },
    Grant { group: "apps", resources: &["daemonsets", "deployments", "replicasets", "statefulsets"], verbs: WRITE },
    Grant { group: "apps", resources: &["deployments/scale", "statefulsets/scale"], verbs: &["get", "update", "patch"] },
    Grant { group: "autoscaling", resources: &["horizontalpodautoscalers"], verbs: WRITE },
    Grant { group: "batch", resources: &["cronjobs", "jobs"], verbs: WRITE },
    Grant { group: "networking.k8s.io", resources: &["ingresses"], verbs: WRITE },
    Grant { group: "networking.k8s.io", resources: &["networkpolicies"], verbs: READ },
];

/// What the control plane of a vCluster may do in its namespace, besides what learners may.
pub const VCLUSTER: [Grant; 3] = [
    Grant { group: "", resources: &["endpoints"], verbs: WRITE },
    Grant { group: "", resources: &["events"], verbs: &["create", "patch"] },
    Grant { group: "discovery.k8s.io", resources: &["endpointslices"], verbs: READ },
];

/// What provisioning does itself.
pub const PROVISIONING: [Grant; 11] = [
    Grant { group: "", resources: &["namespaces"], verbs: &["get", "list", "watch", "create", "patch", "delete"] },
    Grant {
        group: "",
        resources: &["limitranges", "resourcequotas", "serviceaccounts"],
        verbs: &["get", "list", "watch", "create", "patch"],
    },
    Grant {
        group: "",
        resources: &["configmaps", "pods", "secrets", "services"],
        verbs: &["get", "list", "watch", "create", "patch", "delete"],
    },
    // The latter leads into vClusters.
    Grant { group: "", resources: &["pods/exec", "pods/portforward"], verbs: &["get", "create"] },
    Grant { group: "", resources: &["serviceaccounts/token"], verbs: &["create"] },
    Grant { group: "", resources: &["events", "nodes"], verbs: READ },
    Grant { group: "apps", resources: &["daemonsets", "statefulsets"], verbs: &["get", "list", "watch", "create", "patch"] },
    Grant { group: "discovery.k8s.io", resources: &["endpointslices"], verbs: READ },
    Grant { group: "networking.k8s.io", resources: &["networkpolicies"], verbs: &["get", "list", "watch", "create", "patch"] },
    Grant { group: "rbac.authorization.k8s.io", resources: &["rolebindings", "roles"], verbs: &["get", "create", "patch"] },
    Grant { group: "metrics.k8s.io", resources: &["nodes", "pods"], verbs: &["get", "list"] },
];

/// One verb on one resource, in all namespaces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    pub group: &'static str,
    pub resource: &'static str,
    pub verb: &'static str,
}

impl std::fmt::Display for Permission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let group = if self.group.is_empty() { "" } else { "." };
        write!(f, "{} {}{group}{}", self.verb, self.resource, self.group)
    }
}

/// Everything that is needed, each once. Metrics are not: without them usage is taken from requests.
#[must_use]
pub fn needed() -> BTreeSet<Permission> {
    let grants = PROVISIONING.iter().chain(&LEARNER).chain(&VCLUSTER).filter(|grant| grant.group != "metrics.k8s.io");
    grants.flat_map(each).collect()
}

fn each(grant: &Grant) -> impl Iterator<Item = Permission> + use<> {
    let Grant { group, resources, verbs } = *grant;
    resources.iter().flat_map(move |resource| verbs.iter().map(move |verb| Permission { group, resource, verb }))
}

/// The cluster role as a manifest, in YAML.
#[must_use]
pub fn cluster_role() -> String {
    let mut rules = std::collections::BTreeMap::<(&str, Vec<&str>), BTreeSet<&str>>::new();
    let mut verbs = std::collections::BTreeMap::<(&str, &str), BTreeSet<&str>>::new();
    for grant in PROVISIONING.iter().chain(&LEARNER).chain(&VCLUSTER) {
        for Permission { group, resource, verb } in each(grant) {
            verbs.entry((group, resource)).or_default().insert(verb);
        }
    }
    for ((group, resource), verbs) in verbs {
        rules.entry((group, verbs.into_iter().collect())).or_default().insert(resource);
    }
    let mut text = String::from(HEADER);
    for ((group, verbs), resources) in rules {
        let resources: Vec<_> = resources.into_iter().collect();
        let rule = format!("  - apiGroups: [\"{group}\"]\n    resources: [{}]\n    verbs: [{}]\n", resources.join(", "), verbs.join(", "));
        text.push_str(&rule);
    }
    text
}

const HEADER: &str = "# What Nalabo may do in a cluster, and no more. Written from the list in orchestrator/kubernetes/src/permissions.rs;
# a test compares them.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: nalabo
rules:
";

#[cfg(test)]
mod tests;
