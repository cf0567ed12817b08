//! The kinds of objects the simulator knows.

/// A kind, as discovery shows it.
#[allow(clippy::struct_field_names, reason = "the API calls it so")]
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Kind {
    /// Empty for the core group.
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) kind: &'static str,
    /// The resource's name in addresses, which no other kind has: metrics are kept apart.
    pub(crate) plural: &'static str,
    pub(crate) namespaced: bool,
    /// Subresources beside the object itself.
    pub(crate) subresources: &'static [&'static str],
    /// Names that kubectl takes too.
    pub(crate) short: &'static [&'static str],
}

impl Kind {
    /// `v1` or `apps/v1`.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }

    /// As messages name it: `pods` or `deployments.apps`.
    pub(crate) fn qualified(&self) -> String {
        if self.group.is_empty() { self.plural.to_owned() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// Whether a change of `spec` raises `metadata.generation`.
    pub(crate) fn has_generation(&self) -> bool {
        matches!(self.plural, "pods" | "deployments" | "replicasets" | "statefulsets" | "networkpolicies")
    }

    /// Whether what a client writes into `status` of the object itself is ignored.
    pub(crate) fn has_status(&self) -> bool {
        self.subresources.contains(&"status")
    }
}

const NONE: &[&str] = &[];
const STATUS: &[&str] = &["status"];
const RBAC: &str = "rbac.authorization.k8s.io";

const fn namespaced(
    group: &'static str,
    kind: &'static str,
    plural: &'static str,
    subresources: &'static [&'static str],
    short: &'static [&'static str],
) -> Kind {
    Kind { group, version: "v1", kind, plural, namespaced: true, subresources, short }
}

const fn global(
    group: &'static str,
    kind: &'static str,
    plural: &'static str,
    subresources: &'static [&'static str],
    short: &'static [&'static str],
) -> Kind {
    Kind { group, version: "v1", kind, plural, namespaced: false, subresources, short }
}

/// Those that are stored.
pub(crate) static KINDS: [Kind; 31] = [
    global("", "Namespace", "namespaces", &["status", "finalize"], &["ns"]),
    global("", "Node", "nodes", STATUS, &["no"]),
    namespaced("", "Pod", "pods", &["status", "log", "exec", "portforward"], &["po"]),
    namespaced("", "Secret", "secrets", NONE, NONE),
    namespaced("", "ConfigMap", "configmaps", NONE, &["cm"]),
    namespaced("", "Service", "services", STATUS, &["svc"]),
    namespaced("", "ServiceAccount", "serviceaccounts", &["token"], &["sa"]),
    namespaced("", "ResourceQuota", "resourcequotas", STATUS, &["quota"]),
    namespaced("", "LimitRange", "limitranges", NONE, &["limits"]),
    namespaced("", "PersistentVolumeClaim", "persistentvolumeclaims", STATUS, &["pvc"]),
    namespaced("", "Event", "events", NONE, &["ev"]),
    namespaced("", "Endpoints", "endpoints", NONE, &["ep"]),
    namespaced("apps", "Deployment", "deployments", &["status", "scale"], &["deploy"]),
    namespaced("apps", "ReplicaSet", "replicasets", STATUS, &["rs"]),
    namespaced("apps", "StatefulSet", "statefulsets", STATUS, &["sts"]),
    namespaced("apps", "DaemonSet", "daemonsets", STATUS, &["ds"]),
    namespaced("batch", "Job", "jobs", STATUS, NONE),
    namespaced("networking.k8s.io", "NetworkPolicy", "networkpolicies", NONE, &["netpol"]),
    namespaced("networking.k8s.io", "Ingress", "ingresses", STATUS, &["ing"]),
    namespaced(RBAC, "Role", "roles", NONE, NONE),
    namespaced(RBAC, "RoleBinding", "rolebindings", NONE, NONE),
    global(RBAC, "ClusterRole", "clusterroles", NONE, NONE),
    global(RBAC, "ClusterRoleBinding", "clusterrolebindings", NONE, NONE),
    namespaced("coordination.k8s.io", "Lease", "leases", NONE, NONE),
    global("node.k8s.io", "RuntimeClass", "runtimeclasses", NONE, NONE),
    // Without anything behind them.
    namespaced("batch", "CronJob", "cronjobs", STATUS, &["cj"]),
    namespaced("policy", "PodDisruptionBudget", "poddisruptionbudgets", STATUS, &["pdb"]),
    namespaced("discovery.k8s.io", "EndpointSlice", "endpointslices", NONE, NONE),
    global("storage.k8s.io", "StorageClass", "storageclasses", NONE, &["sc"]),
    global("scheduling.k8s.io", "PriorityClass", "priorityclasses", NONE, &["pc"]),
    global("networking.k8s.io", "IngressClass", "ingressclasses", NONE, NONE),
];

/// Those that are asked and forgotten.
pub(crate) static REVIEWS: [Kind; 3] = [
    global("authorization.k8s.io", "SelfSubjectAccessReview", "selfsubjectaccessreviews", NONE, NONE),
    global("authorization.k8s.io", "SelfSubjectRulesReview", "selfsubjectrulesreviews", NONE, NONE),
    global("authentication.k8s.io", "SelfSubjectReview", "selfsubjectreviews", NONE, NONE),
];

const fn metrics(kind: &'static str, plural: &'static str, namespaced: bool) -> Kind {
    Kind { group: "metrics.k8s.io", version: "v1beta1", kind, plural, namespaced, subresources: NONE, short: NONE }
}

/// Those that are computed at each request, where the cluster has them.
pub(crate) static METRICS: [Kind; 2] = [metrics("NodeMetrics", "nodes", false), metrics("PodMetrics", "pods", true)];

/// The kind under this name, such as `pods`.
///
/// # Panics
/// If there is none: names in this crate are those of the table.
pub(crate) fn kind(plural: &str) -> &'static Kind {
    KINDS.iter().find(|kind| kind.plural == plural).unwrap_or_else(|| panic!("no kind {plural}"))
}

/// What an address names; `metrics` says whether the cluster has them.
pub(crate) fn find(group: &str, version: &str, plural: &str, metrics: bool) -> Option<&'static Kind> {
    let virtuals = METRICS.iter().filter(|_| metrics);
    let mut all = KINDS.iter().chain(&REVIEWS).chain(virtuals);
    all.find(|kind| kind.group == group && kind.version == version && kind.plural == plural)
}
