use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ConfigMap, Event, Pod, Service},
};
use serde_json::{Value, json};

use super::{
    columns::{Shown, sort},
    is_name,
};
use crate::permissions::LEARNER;

fn columns<K: Shown>(object: Value) -> commands::environments::EnvironmentResource {
    serde_json::from_value::<K>(object).expect("an object").columns()
}

/// Whether the learner's own role has these verbs.
fn may(group: &str, resource: &str, verbs: &[&str]) -> bool {
    LEARNER
        .iter()
        .any(|grant| grant.group == group && grant.resources.contains(&resource) && verbs.iter().all(|verb| grant.verbs.contains(verb)))
}

#[test]
fn nothing_is_shown_that_learners_may_not_look_at_themselves() {
    fn shown<K: Shown>() -> bool {
        may(&K::group(&()), &K::plural(&()), &["list", "watch"])
    }
    assert!(shown::<Pod>() && shown::<Service>() && shown::<Deployment>() && shown::<ConfigMap>() && shown::<Event>());
    assert!(may("", "pods/log", &["get"]));
}

#[test]
fn a_pod_tells_how_it_does() {
    let status = json!({ "phase": "Running", "containerStatuses": [
        { "name": "a", "image": "a", "imageID": "a", "ready": true, "restartCount": 2, "state": { "running": {} } },
        { "name": "b", "image": "b", "imageID": "b", "ready": false, "restartCount": 1,
            "state": { "waiting": { "reason": "CrashLoopBackOff", "message": "back-off\n5m" } } },
    ] });
    let metadata = json!({ "name": "web", "namespace": "own", "creationTimestamp": "2026-01-01T12:00:00Z" });
    let spec = json!({ "containers": [{ "name": "a" }, { "name": "b" }] });
    let pod = columns::<Pod>(json!({ "metadata": metadata, "spec": spec, "status": status }));
    assert_eq!((pod.name.as_str(), pod.namespace.as_str(), pod.status.as_deref()), ("web", "own", Some("CrashLoopBackOff")));
    assert_eq!((pod.ready, pod.restarts, pod.message.as_deref()), (Some((1, 2)), Some(3), Some("back-off 5m")));
    assert_eq!(pod.created_at.map(|at| at.timestamp()), Some(1_767_268_800));
    let conditions = json!([{ "type": "PodScheduled", "status": "False", "message": "0/3 nodes are available" }]);
    let pod = columns::<Pod>(json!({ "metadata": {}, "spec": spec, "status": { "phase": "Pending", "conditions": conditions } }));
    assert_eq!((pod.status.as_deref(), pod.message.as_deref()), (Some("Pending"), Some("0/3 nodes are available")));
    let ended = json!({ "terminated": { "exitCode": 3, "reason": "Error" } });
    let container = json!({ "name": "a", "image": "a", "imageID": "a", "ready": false, "restartCount": 0, "state": ended });
    let pod = columns::<Pod>(json!({ "metadata": {}, "spec": spec, "status": { "phase": "Failed", "containerStatuses": [container] } }));
    assert_eq!((pod.status.as_deref(), pod.message.as_deref()), (Some("Error"), Some("exit status 3")));
    let going = json!({ "metadata": { "deletionTimestamp": "2026-01-01T12:00:00Z" }, "status": { "phase": "Running" } });
    assert_eq!(columns::<Pod>(going).status.as_deref(), Some("Terminating"));
}

#[test]
fn other_kinds_have_their_own_columns() {
    let spec = json!({ "clusterIP": "10.0.0.7", "ports": [{ "port": 80 }, { "port": 53, "protocol": "UDP" }] });
    let service = columns::<Service>(json!({ "metadata": { "name": "web" }, "spec": spec }));
    assert_eq!((service.status.as_deref(), service.message.as_deref()), (Some("ClusterIP"), Some("10.0.0.7 80/TCP, 53/UDP")));
    let failing = json!([{ "type": "Available", "status": "True", "message": "fine" },
        { "type": "ReplicaFailure", "status": "True", "message": "exceeded quota" }]);
    let template = json!({ "metadata": {}, "spec": { "containers": [] } });
    let spec = json!({ "replicas": 3, "selector": {}, "template": template });
    let deployment =
        columns::<Deployment>(json!({ "metadata": {}, "spec": spec, "status": { "readyReplicas": 1, "conditions": failing } }));
    assert_eq!((deployment.status.as_deref(), deployment.ready), (Some("Progressing"), Some((1, 3))));
    assert_eq!(deployment.message.as_deref(), Some("exceeded quota"));
    let map = columns::<ConfigMap>(json!({ "metadata": {}, "data": { "key": "a value" } }));
    assert_eq!(map.message.as_deref(), Some("key"), "what is in it is for kubectl");
}

#[test]
fn events_come_latest_first_and_everything_else_by_name() {
    let event = |name: &str, at: &str| {
        let about = json!({ "kind": "Pod", "name": "web" });
        let metadata = json!({ "name": name });
        columns::<Event>(json!({ "metadata": metadata, "involvedObject": about, "type": "Warning", "reason": "BackOff",
            "message": "again", "lastTimestamp": at }))
    };
    let mut events = vec![event("a", "2026-01-01T12:00:00Z"), event("b", "2026-01-01T12:00:01Z")];
    assert_eq!((events[0].about.as_deref(), events[0].message.as_deref()), (Some("Pod/web"), Some("BackOff: again")));
    sort(&mut events);
    assert_eq!(events.iter().map(|event| event.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    let map = |name: &str, at: &str| columns::<ConfigMap>(json!({ "metadata": { "name": name, "creationTimestamp": at } }));
    let mut maps = vec![map("b", "2026-01-01T12:00:01Z"), map("a", "2026-01-01T12:00:00Z")];
    sort(&mut maps);
    assert_eq!(maps.iter().map(|map| map.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn a_name_leads_to_no_other_path() {
    assert!(["web", "web-1.b", "7"].into_iter().all(is_name));
    let long = "a".repeat(254);
    assert!(["", ".", "..", "../web", "web/log", "Web", "web%2f", "-web", "web?x", &long].into_iter().all(|text| !is_name(text)));
}
