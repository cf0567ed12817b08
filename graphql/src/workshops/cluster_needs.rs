//! What a workshop needs of a Kubernetes cluster, as authors send and see it.

use std::collections::BTreeMap;

use async_graphql::{Enum, InputObject, Json, OneofObject, SimpleObject};
use domain::{
    kernel::{Mebibytes, Minutes},
    workshops::cluster_needs::{self, Amounts, Budget, KubernetesNeeds as Needs},
};
use serde_json::Value;

use crate::{
    failure::{Failure, Result},
    input::number,
};

/// How a learner is kept apart from others.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "cluster_needs::Isolation")]
pub(crate) enum Isolation {
    /// A namespace of the cluster.
    Namespace,
    /// A cluster of their own inside a namespace, in which they are its administrator.
    Vcluster,
}

/// The rules of the Pod Security Standards that are enforced.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "cluster_needs::PodSecurity")]
pub(crate) enum PodSecurity {
    Restricted,
    Baseline,
}

/// A usual budget.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BudgetSize {
    /// 1 CPU, 1 GiB.
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
}

/// A part of a Kubernetes cluster for the learner, beside the place where the terminal is.
#[derive(InputObject)]
pub(crate) struct KubernetesNeedsInput {
    #[graphql(default_with = "Isolation::Namespace")]
    isolation: Isolation,
    /// What the learner's objects may use together; small, if it is left out.
    budget: Option<BudgetInput>,
    #[graphql(default_with = "PodSecurity::Restricted")]
    security: PodSecurity,
    /// The workbench's container image; the installation's own, if it is left out.
    image: Option<String>,
    /// Environment variables of the terminal.
    #[graphql(default)]
    variables: Vec<Variable>,
    /// Ports of the workbench that other pods of the environment reach.
    #[graphql(default)]
    ports: Vec<PortInput>,
    /// Networks that may be reached, such as `0.0.0.0/0`; nothing but name resolution without one.
    #[graphql(default)]
    egress: Vec<String>,
    /// Objects that are made in the learner's namespace, with `$(session_id)` and its like filled in.
    #[graphql(default)]
    objects: Vec<Json<Value>>,
    /// How much longer than its lifetime an environment may be kept on a learner's wish.
    overtime_minutes: Option<u32>,
    /// After how long without a sign of the learner it is taken away.
    idle_minutes: Option<u32>,
    /// A `RuntimeClass`, such as `gvisor`; the cluster's, if it is left out.
    runtime_class: Option<String>,
    /// Labels of nodes that pods may run on.
    #[graphql(default)]
    node_selector: Vec<NodeLabel>,
    /// Taints of nodes that pods tolerate.
    #[graphql(default)]
    tolerations: Vec<Toleration>,
}

/// What the learner's objects may use together.
#[derive(OneofObject)]
pub(crate) enum BudgetInput {
    Size(BudgetSize),
    Custom(BudgetAmountsInput),
}

/// A budget in numbers.
#[derive(InputObject)]
pub(crate) struct BudgetAmountsInput {
    /// In thousandths of a core.
    cpu_millicores: u32,
    memory_mebibytes: u32,
    /// Of all volume claims together.
    #[graphql(default)]
    storage_mebibytes: u32,
    pods: u32,
}

/// An environment variable.
#[derive(InputObject, SimpleObject)]
#[graphql(input_name = "VariableInput")]
pub(crate) struct Variable {
    name: String,
    value: String,
}

/// A port of the workbench.
#[derive(InputObject)]
pub(crate) struct PortInput {
    /// Lower-case letters, digits and hyphens, at most 15.
    name: String,
    /// From 1024.
    port: u16,
}

/// A label of nodes.
#[derive(InputObject, SimpleObject)]
#[graphql(input_name = "NodeLabelInput")]
pub(crate) struct NodeLabel {
    key: String,
    #[graphql(default)]
    value: String,
}

/// A taint that pods tolerate.
#[derive(InputObject, SimpleObject)]
#[graphql(input_name = "TolerationInput")]
pub(crate) struct Toleration {
    key: String,
    /// Null for every value.
    value: Option<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`; null for any.
    effect: Option<String>,
}

impl TryFrom<KubernetesNeedsInput> for Needs {
    type Error = Failure;

    fn try_from(input: KubernetesNeedsInput) -> Result<Self> {
        let variables = input.variables.into_iter().map(|variable| (variable.name, variable.value));
        let labels = input.node_selector.into_iter().map(|label| (label.key, label.value));
        let port = |PortInput { name, port }| cluster_needs::Port { name, port };
        let toleration = |Toleration { key, value, effect }| cluster_needs::Toleration { key, value, effect };
        Ok(Self {
            isolation: input.isolation.into(),
            budget: input.budget.map(Budget::from).unwrap_or_default(),
            security: input.security.into(),
            image: input.image,
            variables: by_name("variables", variables)?,
            ports: input.ports.into_iter().map(port).collect(),
            egress: input.egress,
            objects: input.objects.into_iter().map(|object| object.0).collect(),
            overtime: input.overtime_minutes.map(Minutes),
            idle: input.idle_minutes.map(Minutes),
            runtime_class: input.runtime_class,
            node_selector: by_name("nodeSelector", labels)?,
            tolerations: input.tolerations.into_iter().map(toleration).collect(),
        })
    }
}

/// # Errors
/// One is there twice.
fn by_name(field: &str, named: impl Iterator<Item = (String, String)>) -> Result<BTreeMap<String, String>> {
    let mut by_name = BTreeMap::new();
    for (name, value) in named {
        if by_name.contains_key(&name) {
            let field = format!("content.environment.kubernetes.{field}");
            return Err(Failure::bad_input(&field, format!("{field}: {name} is there twice")));
        }
        by_name.insert(name, value);
    }
    Ok(by_name)
}

impl From<BudgetInput> for Budget {
    fn from(input: BudgetInput) -> Self {
        match input {
            BudgetInput::Size(BudgetSize::Small) => Self::Small,
            BudgetInput::Size(BudgetSize::Medium) => Self::Medium,
            BudgetInput::Size(BudgetSize::Large) => Self::Large,
            BudgetInput::Size(BudgetSize::XLarge) => Self::XLarge,
            BudgetInput::Size(BudgetSize::XxLarge) => Self::XxLarge,
            BudgetInput::Size(BudgetSize::XxxLarge) => Self::XxxLarge,
            BudgetInput::Custom(BudgetAmountsInput { cpu_millicores, memory_mebibytes, storage_mebibytes, pods }) => {
                let (memory, storage) = (Mebibytes(memory_mebibytes), Mebibytes(storage_mebibytes));
                Self::Custom(Amounts { millicpu: cpu_millicores, memory, storage, pods })
            }
        }
    }
}

/// A part of a Kubernetes cluster for the learner, beside the place where the terminal is.
#[derive(SimpleObject)]
pub(crate) struct KubernetesNeeds {
    isolation: Isolation,
    budget: ClusterBudget,
    security: PodSecurity,
    /// The workbench's container image; null for the installation's own.
    image: Option<String>,
    /// Environment variables of the terminal, by name.
    variables: Vec<Variable>,
    /// Ports of the workbench that other pods of the environment reach.
    ports: Vec<Port>,
    /// Networks that may be reached; nothing but name resolution without one.
    egress: Vec<String>,
    /// Objects that are made in the learner's namespace.
    objects: Vec<Json<Value>>,
    /// How much longer than its lifetime an environment may be kept on a learner's wish.
    overtime_minutes: Option<i32>,
    /// After how long without a sign of the learner it is taken away.
    idle_minutes: Option<i32>,
    /// A `RuntimeClass`; null for the cluster's.
    runtime_class: Option<String>,
    /// Labels of nodes that pods may run on, by key.
    node_selector: Vec<NodeLabel>,
    /// Taints of nodes that pods tolerate.
    tolerations: Vec<Toleration>,
}

/// What the learner's objects may use together.
#[derive(SimpleObject)]
pub(crate) struct ClusterBudget {
    /// Null for one that is stated in numbers.
    size: Option<BudgetSize>,
    /// In thousandths of a core.
    cpu_millicores: i32,
    memory_mebibytes: i32,
    /// Of all volume claims together.
    storage_mebibytes: i32,
    pods: i32,
}

/// A port of the workbench.
#[derive(SimpleObject)]
pub(crate) struct Port {
    name: String,
    port: i32,
}

impl From<&Needs> for KubernetesNeeds {
    fn from(needs: &Needs) -> Self {
        let variable = |(name, value): (&String, &String)| Variable { name: name.clone(), value: value.clone() };
        let label = |(key, value): (&String, &String)| NodeLabel { key: key.clone(), value: value.clone() };
        let toleration = |cluster_needs::Toleration { key, value, effect }| Toleration { key, value, effect };
        Self {
            isolation: needs.isolation.into(),
            budget: needs.budget.into(),
            security: needs.security.into(),
            image: needs.image.clone(),
            variables: needs.variables.iter().map(variable).collect(),
            ports: needs.ports.iter().map(|port| Port { name: port.name.clone(), port: port.port.into() }).collect(),
            egress: needs.egress.clone(),
            objects: needs.objects.iter().cloned().map(Json).collect(),
            overtime_minutes: needs.overtime.map(|minutes| number(minutes.0)),
            idle_minutes: needs.idle.map(|minutes| number(minutes.0)),
            runtime_class: needs.runtime_class.clone(),
            node_selector: needs.node_selector.iter().map(label).collect(),
            tolerations: needs.tolerations.iter().cloned().map(toleration).collect(),
        }
    }
}

impl From<Budget> for ClusterBudget {
    fn from(budget: Budget) -> Self {
        let Amounts { millicpu, memory, storage, pods } = budget.amounts();
        let size = match budget {
            Budget::Small => Some(BudgetSize::Small),
            Budget::Medium => Some(BudgetSize::Medium),
            Budget::Large => Some(BudgetSize::Large),
            Budget::XLarge => Some(BudgetSize::XLarge),
            Budget::XxLarge => Some(BudgetSize::XxLarge),
            Budget::XxxLarge => Some(BudgetSize::XxxLarge),
            Budget::Custom(_) => None,
        };
        Self {
            size,
            cpu_millicores: number(millicpu),
            memory_mebibytes: number(memory.0),
            storage_mebibytes: number(storage.0),
            pods: number(pods),
        }
    }
}
