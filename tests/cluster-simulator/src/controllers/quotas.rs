//! The status of quotas.

use serde_json::{Map, Value, json};

use crate::{
    admission,
    store::{Key, Store},
};

pub(super) fn reconcile(store: &mut Store, key: &Key, quota: &Value) {
    if quota["status"]["hard"] != quota["spec"]["hard"] && !store.has_passed(key, "quota", store.behaviour.quota) {
        return;
    }
    let used: Map<String, Value> =
        admission::used(store, quota, &key.namespace).into_iter().map(|(name, amount)| (name, json!(amount.to_string()))).collect();
    store.update(key, |quota| quota["status"] = json!({"hard": quota["spec"]["hard"], "used": used}));
}

/// Something in the namespace has changed.
pub(super) fn recount(store: &mut Store, namespace: &str) {
    let quotas: Vec<Key> = store.list("resourcequotas", namespace).map(|(key, _)| key.clone()).collect();
    for key in quotas {
        if let Some(quota) = store.get(&key).cloned() {
            reconcile(store, &key, &quota);
        }
    }
}
