//! What pods ask for.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::quantity::Quantity;

/// Containers and init containers.
pub(crate) fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    let list = |name: &str| pod["spec"][name].as_array().into_iter().flatten();
    list("containers").chain(list("initContainers"))
}

pub(crate) fn containers_mut(pod: &mut Value) -> Vec<&mut Value> {
    let mut found = Vec::new();
    if let Some(spec) = pod["spec"].as_object_mut() {
        for (name, list) in spec {
            if name == "containers" || name == "initContainers" {
                found.extend(list.as_array_mut().into_iter().flatten());
            }
        }
    }
    found
}

/// `requests` or `limits` of a pod: all containers together, or the largest init container if that asks for more.
pub(crate) fn total(pod: &Value, what: &str) -> BTreeMap<String, Quantity> {
    let mut sum: BTreeMap<String, Quantity> = BTreeMap::new();
    let amounts = |container: &Value| -> Vec<(String, Quantity)> {
        let amounts = container["resources"][what].as_object().into_iter().flatten();
        amounts.filter_map(|(name, value)| Some((name.clone(), Quantity::of(value)?))).collect()
    };
    for container in pod["spec"]["containers"].as_array().into_iter().flatten() {
        for (name, amount) in amounts(container) {
            *sum.entry(name).or_default() += amount;
        }
    }
    for container in pod["spec"]["initContainers"].as_array().into_iter().flatten() {
        for (name, amount) in amounts(container) {
            let all = sum.entry(name).or_default();
            *all = all.larger(amount);
        }
    }
    sum
}

/// Whether a pod has come to its end and holds nothing any more.
pub(crate) fn is_over(pod: &Value) -> bool {
    matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed"))
}
