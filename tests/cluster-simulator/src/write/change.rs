//! Changing objects: replacement and patches.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Author, Written, insert, object, removal};
use crate::{
    access,
    apply::{self, Manager},
    defaults,
    failure::{Answer, Failure},
    patch as patches,
    store::Store,
    target::Target,
    validation,
};

/// # Errors
/// 404, 409 for another version than the stored one, and what validation says.
pub(crate) fn replace(store: &mut Store, author: &Author, target: &Target, body: Value) -> Answer<Arc<Value>> {
    let new = object(target, body)?;
    let key = target.key();
    let old = Arc::clone(store.get(&key).ok_or_else(|| Failure::not_found(target.kind, &target.name))?);
    store_change(store, author, target, &old, new, true)
}

/// The patch that a content type announces.
///
/// # Errors
/// 404, 409, 415 for an unknown kind of patch, and what validation says.
pub(crate) fn patch(store: &mut Store, author: &Author, target: &Target, kind: &str, body: &Value) -> Answer<Written> {
    if kind == "application/apply-patch+yaml" {
        return apply_patch(store, author, target, body);
    }
    let key = target.key();
    let old = Arc::clone(store.get(&key).ok_or_else(|| Failure::not_found(target.kind, &target.name))?);
    let mut new = (*old).clone();
    match kind {
        "application/merge-patch+json" => patches::merge(&mut new, body),
        "application/strategic-merge-patch+json" => patches::strategic(&mut new, body, &mut Vec::new()),
        "application/json-patch+json" => patches::operations(&mut new, body)?,
        _ => {
            let why = format!(
                "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, \
                 application/merge-patch+json, application/apply-patch+yaml; got {kind}"
            );
            return Err(Failure::new(415, "UnsupportedMediaType", why));
        }
    }
    let new = object(target, new)?;
    store_change(store, author, target, &old, new, true).map(|object| Written { object, created: false })
}

fn apply_patch(store: &mut Store, author: &Author, target: &Target, body: &Value) -> Answer<Written> {
    if author.manager.is_empty() {
        return Err(Failure::bad_request(
            "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
        ));
    }
    let mut applied = object(target, body.clone())?;
    if !applied["metadata"]["managedFields"].is_null() {
        return Err(Failure::bad_request("metadata.managedFields must be nil"));
    }
    if target.kind.plural == "secrets" && applied["stringData"].is_object() {
        defaults::secret(&mut applied);
    }
    let key = target.key();
    let old = store.get(&key).cloned();
    let now = store.clock.stamp();
    let manager = Manager { name: &author.manager, subresource: &target.subresource, now: &now };
    let new = apply::apply(target.kind, old.as_deref(), &applied, &manager, author.force)?;
    match old {
        None if !target.subresource.is_empty() => Err(Failure::not_found(target.kind, &target.name)),
        None => insert(store, author, &key, new).map(|object| Written { object, created: true }),
        Some(old) => store_change(store, author, target, &old, new, false).map(|object| Written { object, created: false }),
    }
}

/// `track` says whether who owns which field is still to be found.
fn store_change(store: &mut Store, author: &Author, target: &Target, old: &Value, mut new: Value, track: bool) -> Answer<Arc<Value>> {
    let (kind, key) = (target.kind, target.key());
    let stated = |field: &str| new["metadata"][field].as_str().filter(|text| !text.is_empty());
    if stated("resourceVersion").is_some_and(|version| old["metadata"]["resourceVersion"] != version) {
        return Err(Failure::modified(kind, &key.name));
    }
    if let Some(uid) = stated("uid").filter(|uid| old["metadata"]["uid"] != *uid) {
        let why = format!(
            "Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
            old["metadata"]["uid"].as_str().unwrap_or_default()
        );
        return Err(Failure::conflict(kind, &key.name, &why));
    }
    keep(target, old, &mut new);
    if kind.plural == "secrets" {
        defaults::secret(&mut new);
    }
    if target.subresource.is_empty() {
        validation::check(&key, &new)?;
        validation::check_change(&key, old, &new)?;
        if new["rules"] != old["rules"] || new["subjects"] != old["subjects"] {
            access::refuse_escalation(store, &author.user, &key, &new)?;
        }
    }
    let now = store.clock.stamp();
    if track {
        new["metadata"]["managedFields"] = old["metadata"]["managedFields"].clone();
        if new != *old {
            apply::track(kind, Some(old), &mut new, &Manager { name: &author.manager, subresource: &target.subresource, now: &now });
        }
    }
    if is_same(old, &new) {
        return Ok(store.get(&key).cloned().unwrap_or_else(|| Arc::new(new)));
    }
    if kind.has_generation() && old["spec"] != new["spec"] {
        new["metadata"]["generation"] = json!(old["metadata"]["generation"].as_u64().unwrap_or_default() + 1);
    }
    if author.dry_run {
        return Ok(Arc::new(new));
    }
    let written = store.put(key.clone(), new);
    removal::finish(store, &key);
    Ok(written)
}

/// Restores what this request cannot change.
fn keep(target: &Target, old: &Value, new: &mut Value) {
    let fields = [
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "generation",
        "resourceVersion",
        "name",
        "namespace",
    ];
    for field in fields {
        copy(&old["metadata"], &mut new["metadata"], field);
    }
    match target.subresource.as_str() {
        "" if target.kind.has_status() => copy(old, new, "status"),
        "status" => {
            let (status, managed) = (new["status"].take(), new["metadata"]["managedFields"].take());
            *new = old.clone();
            new["status"] = status;
            if !managed.is_null() {
                new["metadata"]["managedFields"] = managed;
            }
        }
        "finalize" => {
            let finalizers = new["spec"]["finalizers"].take();
            *new = old.clone();
            new["spec"]["finalizers"] = if finalizers.is_null() { json!([]) } else { finalizers };
        }
        _ => {}
    }
    if target.kind.plural == "namespaces" && target.subresource != "finalize" {
        copy(old, new, "spec");
    }
    if target.kind.plural == "services" && new["spec"]["clusterIP"].is_null() {
        copy(&old["spec"], &mut new["spec"], "clusterIP");
        copy(&old["spec"], &mut new["spec"], "clusterIPs");
    }
}

fn copy(from: &Value, to: &mut Value, field: &str) {
    match (&from[field], to.as_object_mut()) {
        (Value::Null, Some(to)) => drop(to.remove(field)),
        (value, Some(to)) => drop(to.insert(field.to_owned(), value.clone())),
        (_, None) => {}
    }
}

/// Whether nothing differs but the times of owners.
fn is_same(old: &Value, new: &Value) -> bool {
    let plain = |object: &Value| {
        let mut object = object.clone();
        for entry in object["metadata"]["managedFields"].as_array_mut().into_iter().flatten() {
            entry["time"] = Value::Null;
        }
        object
    };
    plain(old) == plain(new)
}
