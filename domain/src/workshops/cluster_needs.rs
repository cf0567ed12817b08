//! What a workshop needs of a Kubernetes cluster. Drivers of other kinds leave it aside.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::{Mebibytes, Minutes};

mod defects;

pub use defects::OBJECT_KINDS;
pub(super) use defects::of_cluster_needs;

/// A part of the cluster for the learner, beside the place where the terminal is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KubernetesNeeds {
    /// How the learner is kept apart from others.
    pub isolation: Isolation,
    /// What the learner's objects may use together.
    pub budget: Budget,
    /// What the learner's pods may do.
    pub security: PodSecurity,
    /// The workbench's container image; absent for the installation's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Environment variables of the terminal.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// Ports of the workbench that other pods of the environment reach.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    /// Networks that may be reached, in CIDR notation, such as `0.0.0.0/0`; nothing but name resolution without one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub egress: Vec<String>,
    /// Objects that are made in the learner's namespace, with `$(session_id)` and its like filled in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<serde_json::Value>,
    /// How much longer than its lifetime an environment may be kept on a learner's wish.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overtime: Option<Minutes>,
    /// After how long without a sign of the learner it is taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle: Option<Minutes>,
    /// A `RuntimeClass`, such as `gvisor`; absent for the cluster's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime_class: Option<String>,
    /// Labels of nodes that pods may run on.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selector: BTreeMap<String, String>,
    /// Taints of nodes that pods tolerate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<Toleration>,
}

/// How a learner is kept apart from others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
    /// A namespace of the cluster.
    #[default]
    Namespace,
    /// A cluster of their own inside a namespace, in which they are its administrator.
    Vcluster,
}

/// The rules of the Pod Security Standards that are enforced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PodSecurity {
    #[default]
    Restricted,
    Baseline,
}

/// What the learner's objects may use together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Budget {
    /// 1 CPU, 1 GiB.
    #[default]
    Small,
    /// 2 CPUs, 2 GiB.
    Medium,
    /// 4 CPUs, 4 GiB.
    Large,
    /// 8 CPUs, 8 GiB.
    XLarge,
    /// 8 CPUs, 12 GiB.
    XxLarge,
    /// 8 CPUs, 16 GiB.
    XxxLarge,
    /// As stated.
    Custom(Amounts),
}

/// A budget in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amounts {
    /// Thousandths of a CPU.
    pub millicpu: u32,
    pub memory: Mebibytes,
    /// Of all volume claims together.
    pub storage: Mebibytes,
    pub pods: u32,
}

impl Budget {
    /// The budget in numbers.
    #[must_use]
    pub const fn amounts(self) -> Amounts {
        let (cpus, gibibytes, storage, pods) = match self {
            Self::Small => (1, 1, 1, 6),
            Self::Medium => (2, 2, 5, 12),
            Self::Large => (4, 4, 10, 25),
            Self::XLarge => (8, 8, 20, 50),
            Self::XxLarge => (8, 12, 20, 50),
            Self::XxxLarge => (8, 16, 20, 50),
            Self::Custom(amounts) => return amounts,
        };
        Amounts { millicpu: cpus * 1000, memory: Mebibytes(gibibytes * 1024), storage: Mebibytes(storage * 1024), pods }
    }
}

/// A port of the workbench.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// Lower-case letters, digits and hyphens, at most 15.
    pub name: String,
    pub port: u16,
}

/// A taint that pods tolerate, whatever its effect if none is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Toleration {
    pub key: String,
    /// Absent for every value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
}

#[cfg(test)]
mod tests;
