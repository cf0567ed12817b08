//! Pods: scheduled, started, ended, as a scheduler and a kubelet would.

use std::time::Duration;

use serde_json::{Value, json};

use super::event;
use crate::{
    nodes,
    options::{EXIT_ANNOTATION, PULL_ERROR_ANNOTATION},
    resources,
    store::{Key, Store},
};

/// Until a pod that lacks something is looked at again.
const AGAIN: Duration = Duration::from_secs(1);

pub(super) fn reconcile(store: &mut Store, key: &Key, pod: &Value) {
    if !pod["metadata"]["deletionTimestamp"].is_null() {
        end(store, key, pod);
    } else if pod["spec"]["nodeName"].is_null() {
        schedule(store, key, pod);
    } else if !resources::is_over(pod) && runs_on_kubelet(store, pod) {
        advance(store, key, pod);
    }
}

/// Whether a kubelet runs the pods of its node.
fn runs_on_kubelet(store: &Store, pod: &Value) -> bool {
    store.behaviour.kubelet && store.find("nodes", "", pod["spec"]["nodeName"].as_str().unwrap_or_default()).is_some()
}

fn end(store: &mut Store, key: &Key, pod: &Value) {
    let held = pod["metadata"]["finalizers"].as_array().is_some_and(|list| !list.is_empty());
    let grace = Duration::from_secs(pod["metadata"]["deletionGracePeriodSeconds"].as_u64().unwrap_or_default());
    let on_node = pod["spec"]["nodeName"].is_string();
    if on_node && grace > Duration::ZERO && !runs_on_kubelet(store, pod) {
        // Nobody says that it has ended.
        return;
    }
    if on_node && !store.has_passed(key, "end", grace.min(store.behaviour.pod_end)) {
        return;
    }
    if held {
        store.usage.free(key);
    } else {
        store.remove(key);
    }
}

fn schedule(store: &mut Store, key: &Key, pod: &Value) {
    if !store.has_passed(key, "schedule", store.behaviour.pod_schedule) {
        return;
    }
    match nodes::choose(store, pod) {
        Ok(node) => {
            store.usage.bind(key, &node, pod);
            let stamp = store.clock.stamp();
            store.update(key, |pod| {
                pod["spec"]["nodeName"] = json!(node);
                pod["status"]["conditions"] = json!([condition("PodScheduled", "True", "", "", &stamp)]);
            });
            event(store, key, pod, "Normal", "Scheduled", &format!("Successfully assigned {}/{} to {node}", key.namespace, key.name));
        }
        Err(why) => {
            let stamp = store.clock.stamp();
            let known = pod["status"]["conditions"][0]["message"] == why.as_str();
            store.usage.waiting.insert(key.clone());
            if !known {
                store.update(key, |pod| {
                    pod["status"]["conditions"] = json!([condition("PodScheduled", "False", "Unschedulable", &why, &stamp)]);
                });
                event(store, key, pod, "Warning", "FailedScheduling", &why);
            }
        }
    }
}

fn condition(kind: &str, status: &str, reason: &str, message: &str, stamp: &str) -> Value {
    let mut condition = json!({"type": kind, "status": status, "lastProbeTime": null, "lastTransitionTime": stamp});
    if !reason.is_empty() {
        condition["reason"] = json!(reason);
        condition["message"] = json!(message);
    }
    condition
}

/// One stage further: to running, to ready, to its end.
fn advance(store: &mut Store, key: &Key, pod: &Value) {
    let annotation = |name: &str| pod["metadata"]["annotations"][name].as_str();
    if pod["status"]["phase"] == "Pending" {
        if let Some((reason, message)) = hindrance(store, key, pod, annotation(PULL_ERROR_ANNOTATION)) {
            return wait(store, key, pod, reason, &message);
        }
        if store.has_passed(key, "start", store.behaviour.pod_start) {
            start(store, key, pod);
        }
        return;
    }
    if let Some(code) = annotation(EXIT_ANNOTATION).and_then(|code| code.parse::<i64>().ok()) {
        exit(store, key, pod, code);
    } else if !is_ready(pod) && store.has_passed(key, "ready", store.behaviour.pod_ready) {
        set_state(store, key, true, |_| ());
    }
}

/// Whether all of a pod's containers are.
pub(crate) fn is_ready(pod: &Value) -> bool {
    pod["status"]["conditions"].as_array().into_iter().flatten().any(|one| one["type"] == "Ready" && one["status"] == "True")
}

/// What keeps containers from starting.
fn hindrance(store: &Store, key: &Key, pod: &Value, pull: Option<&str>) -> Option<(&'static str, String)> {
    if let Some(message) = pull {
        return Some(("ImagePullBackOff", format!("Back-off pulling image: {message}")));
    }
    let missing = |kind: &'static str, told: &str, name: &Value, optional: &Value| {
        let name = name.as_str()?;
        let lacks = *optional != true && store.find(kind, &key.namespace, name).is_none();
        lacks.then(|| format!("{told} \"{name}\" not found"))
    };
    for volume in pod["spec"]["volumes"].as_array().into_iter().flatten() {
        let found = missing("configmaps", "configmap", &volume["configMap"]["name"], &volume["configMap"]["optional"])
            .or_else(|| missing("secrets", "secret", &volume["secret"]["secretName"], &volume["secret"]["optional"]))
            .or_else(|| {
                missing("persistentvolumeclaims", "persistentvolumeclaim", &volume["persistentVolumeClaim"]["claimName"], &Value::Null)
            });
        if let Some(message) = found {
            return Some(("ContainerCreating", format!("MountVolume.SetUp failed for volume {}: {message}", volume["name"])));
        }
    }
    for container in resources::containers(pod) {
        let sources = container["env"].as_array().into_iter().flatten().map(|variable| &variable["valueFrom"]);
        let keyed = sources
            .flat_map(|source| [("configmaps", "configmap", &source["configMapKeyRef"]), ("secrets", "secret", &source["secretKeyRef"])]);
        let all = container["envFrom"].as_array().into_iter().flatten();
        let all =
            all.flat_map(|source| [("configmaps", "configmap", &source["configMapRef"]), ("secrets", "secret", &source["secretRef"])]);
        for (kind, told, reference) in keyed.chain(all) {
            if let Some(message) = missing(kind, told, &reference["name"], &reference["optional"]) {
                return Some(("CreateContainerConfigError", message));
            }
        }
    }
    None
}

fn wait(store: &mut Store, key: &Key, pod: &Value, reason: &str, message: &str) {
    let names: Vec<Value> = pod["spec"]["containers"].as_array().into_iter().flatten().map(|container| container["name"].clone()).collect();
    let known = pod["status"]["containerStatuses"][0]["state"]["waiting"]["message"] == message;
    store.touch_after(key.clone(), AGAIN);
    if known {
        return;
    }
    let waiting = json!({"waiting": {"reason": reason, "message": message}});
    let statuses: Vec<Value> = names
        .iter()
        .map(
            |name| json!({"name": name, "ready": false, "started": false, "restartCount": 0, "state": waiting, "image": "", "imageID": ""}),
        )
        .collect();
    store.update(key, |pod| pod["status"]["containerStatuses"] = json!(statuses));
    event(store, key, pod, "Warning", "Failed", message);
}

fn start(store: &mut Store, key: &Key, pod: &Value) {
    let stamp = store.clock.stamp();
    let number = store.version();
    let address = format!("10.244.{}.{}", number / 250 % 250, number % 250 + 2);
    let status = |container: &Value, init: bool| {
        let state = if init {
            json!({"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": stamp, "finishedAt": stamp}})
        } else {
            json!({"running": {"startedAt": stamp}})
        };
        json!({
            "name": container["name"], "image": container["image"],
            "imageID": format!("simulated://{}", container["image"].as_str().unwrap_or_default()),
            "containerID": format!("simulated://{}", uuid::Uuid::new_v4().simple()), "ready": init, "started": !init,
            "restartCount": 0, "state": state,
        })
    };
    let all = |list: &str, init: bool| -> Vec<Value> {
        pod["spec"][list].as_array().into_iter().flatten().map(|container| status(container, init)).collect()
    };
    let (containers, inits) = (all("containers", false), all("initContainers", true));
    store.update(key, |pod| {
        let status = &mut pod["status"];
        status["phase"] = json!("Running");
        status["startTime"] = json!(stamp);
        status["hostIP"] = json!("10.0.0.1");
        status["podIP"] = json!(address);
        status["podIPs"] = json!([{"ip": address}]);
        status["containerStatuses"] = json!(containers);
        if !inits.is_empty() {
            status["initContainerStatuses"] = json!(inits);
        }
        let mut conditions = vec![condition("PodScheduled", "True", "", "", &stamp), condition("Initialized", "True", "", "", &stamp)];
        for kind in ["ContainersReady", "Ready"] {
            conditions.push(condition(kind, "False", "ContainersNotReady", "containers with unready status", &stamp));
        }
        status["conditions"] = json!(conditions);
    });
    event(store, key, pod, "Normal", "Started", "Started container");
}

/// Sets readiness of the pod and of its containers, and changes each container's status.
fn set_state(store: &mut Store, key: &Key, ready: bool, change: impl Fn(&mut Value)) {
    let stamp = store.clock.stamp();
    store.update(key, |pod| {
        for status in pod["status"]["containerStatuses"].as_array_mut().into_iter().flatten() {
            status["ready"] = json!(ready);
            change(status);
        }
        for one in pod["status"]["conditions"].as_array_mut().into_iter().flatten() {
            if one["type"] == "Ready" || one["type"] == "ContainersReady" {
                *one = condition(one["type"].as_str().unwrap_or_default(), if ready { "True" } else { "False" }, "", "", &stamp);
            }
        }
    });
}

/// The program of every container ends, and is started again or not.
fn exit(store: &mut Store, key: &Key, pod: &Value, code: i64) {
    let stamp = store.clock.stamp();
    let reason = if code == 0 { "Completed" } else { "Error" };
    let ended = json!({"exitCode": code, "reason": reason, "startedAt": stamp, "finishedAt": stamp});
    let policy = pod["spec"]["restartPolicy"].as_str().unwrap_or("Always");
    if policy == "Never" || policy == "OnFailure" && code == 0 {
        set_state(store, key, false, |status| status["state"] = json!({"terminated": ended}));
        store.update(key, |pod| pod["status"]["phase"] = json!(if code == 0 { "Succeeded" } else { "Failed" }));
        store.usage.free(key);
        return;
    }
    let loops = pod["status"]["containerStatuses"][0]["restartCount"].as_u64().unwrap_or_default();
    if loops < 5 && (loops == 0 || store.has_passed(key, "restart", AGAIN)) {
        set_state(store, key, false, |status| {
            status["restartCount"] = json!(loops + 1);
            status["lastState"] = json!({"terminated": ended});
            status["state"] = json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off restarting failed container"}});
        });
    }
}
