//! `LimitRange`: defaults for containers, and bounds.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::{
    failure::{Answer, Failure},
    quantity::Quantity,
    resources,
    store::{Key, Store},
};

/// The limits of a type in a namespace.
fn of<'a>(store: &'a Store, namespace: &str, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let all: Vec<&Arc<Value>> = store.list("limitranges", namespace).map(|(_, range)| range).collect();
    all.into_iter().flat_map(|range| range["spec"]["limits"].as_array().into_iter().flatten()).filter(move |limit| limit["type"] == kind)
}

/// Requests and limits that a container does not state.
pub(super) fn fill_in(store: &Store, key: &Key, pod: &mut Value) {
    for limit in of(store, &key.namespace, "Container") {
        for container in resources::containers_mut(pod) {
            set(container, "limits", &limit["default"]);
            // A real server takes a limit for the request, too, where only that is given.
            let stated = container["resources"]["limits"].clone();
            set(container, "requests", &limit["defaultRequest"]);
            set(container, "requests", &stated);
        }
    }
}

fn set(container: &mut Value, what: &str, defaults: &Value) {
    let Some(defaults) = defaults.as_object().filter(|defaults| !defaults.is_empty()) else { return };
    if !container["resources"].is_object() {
        container["resources"] = json!({});
    }
    let stated = &mut container["resources"][what];
    if !stated.is_object() {
        *stated = json!({});
    }
    let Some(stated) = stated.as_object_mut() else { return };
    for (name, value) in defaults {
        stated.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

/// # Errors
/// 403, naming every bound that is broken.
pub(super) fn check(store: &Store, key: &Key, object: &Value) -> Answer<()> {
    let mut broken = Vec::new();
    if key.kind == "persistentvolumeclaims" {
        for limit in of(store, &key.namespace, "PersistentVolumeClaim") {
            bounds(&mut broken, limit, &object["spec"]["resources"]["requests"], &Value::Null, "PersistentVolumeClaim");
        }
    } else {
        for limit in of(store, &key.namespace, "Container") {
            for container in resources::containers(object) {
                let resources = &container["resources"];
                bounds(&mut broken, limit, &resources["requests"], &resources["limits"], "Container");
            }
        }
        let totals = |what: &str| {
            Value::Object(
                resources::total(object, what).into_iter().map(|(name, total)| (name, json!(total.to_string()))).collect::<Map<_, _>>(),
            )
        };
        for limit in of(store, &key.namespace, "Pod") {
            bounds(&mut broken, limit, &totals("requests"), &totals("limits"), "Pod");
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(Failure::forbidden(key.kind(), &key.name, &format!("[{}]", broken.join(", ")))) }
}

fn bounds(broken: &mut Vec<String>, limit: &Value, requests: &Value, limits: &Value, kind: &str) {
    for (name, text) in limit["max"].as_object().into_iter().flatten() {
        let upper = if limits.is_null() { requests } else { limits };
        match (Quantity::of(&upper[name]), Quantity::of(text)) {
            (None, _) => broken.push(format!("maximum {name} usage per {kind} is {}.  No limit is specified", shown(text))),
            (Some(stated), Some(most)) if stated > most => {
                broken.push(format!("maximum {name} usage per {kind} is {}, but limit is {stated}", shown(text)));
            }
            _ => {}
        }
    }
    for (name, text) in limit["min"].as_object().into_iter().flatten() {
        match (Quantity::of(&requests[name]), Quantity::of(text)) {
            (None, _) => broken.push(format!("minimum {name} usage per {kind} is {}.  No request is specified", shown(text))),
            (Some(stated), Some(least)) if stated < least => {
                broken.push(format!("minimum {name} usage per {kind} is {}, but request is {stated}", shown(text)));
            }
            _ => {}
        }
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
