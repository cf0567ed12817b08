//! Namespaces: what each has, and how they end.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    kinds,
    store::{Key, Store},
    write,
};

const CERTIFICATE: &str = "kube-root-ca.crt";

pub(super) fn reconcile(store: &mut Store, key: &Key, namespace: &Value) {
    if namespace["metadata"]["deletionTimestamp"].is_null() {
        if store.has_passed(key, "accounts", store.behaviour.service_account) {
            furnish(store, key);
        }
    } else {
        end(store, key);
    }
}

/// The default service account, and the certificate of the cluster.
fn furnish(store: &mut Store, key: &Key) {
    let metadata =
        |name: &str| json!({"name": name, "namespace": key.name, "uid": uuid::Uuid::new_v4(), "creationTimestamp": store.clock.stamp()});
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata("default")});
    let certificate = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(CERTIFICATE), "data": {"ca.crt": store.ca}});
    for (kind, name, object) in [("serviceaccounts", "default", account), ("configmaps", CERTIFICATE, certificate)] {
        let key = Key::new(kind, &key.name, name);
        if store.get(&key).is_none() {
            store.put(key, object);
        }
    }
}

/// Removes what is in it, then the namespace.
fn end(store: &mut Store, key: &Key) {
    let has_pods = store.list("pods", &key.name).next().is_some();
    let (what, delay) = if has_pods || store.is_waiting(key, "end with pods") {
        ("end with pods", store.behaviour.namespace_with_pods)
    } else {
        ("end", store.behaviour.namespace)
    };
    let passed = store.has_passed(key, what, delay);
    for content in store.contents(&key.name) {
        let ending = store.get(&content).is_some_and(|object| !object["metadata"]["deletionTimestamp"].is_null());
        if !ending {
            write::terminate(store, &content, None, "Background");
        }
    }
    let left = store.contents(&key.name);
    report(store, key, &left);
    if !left.is_empty() || !passed {
        return;
    }
    store.update(key, |namespace| namespace["spec"]["finalizers"] = json!([]));
    write::finish(store, key);
}

/// Conditions that say what keeps the namespace from going.
fn report(store: &mut Store, key: &Key, left: &[Key]) {
    let now = store.clock.stamp();
    let mut kinds_left: BTreeMap<String, usize> = BTreeMap::new();
    let mut finalizers: BTreeMap<String, usize> = BTreeMap::new();
    for content in left {
        *kinds_left.entry(kinds::kind(content.kind).qualified()).or_default() += 1;
        let object = store.get(content);
        let held = object.and_then(|object| object["metadata"]["finalizers"].as_array());
        for finalizer in held.into_iter().flatten().filter_map(Value::as_str) {
            *finalizers.entry(finalizer.to_owned()).or_default() += 1;
        }
    }
    let told = |counts: &BTreeMap<String, usize>, what: &str| {
        counts.iter().map(|(name, count)| format!("{name} {what}{count} resource instances")).collect::<Vec<_>>().join(", ")
    };
    let remaining = (!kinds_left.is_empty()).then(|| format!("Some resources are remaining: {}", told(&kinds_left, "has ")));
    let held =
        (!finalizers.is_empty()).then(|| format!("Some content in the namespace has finalizers remaining: {}", told(&finalizers, "in ")));
    let rows = [
        ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered", None),
        ("NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed", None),
        ("NamespaceDeletionContentFailure", "ContentDeleted", "All content successfully deleted, may be waiting on finalization", None),
        (
            "NamespaceContentRemaining",
            "ContentRemoved",
            "All content successfully removed",
            remaining.map(|text| ("SomeResourcesRemain", text)),
        ),
        (
            "NamespaceFinalizersRemaining",
            "ContentHasNoFinalizers",
            "All content-preserving finalizers finished",
            held.map(|text| ("SomeFinalizersRemain", text)),
        ),
    ];
    let conditions: Vec<Value> = rows
        .into_iter()
        .map(|(kind, reason, message, trouble)| {
            let (status, reason, message) = match trouble {
                Some((reason, message)) => ("True", reason, message),
                None => ("False", reason, message.to_owned()),
            };
            json!({"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": now})
        })
        .collect();
    store.update(key, |namespace| {
        let plain = |all: &Value| all.as_array().into_iter().flatten().map(|one| one["message"].clone()).collect::<Vec<_>>();
        if plain(&namespace["status"]["conditions"]) != plain(&json!(conditions)) {
            namespace["status"]["conditions"] = json!(conditions);
        }
    });
}
