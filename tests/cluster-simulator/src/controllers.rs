//! Controllers: what a cluster does by itself. They look at each object that has changed, and at some again after a delay.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::store::{Key, Store, Work};

mod garbage;
mod namespaces;
mod pods;
mod quotas;
mod workloads;

pub(crate) use pods::is_ready;

/// The type of secrets that hold a token of the service account which an annotation names.
const ACCOUNT_TOKEN: &str = "kubernetes.io/service-account-token";

/// Does everything that is to be done now.
pub(crate) fn run(store: &mut Store) {
    while let Some(work) = store.next_work() {
        match work {
            Work::Changed(key) => changed(store, &key),
            Work::Removed(key, last) => removed(store, &key, &last),
        }
    }
}

fn changed(store: &mut Store, key: &Key) {
    let Some(object) = store.get(key).cloned() else { return };
    if !object["metadata"]["deletionTimestamp"].is_null() {
        garbage::collect(store, key, &object);
    }
    match key.kind {
        "namespaces" => namespaces::reconcile(store, key, &object),
        "pods" => {
            pods::reconcile(store, key, &object);
            if crate::vcluster::named(&object).is_some() {
                store.want_vcluster(key);
            }
            owners(store, key, &object);
        }
        "nodes" => wake(store),
        "resourcequotas" => quotas::reconcile(store, key, &object),
        "deployments" => workloads::deployment(store, key, &object),
        "replicasets" => {
            workloads::replicas(store, key, &object);
            owners(store, key, &object);
        }
        "statefulsets" => workloads::replicas(store, key, &object),
        "persistentvolumeclaims" => bind(store, key),
        "secrets" if object["type"] == ACCOUNT_TOKEN && object["data"]["token"].is_null() => store.want_token(key),
        _ => {}
    }
    if !key.namespace.is_empty() && key.kind != "resourcequotas" {
        quotas::recount(store, &key.namespace);
    }
}

fn removed(store: &mut Store, key: &Key, last: &Arc<Value>) {
    garbage::orphans(store, key, last);
    if key.kind == "pods" {
        store.usage.free(key);
        wake(store);
    }
    owners(store, key, last);
    if key.namespace.is_empty() {
        return;
    }
    quotas::recount(store, &key.namespace);
    let namespace = Key::new("namespaces", "", &key.namespace);
    match key.kind {
        // Those that every namespace has come back.
        "serviceaccounts" | "configmaps" => store.touch(namespace),
        _ if store.get(&namespace).is_some_and(|namespace| !namespace["metadata"]["deletionTimestamp"].is_null()) => store.touch(namespace),
        _ => {}
    }
}

/// Looks at the owners of an object.
fn owners(store: &mut Store, key: &Key, object: &Value) {
    for owner in object["metadata"]["ownerReferences"].as_array().into_iter().flatten() {
        let kind = crate::kinds::KINDS.iter().find(|kind| owner["kind"] == kind.kind);
        let (Some(kind), Some(name)) = (kind, owner["name"].as_str()) else { continue };
        store.touch(Key::new(kind.plural, if kind.namespaced { &key.namespace } else { "" }, name));
    }
}

/// Lets pods that wait for room try again.
fn wake(store: &mut Store) {
    for key in store.usage.waiting.clone() {
        store.touch(key);
    }
}

/// A claim gets what it asks for.
fn bind(store: &mut Store, key: &Key) {
    store.update(key, |claim| {
        if claim["status"]["phase"] != "Bound" {
            claim["spec"]["volumeName"] = json!(format!("pvc-{}", claim["metadata"]["uid"].as_str().unwrap_or_default()));
            claim["status"] = json!({
                "phase": "Bound", "accessModes": claim["spec"]["accessModes"], "capacity": claim["spec"]["resources"]["requests"],
            });
        }
    });
}

/// Notes an event about an object.
pub(crate) fn event(store: &mut Store, about: &Key, object: &Value, kind: &str, reason: &str, message: &str) {
    let now = store.clock.stamp();
    let name = format!("{}.{:x}", about.name, store.version());
    let event = json!({
        "apiVersion": "v1", "kind": "Event",
        "metadata": {"name": name, "namespace": about.namespace, "uid": uuid::Uuid::new_v4(), "creationTimestamp": now},
        "involvedObject": {
            "apiVersion": object["apiVersion"], "kind": object["kind"], "name": about.name, "namespace": about.namespace,
            "uid": object["metadata"]["uid"],
        },
        "type": kind, "reason": reason, "message": message, "count": 1, "firstTimestamp": now, "lastTimestamp": now,
        "source": {"component": "simulator"},
    });
    store.put(Key::new("events", &about.namespace, &name), event);
}
