//! The service account of a pod must be there.

use serde_json::{Value, json};

use crate::{
    failure::{Answer, Failure},
    store::{Key, Store},
};

pub(super) fn fill_in(store: &Store, key: &Key, pod: &mut Value) -> Answer<()> {
    let spec = &mut pod["spec"];
    if spec["serviceAccountName"].as_str().is_none_or(str::is_empty) {
        spec["serviceAccountName"] = json!("default");
    }
    let name = spec["serviceAccountName"].as_str().unwrap_or_default().to_owned();
    spec["serviceAccount"] = json!(name);
    if store.find("serviceaccounts", &key.namespace, &name).is_some() {
        return Ok(());
    }
    let why = format!("error looking up service account {}/{name}: serviceaccount \"{name}\" not found", key.namespace);
    Err(Failure::forbidden(key.kind(), &key.name, &why))
}
