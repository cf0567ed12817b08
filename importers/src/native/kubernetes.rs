//! `environment.kubernetes` in `workshop.yaml`.

use std::collections::BTreeMap;

use domain::kernel::Mebibytes;
use domain::workshops::cluster_needs::{Amounts, Budget, Isolation, KubernetesNeeds, PodSecurity, Port, Toleration};

use super::definition::{AMOUNT, DURATION, FILE, number, one_of};
use crate::diagnostic::Findings;
use crate::measure;
use crate::yaml::{Fields, Node};

const FIELDS: [&str; 13] = [
    "isolation",
    "budget",
    "security",
    "image",
    "variables",
    "ports",
    "egress",
    "objects",
    "overtime",
    "idle",
    "runtime_class",
    "node_selector",
    "tolerations",
];
const ISOLATIONS: [(&str, Isolation); 2] = [("namespace", Isolation::Namespace), ("vcluster", Isolation::Vcluster)];
const SECURITIES: [(&str, PodSecurity); 2] = [("restricted", PodSecurity::Restricted), ("baseline", PodSecurity::Baseline)];
const BUDGETS: [(&str, Budget); 6] = [
    ("small", Budget::Small),
    ("medium", Budget::Medium),
    ("large", Budget::Large),
    ("x-large", Budget::XLarge),
    ("xx-large", Budget::XxLarge),
    ("xxx-large", Budget::XxxLarge),
];
const BUDGET_FIELDS: [&str; 4] = ["cpu", "memory", "storage", "pods"];

pub(super) fn read(node: &Node, findings: &mut Findings) -> KubernetesNeeds {
    let fields = Fields::of(FILE, node, findings);
    fields.refuse_unknown(&FIELDS, findings);
    KubernetesNeeds {
        isolation: one_of(&fields, "isolation", &ISOLATIONS, findings).unwrap_or_default(),
        budget: budget(&fields, findings),
        security: one_of(&fields, "security", &SECURITIES, findings).unwrap_or_default(),
        image: fields.text("image", findings).map(str::to_owned),
        variables: words(&fields, "variables", findings),
        ports: fields.items("ports", findings).iter().filter_map(|item| port(item, findings)).collect(),
        egress: fields.texts("egress", findings),
        objects: fields.items("objects", findings).iter().map(Node::to_json).collect(),
        overtime: fields.parsed("overtime", DURATION, measure::minutes, findings),
        idle: fields.parsed("idle", DURATION, measure::minutes, findings),
        runtime_class: fields.text("runtime_class", findings).map(str::to_owned),
        node_selector: words(&fields, "node_selector", findings),
        tolerations: fields.items("tolerations", findings).iter().filter_map(|item| toleration(item, findings)).collect(),
    }
}

/// A word for a usual one, or its amounts.
fn budget(fields: &Fields<'_>, findings: &mut Findings) -> Budget {
    let Some(node) = fields.get("budget") else { return Budget::default() };
    if node.as_text().is_some() {
        return one_of(fields, "budget", &BUDGETS, findings).unwrap_or_default();
    }
    let fields = Fields::of(FILE, node, findings);
    fields.refuse_unknown(&BUDGET_FIELDS, findings);
    let usual = Budget::default().amounts();
    Budget::Custom(Amounts {
        millicpu: fields.parsed("cpu", "CPUs such as 2 or 500m", millicpu, findings).unwrap_or(usual.millicpu),
        memory: fields.parsed("memory", AMOUNT, measure::mebibytes, findings).unwrap_or(usual.memory),
        storage: fields.parsed("storage", AMOUNT, measure::mebibytes, findings).unwrap_or(Mebibytes(0)),
        pods: number(&fields, "pods", findings).unwrap_or(usual.pods),
    })
}

fn millicpu(text: &str) -> Option<u32> {
    match text.strip_suffix('m') {
        Some(digits) => digits.parse().ok(),
        None => text.parse::<u32>().ok()?.checked_mul(1000),
    }
}

/// A mapping of names to single values.
fn words(fields: &Fields<'_>, name: &str, findings: &mut Findings) -> BTreeMap<String, String> {
    let Some(node) = fields.get(name) else { return BTreeMap::new() };
    let inner = Fields::of(FILE, node, findings);
    let entry = |key: &String, findings: &mut Findings| Some((key.clone(), inner.text(key, findings)?.to_owned()));
    node.entries().iter().filter_map(|each| entry(&each.key, findings)).collect()
}

fn port(node: &Node, findings: &mut Findings) -> Option<Port> {
    let fields = Fields::of(FILE, node, findings);
    fields.refuse_unknown(&["name", "port"], findings);
    let name = fields.required("name", findings)?.to_owned();
    let port = fields.parsed("port", "a port from 1024 to 65535", |text| text.parse().ok(), findings)?;
    Some(Port { name, port })
}

fn toleration(node: &Node, findings: &mut Findings) -> Option<Toleration> {
    let fields = Fields::of(FILE, node, findings);
    fields.refuse_unknown(&["key", "value", "effect"], findings);
    let text = |name: &str, findings: &mut Findings| fields.text(name, findings).map(str::to_owned);
    Some(Toleration { key: fields.required("key", findings)?.to_owned(), value: text("value", findings), effect: text("effect", findings) })
}
