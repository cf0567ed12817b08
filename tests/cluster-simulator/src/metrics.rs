//! `metrics.k8s.io`: what nodes and pods use, which is a share of what pods request.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    failure::{Answer, Failure},
    quantity::Quantity,
    selectors::Selectors,
    store::{Key, Store},
    target::Target,
};

/// One object or a list.
///
/// # Errors
/// 404 for what does not run, 405 for anything but reading.
pub(crate) fn answer(store: &Store, target: &Target) -> Answer<Value> {
    let about = if target.kind.plural == "pods" { "pods" } else { "nodes" };
    match target.verb {
        "get" => {
            let key = Key::new(about, &target.namespace, &target.name);
            let object = store.get(&key).filter(|object| measured(about, object));
            object.map(|object| item(store, &key, object)).ok_or_else(|| Failure::not_found(target.kind, &target.name))
        }
        "list" => {
            let selectors = Selectors::parse(target.query.get("labelSelector"), target.query.get("fieldSelector"))?;
            let all = store.list(about, &target.namespace).filter(|(_, object)| measured(about, object) && selectors.match_object(object));
            let items: Vec<Value> = all.map(|(key, object)| item(store, key, object)).collect();
            let kind = format!("{}List", target.kind.kind);
            Ok(json!({"kind": kind, "apiVersion": "metrics.k8s.io/v1beta1", "metadata": {}, "items": items}))
        }
        _ => Err(Failure::method_not_allowed()),
    }
}

fn measured(about: &str, object: &Value) -> bool {
    about == "nodes" || object["status"]["phase"] == "Running"
}

fn item(store: &Store, key: &Key, object: &Value) -> Value {
    let now = store.clock.stamp();
    let share = |requested: &BTreeMap<String, Quantity>| {
        let used = |name: &str| requested.get(name).copied().unwrap_or_default().percent(store.behaviour.used_percent.into()).to_string();
        json!({"cpu": used("cpu"), "memory": used("memory")})
    };
    let kind = if key.kind == "nodes" { "NodeMetrics" } else { "PodMetrics" };
    let mut metrics = json!({
        "kind": kind, "apiVersion": "metrics.k8s.io/v1beta1", "timestamp": now, "window": "15s",
        "metadata": {"name": key.name, "creationTimestamp": now, "labels": object["metadata"]["labels"]},
    });
    if key.kind == "nodes" {
        metrics["usage"] = share(&store.usage.of(&key.name).1);
        return metrics;
    }
    metrics["metadata"]["namespace"] = json!(key.namespace);
    let containers = object["spec"]["containers"].as_array().into_iter().flatten();
    let usage = |container: &Value| {
        let requests = container["resources"]["requests"].as_object().into_iter().flatten();
        share(&requests.filter_map(|(name, value)| Some((name.clone(), Quantity::of(value)?))).collect())
    };
    let all: Vec<Value> = containers.map(|container| json!({"name": container["name"], "usage": usage(container)})).collect();
    metrics["containers"] = json!(all);
    metrics
}
