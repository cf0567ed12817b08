//! What is refused, and what is filled in.

use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, LimitRange, Pod, ResourceQuota};
use kube::{
    Api, Client,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};

use crate::bench::{client, namespace, object, pod, refusal, simulator};

async fn quota(client: &Client, hard: Value) {
    let quota: ResourceQuota = object(json!({"metadata": {"name": "budget"}, "spec": {"hard": hard}}));
    Api::namespaced(client.clone(), "one").create(&PostParams::default(), &quota).await.expect("a quota");
}

async fn limits(client: &Client, limits: Value) {
    let range: LimitRange = object(json!({"metadata": {"name": "range"}, "spec": {"limits": [limits]}}));
    Api::namespaced(client.clone(), "one").create(&PostParams::default(), &range).await.expect("limits");
}

fn sized(name: &str, resources: &Value) -> Pod {
    object(json!({"metadata": {"name": name}, "spec": {"containers": [{"name": "main", "image": "x:1", "resources": resources}]}}))
}

#[tokio::test]
async fn a_quota_is_kept_and_tells_what_is_used() {
    let simulator = simulator();
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    quota(&client, json!({"pods": "2", "limits.memory": "1Gi", "configmaps": "2"})).await;
    let pods: Api<Pod> = Api::namespaced(client.clone(), "one");
    let half = json!({"limits": {"memory": "512Mi"}});
    for name in ["a", "b"] {
        pods.create(&PostParams::default(), &sized(name, &half)).await.expect("a pod");
    }
    let refused = refusal(pods.create(&PostParams::default(), &sized("c", &half)).await);
    assert_eq!((refused.code, refused.reason.as_str()), (403, "Forbidden"));
    let expected =
        "exceeded quota: budget, requested: limits.memory=512Mi,pods=1, used: limits.memory=1Gi,pods=2, limited: limits.memory=1Gi,pods=2";
    assert!(refused.message.contains(expected), "{}", refused.message);
    let used = simulator.object("resourcequotas", "one", "budget").expect("a quota")["status"]["used"].clone();
    // The cluster's own certificate counts.
    assert_eq!(used, json!({"pods": "2", "limits.memory": "1Gi", "configmaps": "1"}));
    pods.delete("a", &DeleteParams::default()).await.expect("deleted");
    pods.create(&PostParams::default(), &sized("c", &half)).await.expect("there is room again");
    let maps: Api<ConfigMap> = Api::namespaced(client, "one");
    maps.create(&PostParams::default(), &object(json!({"metadata": {"name": "a"}}))).await.expect("a map");
    assert_eq!(refusal(maps.create(&PostParams::default(), &object(json!({"metadata": {"name": "b"}}))).await).code, 403);
}

#[tokio::test]
async fn a_quota_wants_limits_to_be_stated_and_its_own_status_to_be_there() {
    let simulator = simulator();
    simulator.behave(|behaviour| behaviour.quota = Duration::from_hours(1));
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    quota(&client, json!({"limits.cpu": "1"})).await;
    let pods: Api<Pod> = Api::namespaced(client.clone(), "one");
    let refused = refusal(pods.create(&PostParams::default(), &pod("a")).await);
    assert!(refused.message.contains("failed quota: budget: must specify limits.cpu for: main"), "{}", refused.message);
    let stated = sized("a", &json!({"limits": {"cpu": "500m"}}));
    let refused = refusal(pods.create(&PostParams::default(), &stated).await);
    assert!(refused.message.contains("status unknown for quota: budget, resources: limits.cpu"), "{}", refused.message);
    simulator.advance(Duration::from_hours(2));
    pods.create(&PostParams::default(), &stated).await.expect("a pod");
    // Defaults of the limits come before the quota looks.
    limits(&client, json!({"type": "Container", "default": {"cpu": "250m"}, "max": {"cpu": "400m"}})).await;
    let filled = pods.create(&PostParams::default(), &pod("b")).await.expect("a pod");
    let resources = filled.spec.expect("a spec").containers[0].resources.clone().expect("resources");
    assert_eq!(resources.limits.expect("limits")["cpu"].0, "250m");
    assert_eq!(resources.requests.expect("requests")["cpu"].0, "250m");
    let refused = refusal(pods.create(&PostParams::default(), &stated_as("c", "450m")).await);
    assert!(refused.message.contains("maximum cpu usage per Container is 400m, but limit is 450m"), "{}", refused.message);
}

fn stated_as(name: &str, cpu: &str) -> Pod {
    sized(name, &json!({"limits": {"cpu": cpu}}))
}

#[tokio::test]
async fn pod_security_is_that_of_the_namespace() {
    let simulator = simulator();
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let namespaces: Api<k8s_openapi::api::core::v1::Namespace> = Api::all(client.clone());
    let level = |level: &str| Patch::Merge(json!({"metadata": {"labels": {"pod-security.kubernetes.io/enforce": level}}}));
    assert_eq!(refusal(namespaces.patch("one", &PatchParams::default(), &level("loose")).await).code, 422);
    let pods: Api<Pod> = Api::namespaced(client.clone(), "one");
    let privileged = |name: &str| {
        let container = json!({"name": "main", "image": "x:1", "securityContext": {"privileged": true}});
        object::<Pod>(json!({"metadata": {"name": name}, "spec": {"containers": [container]}}))
    };
    pods.create(&PostParams::default(), &privileged("free")).await.expect("no level yet");
    namespaces.patch("one", &PatchParams::default(), &level("baseline")).await.expect("labelled");
    let refused = refusal(pods.create(&PostParams::default(), &privileged("p")).await);
    let expected = "violates PodSecurity \"baseline:latest\": privileged (container \"main\" must not set securityContext.privileged=true)";
    assert!(refused.message.contains(expected), "{}", refused.message);
    pods.create(&PostParams::default(), &pod("plain")).await.expect("baseline");
    namespaces.patch("one", &PatchParams::default(), &level("restricted")).await.expect("labelled");
    let refused = refusal(pods.create(&PostParams::default(), &pod("q")).await);
    for violation in ["allowPrivilegeEscalation != false", "unrestricted capabilities", "runAsNonRoot != true", "seccompProfile"] {
        assert!(refused.message.contains(violation), "{}", refused.message);
    }
    let container =
        json!({"name": "main", "image": "x:1", "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}});
    let context = json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}});
    let fit = object::<Pod>(json!({"metadata": {"name": "fit"}, "spec": {"containers": [container], "securityContext": context}}));
    pods.create(&PostParams::default(), &fit).await.expect("restricted");
}
