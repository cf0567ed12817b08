//! Deployments, their replica sets, and stateful sets.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::event;
use crate::{
    resources,
    store::{Key, Store},
    target::{Query, Target},
    write::{self, Author},
};

/// A deployment has one replica set for its template; others go.
pub(super) fn deployment(store: &mut Store, key: &Key, object: &Value) {
    if !object["metadata"]["deletionTimestamp"].is_null() {
        return;
    }
    let digest = hex::encode(Sha256::digest(object["spec"]["template"].to_string().as_bytes()));
    let hash = &digest[..10];
    let name = format!("{}-{hash}", key.name);
    let set_key = Key::new("replicasets", &key.namespace, &name);
    if store.get(&set_key).is_none() {
        let mut template = object["spec"]["template"].clone();
        template["metadata"]["labels"]["pod-template-hash"] = json!(hash);
        let mut selector = object["spec"]["selector"].clone();
        selector["matchLabels"]["pod-template-hash"] = json!(hash);
        let set = json!({
            "metadata": {"name": name, "labels": template["metadata"]["labels"], "ownerReferences": [owner(object)]},
            "spec": {"replicas": object["spec"]["replicas"], "selector": selector, "template": template},
        });
        if create(store, "replicasets", &key.namespace, set).is_err() {
            return;
        }
    }
    store.update(&set_key, |set| set["spec"]["replicas"] = object["spec"]["replicas"].clone());
    let uid = &object["metadata"]["uid"];
    let outdated =
        |(other, set): &(&Key, &std::sync::Arc<Value>)| other.name != name && set["metadata"]["ownerReferences"][0]["uid"] == *uid;
    let old: Vec<Key> = store.list("replicasets", &key.namespace).filter(outdated).map(|(key, _)| key.clone()).collect();
    for set in old {
        write::terminate(store, &set, None, "Background");
    }
    let stamp = store.clock.stamp();
    let Some(set) = store.get(&set_key).cloned() else { return };
    let count = |field: &str| set["status"][field].as_u64().unwrap_or_default();
    let (wanted, ready) = (object["spec"]["replicas"].as_u64().unwrap_or_default(), count("readyReplicas"));
    let before = object["status"]["conditions"][0]["status"].clone();
    let available = if ready >= wanted { "True" } else { "False" };
    let since = if before == available { object["status"]["conditions"][0]["lastTransitionTime"].clone() } else { json!(stamp) };
    let mut conditions = vec![json!({"type": "Available", "status": available, "reason": "MinimumReplicas", "lastTransitionTime": since})];
    conditions.extend(set["status"]["conditions"].as_array().into_iter().flatten().cloned());
    let generation = object["metadata"]["generation"].clone();
    store.update(key, |object| {
        object["status"] = json!({
            "observedGeneration": generation, "replicas": count("replicas"), "updatedReplicas": count("replicas"), "readyReplicas": ready,
            "availableReplicas": ready, "unavailableReplicas": wanted.saturating_sub(ready), "conditions": conditions,
        });
    });
}

fn owner(object: &Value) -> Value {
    json!({
        "apiVersion": object["apiVersion"], "kind": object["kind"], "name": object["metadata"]["name"], "uid": object["metadata"]["uid"],
        "controller": true, "blockOwnerDeletion": true,
    })
}

fn create(store: &mut Store, plural: &'static str, namespace: &str, object: Value) -> Result<(), String> {
    let kind = crate::kinds::kind(plural);
    let target = Target {
        kind,
        namespace: namespace.to_owned(),
        name: String::new(),
        subresource: String::new(),
        verb: "create",
        query: Query::default(),
    };
    write::create(store, &Author::controller("kube-controller-manager"), &target, object).map(drop).map_err(|failure| failure.message)
}

/// As many pods as a replica set or a stateful set wants; those of the latter are numbered and come one after the other.
pub(super) fn replicas(store: &mut Store, key: &Key, object: &Value) {
    if !object["metadata"]["deletionTimestamp"].is_null() {
        return;
    }
    let ordered = key.kind == "statefulsets" && object["spec"]["podManagementPolicy"] != "Parallel";
    let wanted = usize::try_from(object["spec"]["replicas"].as_u64().unwrap_or_default()).unwrap_or_default();
    let uid = &object["metadata"]["uid"];
    let owned = |pod: &Value| pod["metadata"]["ownerReferences"][0]["uid"] == *uid;
    let lives = |pod: &Value| pod["metadata"]["deletionTimestamp"].is_null() && !resources::is_over(pod);
    let pods: Vec<(Key, bool)> = store
        .list("pods", &key.namespace)
        .filter(|(_, pod)| owned(pod) && lives(pod))
        .map(|(key, pod)| (key.clone(), super::pods::is_ready(pod)))
        .collect();
    let ready = pods.iter().filter(|(_, ready)| *ready).count();
    let mut failure = None;
    if pods.len() < wanted && !(ordered && ready < pods.len()) {
        let missing = if ordered { 1 } else { wanted - pods.len() };
        failure = (0..missing).find_map(|_| add(store, key, object).err());
    }
    for (surplus, _) in pods.iter().skip(wanted) {
        write::terminate(store, surplus, None, "Background");
    }
    if let Some(why) = &failure {
        if object["status"]["conditions"][0]["message"] != why.as_str() {
            event(store, key, object, "Warning", "FailedCreate", &format!("Error creating: {why}"));
        }
        store.touch_after(key.clone(), std::time::Duration::from_secs(1));
    }
    let conditions: Vec<Value> =
        failure.iter().map(|why| json!({"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": why})).collect();
    let generation = object["metadata"]["generation"].clone();
    let replicas = pods.len().min(wanted);
    store.update(key, |object| {
        object["status"] = json!({
            "observedGeneration": generation, "replicas": replicas, "readyReplicas": ready, "availableReplicas": ready,
            "currentReplicas": replicas,
            "updatedReplicas": replicas, "conditions": conditions,
        });
    });
}

/// One more pod.
fn add(store: &mut Store, key: &Key, object: &Value) -> Result<(), String> {
    let mut pod = object["spec"]["template"].clone();
    pod["metadata"]["ownerReferences"] = json!([owner(object)]);
    if key.kind == "statefulsets" {
        let taken = |number: &usize| store.find("pods", &key.namespace, &format!("{}-{number}", key.name)).is_some();
        let most = usize::try_from(object["spec"]["replicas"].as_u64().unwrap_or_default()).unwrap_or_default();
        let number = (0..most).find(|number| !taken(number)).ok_or("every number is taken")?;
        pod["metadata"]["name"] = json!(format!("{}-{number}", key.name));
        claims(store, key, object, &mut pod, number);
    } else {
        pod["metadata"]["generateName"] = json!(format!("{}-", key.name));
    }
    create(store, "pods", &key.namespace, pod)
}

/// Claims for the volumes of a numbered pod.
fn claims(store: &mut Store, key: &Key, object: &Value, pod: &mut Value, number: usize) {
    let mut volumes = pod["spec"]["volumes"].as_array().cloned().unwrap_or_default();
    for template in object["spec"]["volumeClaimTemplates"].as_array().into_iter().flatten() {
        let stem = template["metadata"]["name"].as_str().unwrap_or_default();
        let name = format!("{stem}-{}-{number}", key.name);
        if store.find("persistentvolumeclaims", &key.namespace, &name).is_none() {
            let claim = json!({"metadata": {"name": name, "labels": object["spec"]["selector"]["matchLabels"]}, "spec": template["spec"]});
            if create(store, "persistentvolumeclaims", &key.namespace, claim).is_err() {
                continue;
            }
        }
        volumes.push(json!({"name": stem, "persistentVolumeClaim": {"claimName": name}}));
    }
    pod["spec"]["volumes"] = json!(volumes);
}
