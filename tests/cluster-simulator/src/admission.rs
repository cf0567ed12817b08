//! What is refused or filled in before an object is stored, in the order of a real server.

use serde_json::{Value, json};

use crate::{
    failure::{Answer, Failure},
    store::{Key, Store},
};

mod accounts;
mod limits;
mod quota;
mod security;

pub(crate) use quota::used;
pub(crate) use security::refuse_labels;

/// For a new object.
pub(crate) fn admit(store: &Store, key: &Key, object: &mut Value) -> Answer<()> {
    namespace(store, key)?;
    if key.kind == "pods" {
        limits::fill_in(store, key, object);
        accounts::fill_in(store, key, object)?;
        limits::check(store, key, object)?;
        security::check(store, key, object)?;
    }
    if key.kind == "persistentvolumeclaims" {
        limits::check(store, key, object)?;
    }
    quota::check(store, key, object)
}

/// The namespace must be there, and must not be on its way out.
fn namespace(store: &Store, key: &Key) -> Answer<()> {
    if key.namespace.is_empty() {
        return Ok(());
    }
    let Some(namespace) = store.find("namespaces", "", &key.namespace) else {
        return Err(Failure::not_found(crate::kinds::kind("namespaces"), &key.namespace));
    };
    if namespace["metadata"]["deletionTimestamp"].is_null() {
        return Ok(());
    }
    let why = format!("unable to create new content in namespace {} because it is being terminated", key.namespace);
    let message = format!("namespace {} is being terminated", key.namespace);
    let cause = json!({"reason": "NamespaceTerminating", "message": message, "field": "metadata.namespace"});
    Err(Failure::forbidden(key.kind(), &key.name, &why).because(&cause))
}
