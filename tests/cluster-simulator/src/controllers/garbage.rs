//! What belongs to an object goes with it, unless it is asked to stay.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    store::{Key, Store},
    write,
};

/// Objects that name this one as their owner.
fn dependents(store: &Store, key: &Key, uid: &Value) -> Vec<(Key, Arc<Value>)> {
    let owns = |object: &Value| object["metadata"]["ownerReferences"].as_array().into_iter().flatten().any(|owner| owner["uid"] == *uid);
    let all = store.contents(&key.namespace).into_iter().filter_map(|key| Some((key.clone(), store.get(&key)?.clone())));
    all.filter(|(_, object)| owns(object)).collect()
}

/// An object that waits for its dependents to go, or to be let go.
pub(super) fn collect(store: &mut Store, key: &Key, object: &Value) {
    let has = |finalizer: &str| object["metadata"]["finalizers"].as_array().into_iter().flatten().any(|other| other == finalizer);
    let uid = object["metadata"]["uid"].clone();
    if has("orphan") {
        for (dependent, _) in dependents(store, key, &uid) {
            store.update(&dependent, |object| {
                if let Some(owners) = object["metadata"]["ownerReferences"].as_array_mut() {
                    owners.retain(|owner| owner["uid"] != uid);
                }
            });
        }
        release(store, key, "orphan");
    } else if has("foregroundDeletion") {
        let waiting = dependents(store, key, &uid);
        if waiting.is_empty() {
            release(store, key, "foregroundDeletion");
        }
        for (dependent, object) in waiting {
            if object["metadata"]["deletionTimestamp"].is_null() {
                write::terminate(store, &dependent, None, "Foreground");
            }
        }
    }
}

fn release(store: &mut Store, key: &Key, finalizer: &str) {
    store.update(key, |object| {
        let finalizers = &mut object["metadata"]["finalizers"];
        let kept: Vec<Value> = finalizers.as_array().into_iter().flatten().filter(|other| *other != finalizer).cloned().collect();
        *finalizers = json!(kept);
    });
    write::finish(store, key);
}

/// The object is gone.
pub(super) fn orphans(store: &mut Store, key: &Key, last: &Value) {
    if key.namespace.is_empty() {
        return;
    }
    for (dependent, object) in dependents(store, key, &last["metadata"]["uid"]) {
        if object["metadata"]["deletionTimestamp"].is_null() {
            write::terminate(store, &dependent, None, "Background");
        }
    }
}
