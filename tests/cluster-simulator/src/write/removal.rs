//! Removing objects: at once, or as soon as their finalizers, their grace or their contents let them go.

use std::sync::Arc;

use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};

use crate::{
    failure::{Answer, Failure},
    selectors::Selectors,
    store::{Key, Store},
    target::Target,
};

/// # Errors
/// 404, and 409 if a precondition does not hold.
pub(crate) fn delete(store: &mut Store, target: &Target, options: &Value, dry_run: bool) -> Answer<Value> {
    let key = target.key();
    let old = Arc::clone(store.get(&key).ok_or_else(|| Failure::not_found(target.kind, &target.name))?);
    for (field, told) in [("uid", "UID"), ("resourceVersion", "ResourceVersion")] {
        let wanted = &options["preconditions"][field];
        if !wanted.is_null() && *wanted != old["metadata"][field] {
            let why = format!(
                "Precondition failed: {told} in precondition: {}, {told} in object meta: {}",
                wanted.as_str().unwrap_or_default(),
                old["metadata"][field].as_str().unwrap_or_default()
            );
            return Err(Failure::conflict(target.kind, &key.name, &why));
        }
    }
    let success = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
        "details": {"name": key.name, "group": target.kind.group, "kind": target.kind.plural, "uid": old["metadata"]["uid"]},
    });
    if dry_run {
        return Ok(success);
    }
    let query = |name: &str| target.query.get(name).to_owned();
    let grace = options["gracePeriodSeconds"].as_i64().or_else(|| query("gracePeriodSeconds").parse().ok());
    let policy = options["propagationPolicy"].as_str().map_or_else(|| query("propagationPolicy"), str::to_owned);
    Ok(terminate(store, &key, grace, &policy).map_or(success, |object| (*object).clone()))
}

/// All that a list would name.
pub(crate) fn delete_all(store: &mut Store, target: &Target, options: &Value, dry_run: bool) -> Answer<Value> {
    let selectors = Selectors::parse(target.query.get("labelSelector"), target.query.get("fieldSelector"))?;
    let all = store.list(target.kind.plural, &target.namespace);
    let chosen: Vec<(Key, Arc<Value>)> =
        all.filter(|(_, object)| selectors.match_object(object)).map(|(key, object)| (key.clone(), Arc::clone(object))).collect();
    for (key, _) in chosen.iter().filter(|_| !dry_run) {
        let policy = options["propagationPolicy"].as_str().unwrap_or_default();
        terminate(store, key, options["gracePeriodSeconds"].as_i64(), policy);
    }
    let items: Vec<&Value> = chosen.iter().map(|(_, object)| &**object).collect();
    Ok(json!({
        "kind": format!("{}List", target.kind.kind), "apiVersion": target.kind.api_version(),
        "metadata": {"resourceVersion": store.version().to_string()}, "items": items,
    }))
}

/// Removes an object, or marks it for removal and returns it as it is then.
pub(crate) fn terminate(store: &mut Store, key: &Key, grace: Option<i64>, policy: &str) -> Option<Arc<Value>> {
    let object = Arc::clone(store.get(key)?);
    let own = object["spec"]["terminationGracePeriodSeconds"].as_i64().unwrap_or(30);
    let grace = if key.kind == "pods" { grace.unwrap_or(own).max(0) } else { 0 };
    let is_bound = key.kind == "pods" && grace > 0 && object["spec"]["nodeName"].is_string();
    let is_held = object["metadata"]["finalizers"].as_array().is_some_and(|list| !list.is_empty());
    if key.kind != "namespaces" && !is_bound && !is_held && !matches!(policy, "Foreground" | "Orphan") {
        store.remove(key);
        return None;
    }
    let now = store.clock.now();
    let until = (now + TimeDelta::seconds(grace)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let marked = store.update(key, |object| {
        let finalizer = match policy {
            "Foreground" => Some("foregroundDeletion"),
            "Orphan" => Some("orphan"),
            _ => None,
        };
        if let Some(finalizer) = finalizer.filter(|_| key.kind != "namespaces") {
            let list = &mut object["metadata"]["finalizers"];
            let mut all = list.as_array().cloned().unwrap_or_default();
            if !all.iter().any(|other| other == finalizer) {
                all.push(json!(finalizer));
            }
            *list = json!(all);
        }
        let metadata = &mut object["metadata"];
        let shorter = metadata["deletionGracePeriodSeconds"].as_i64().is_some_and(|earlier| grace < earlier);
        if metadata["deletionTimestamp"].is_null() || shorter {
            metadata["deletionTimestamp"] = json!(until);
            metadata["deletionGracePeriodSeconds"] = json!(grace);
        }
        if key.kind == "namespaces" {
            object["status"]["phase"] = json!("Terminating");
        }
    });
    if finish(store, key) { None } else { marked }
}

/// Whether an object that is marked for removal is gone now: nothing held it any more.
pub(crate) fn finish(store: &mut Store, key: &Key) -> bool {
    let Some(object) = store.get(key) else { return true };
    let metadata = &object["metadata"];
    let listed = |list: &Value| list.as_array().is_some_and(|list| !list.is_empty());
    let held = listed(&metadata["finalizers"]) || key.kind == "namespaces" && listed(&object["spec"]["finalizers"]);
    // A pod on a node goes when its node says so.
    let runs = key.kind == "pods" && object["spec"]["nodeName"].is_string() && metadata["deletionGracePeriodSeconds"] != 0;
    if metadata["deletionTimestamp"].is_null() || held || runs {
        return false;
    }
    store.remove(key);
    true
}
