//! Pods and what makes them.

use std::time::Duration;

use k8s_openapi::api::{
    apps::v1::{Deployment, StatefulSet},
    core::v1::{ConfigMap, PersistentVolumeClaim, Pod},
};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};
use test_cluster_simulator::{EXIT_ANNOTATION, Node, Options, PULL_ERROR_ANNOTATION, Simulator};

use crate::bench::{client, eventually, namespace, object, pod, simulator};

fn phase(pod: &Pod) -> String {
    pod.status.as_ref().and_then(|status| status.phase.clone()).unwrap_or_default()
}

fn condition<'a>(pod: &'a Pod, kind: &str) -> Option<(&'a str, Option<&'a str>)> {
    let all = pod.status.as_ref()?.conditions.as_ref()?;
    all.iter().find(|one| one.type_ == kind).map(|one| (one.status.as_str(), one.reason.as_deref()))
}

#[tokio::test]
async fn a_pod_runs_and_is_ready_each_after_its_delay() {
    let simulator = simulator();
    simulator.behave(|behaviour| {
        behaviour.pod_start = Duration::from_mins(10);
        behaviour.pod_ready = Duration::from_mins(10);
        behaviour.pod_end = Duration::from_mins(10);
    });
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let pods: Api<Pod> = Api::namespaced(client, "one");
    pods.create(&PostParams::default(), &pod("a")).await.expect("a pod");
    let scheduled = pods.get("a").await.expect("a pod");
    assert_eq!((phase(&scheduled).as_str(), condition(&scheduled, "PodScheduled")), ("Pending", Some(("True", None))));
    simulator.advance(Duration::from_mins(11));
    let running = pods.get("a").await.expect("a pod");
    assert_eq!((phase(&running).as_str(), condition(&running, "Ready").map(|(status, _)| status)), ("Running", Some("False")));
    simulator.advance(Duration::from_mins(11));
    assert_eq!(condition(&pods.get("a").await.expect("a pod"), "Ready"), Some(("True", None)));
    // Grace is 30 seconds, so that is all it takes.
    let ending = pods.delete("a", &DeleteParams::default()).await.expect("deleted").left().expect("a pod");
    assert_eq!(ending.metadata.deletion_grace_period_seconds, Some(30));
    simulator.advance(Duration::from_secs(31));
    assert!(pods.get_opt("a").await.expect("an answer").is_none());
    pods.create(&PostParams::default(), &pod("b")).await.expect("a pod");
    pods.delete("b", &DeleteParams::default().grace_period(0)).await.expect("deleted");
    assert!(pods.get_opt("b").await.expect("an answer").is_none());
}

#[tokio::test]
async fn a_pod_that_fits_nowhere_waits_for_room() {
    let small = Options { nodes: vec![Node::new("small", "1", "1Gi", 10)], ..Options::default() };
    let simulator = Simulator::start(&small).expect("a simulator");
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let pods: Api<Pod> = Api::namespaced(client, "one");
    let sized = |name: &str| {
        let container = json!({"name": "main", "image": "x:1", "resources": {"requests": {"cpu": "600m"}}});
        object::<Pod>(json!({"metadata": {"name": name}, "spec": {"containers": [container]}}))
    };
    for name in ["a", "b"] {
        pods.create(&PostParams::default(), &sized(name)).await.expect("a pod");
    }
    let waiting = pods.get("b").await.expect("a pod");
    assert_eq!((phase(&waiting).as_str(), condition(&waiting, "PodScheduled")), ("Pending", Some(("False", Some("Unschedulable")))));
    pods.delete("a", &DeleteParams::default()).await.expect("deleted");
    assert_eq!(phase(&pods.get("b").await.expect("a pod")), "Running");
    pods.create(&PostParams::default(), &sized("c")).await.expect("a pod");
    assert_eq!(phase(&pods.get("c").await.expect("a pod")), "Pending");
    simulator.add_node(&Node::new("another", "1", "1Gi", 10));
    assert_eq!(phase(&pods.get("c").await.expect("a pod")), "Running");
}

#[tokio::test]
async fn what_goes_wrong_with_containers_is_told() {
    let simulator = simulator();
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let pods: Api<Pod> = Api::namespaced(client.clone(), "one");
    let annotated = |name: &str, annotation: &str, value: &str, policy: &str| {
        let mut new = pod(name);
        new.annotations_mut().insert(annotation.to_owned(), value.to_owned());
        new.spec.as_mut().expect("a spec").restart_policy = Some(policy.to_owned());
        new
    };
    let waits = |pod: &Pod| pod.status.as_ref()?.container_statuses.as_ref()?[0].state.as_ref()?.waiting.as_ref()?.reason.clone();
    for (name, code, ends) in [("good", "0", "Succeeded"), ("bad", "3", "Failed")] {
        pods.create(&PostParams::default(), &annotated(name, EXIT_ANNOTATION, code, "Never")).await.expect("a pod");
        assert_eq!(phase(&pods.get(name).await.expect("a pod")), ends);
    }
    pods.create(&PostParams::default(), &annotated("loop", EXIT_ANNOTATION, "1", "Always")).await.expect("a pod");
    assert_eq!(waits(&pods.get("loop").await.expect("a pod")).as_deref(), Some("CrashLoopBackOff"));
    pods.create(&PostParams::default(), &annotated("image", PULL_ERROR_ANNOTATION, "denied", "Always")).await.expect("a pod");
    assert_eq!(waits(&pods.get("image").await.expect("a pod")).as_deref(), Some("ImagePullBackOff"));
    let container = json!({"name": "main", "image": "x:1", "envFrom": [{"configMapRef": {"name": "settings"}}]});
    let lacking: Pod = object(json!({"metadata": {"name": "lacking"}, "spec": {"containers": [container]}}));
    pods.create(&PostParams::default(), &lacking).await.expect("a pod");
    assert_eq!(waits(&pods.get("lacking").await.expect("a pod")).as_deref(), Some("CreateContainerConfigError"));
    let maps: Api<ConfigMap> = Api::namespaced(client, "one");
    maps.create(&PostParams::default(), &object(json!({"metadata": {"name": "settings"}}))).await.expect("a map");
    eventually("the pod runs", async || phase(&pods.get("lacking").await.expect("a pod")) == "Running").await;
}

fn workload(name: &str, more: &Value) -> Value {
    let template = json!({"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "main", "image": "x:1"}]}});
    let mut object = json!({
        "metadata": {"name": name},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": name}}, "serviceName": name, "template": template},
    });
    for (field, value) in more.as_object().into_iter().flatten() {
        object["spec"][field] = value.clone();
    }
    object
}

#[tokio::test]
async fn a_deployment_has_its_pods_replaces_and_scales_them() {
    let simulator = simulator();
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), "one");
    let pods: Api<Pod> = Api::namespaced(client, "one");
    let mut new = workload("web", &json!({}));
    new["spec"].as_object_mut().expect("a spec").remove("serviceName");
    deployments.create(&PostParams::default(), &object(new)).await.expect("a deployment");
    let status = deployments.get("web").await.expect("a deployment").status.expect("a status");
    assert_eq!((status.replicas, status.ready_replicas), (Some(3), Some(3)));
    let listed = async || pods.list(&ListParams::default().labels("app=web")).await.expect("a list").items;
    let first = listed().await[0].name_any();
    pods.delete(&first, &DeleteParams::default()).await.expect("deleted");
    assert_eq!(listed().await.len(), 3);
    let scaled = Patch::Merge(json!({"spec": {"replicas": 1}}));
    deployments.patch("web", &PatchParams::default(), &scaled).await.expect("scaled");
    assert_eq!(listed().await.len(), 1);
    let image = Patch::Strategic(json!({"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "x:2"}]}}}}));
    deployments.patch("web", &PatchParams::default(), &image).await.expect("changed");
    let images: Vec<_> = listed().await.iter().map(|pod| pod.spec.as_ref().expect("a spec").containers[0].image.clone()).collect();
    assert_eq!(images, [Some("x:2".to_owned())]);
    deployments.delete("web", &DeleteParams::foreground()).await.expect("deleted");
    assert!(listed().await.is_empty());
    assert!(deployments.get_opt("web").await.expect("an answer").is_none());
}

#[tokio::test]
async fn a_stateful_set_numbers_its_pods_and_keeps_their_claims() {
    let simulator = simulator();
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let sets: Api<StatefulSet> = Api::namespaced(client.clone(), "one");
    let claim =
        json!({"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
    sets.create(&PostParams::default(), &object(workload("db", &json!({"volumeClaimTemplates": [claim]})))).await.expect("a set");
    let pods: Api<Pod> = Api::namespaced(client.clone(), "one");
    let names: Vec<_> = pods.list(&ListParams::default()).await.expect("a list").iter().map(ResourceExt::name_any).collect();
    assert_eq!(names, ["db-0", "db-1", "db-2"]);
    assert_eq!(sets.get("db").await.expect("a set").status.expect("a status").ready_replicas, Some(3));
    sets.delete("db", &DeleteParams::default()).await.expect("deleted");
    assert!(pods.list(&ListParams::default()).await.expect("a list").items.is_empty());
    let claims: Api<PersistentVolumeClaim> = Api::namespaced(client, "one");
    let left = claims.list(&ListParams::default()).await.expect("a list");
    assert!(left.iter().all(|claim| claim.status.as_ref().is_some_and(|status| status.phase.as_deref() == Some("Bound"))));
    assert_eq!(left.items.len(), 3);
}
