//! Namespaces: how they begin and how they end.

use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod, ServiceAccount};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use serde_json::json;

use crate::bench::{client, eventually, namespace, object, pod, refusal, simulator};

#[tokio::test]
async fn pods_are_refused_until_the_service_account_is_there() {
    let simulator = simulator();
    simulator.behave(|behaviour| behaviour.service_account = Duration::from_hours(1));
    let client = client(&simulator).await;
    let made = namespace(&client, "one").await;
    assert_eq!(made.labels()["kubernetes.io/metadata.name"], "one");
    let pods: Api<Pod> = Api::namespaced(client.clone(), "one");
    let refused = refusal(pods.create(&PostParams::default(), &pod("p")).await);
    assert_eq!(refused.code, 403);
    assert!(refused.message.contains("serviceaccount \"default\" not found"), "{}", refused.message);
    simulator.advance(Duration::from_hours(2));
    let accounts: Api<ServiceAccount> = Api::namespaced(client, "one");
    accounts.get("default").await.expect("an account");
    pods.create(&PostParams::default(), &pod("p")).await.expect("a pod");
}

#[tokio::test]
async fn a_deleted_namespace_goes_with_its_contents_after_its_delay() {
    let simulator = simulator();
    simulator.behave(|behaviour| {
        behaviour.namespace = Duration::from_mins(5);
        behaviour.namespace_with_pods = Duration::from_mins(10);
    });
    let client = client(&simulator).await;
    for name in ["empty", "full"] {
        namespace(&client, name).await;
    }
    let pods: Api<Pod> = Api::namespaced(client.clone(), "full");
    pods.create(&PostParams::default(), &pod("p")).await.expect("a pod");
    let namespaces: Api<Namespace> = Api::all(client.clone());
    for name in ["empty", "full"] {
        let ending = namespaces.delete(name, &DeleteParams::default()).await.expect("deleted").left().expect("an object");
        assert_eq!(ending.status.expect("a status").phase.as_deref(), Some("Terminating"));
    }
    let maps: Api<ConfigMap> = Api::namespaced(client.clone(), "full");
    let refused = refusal(maps.create(&PostParams::default(), &object(json!({"metadata": {"name": "late"}}))).await);
    assert_eq!(refused.code, 403);
    assert_eq!(refused.details.clone().expect("details").causes[0].reason, "NamespaceTerminating");
    simulator.advance(Duration::from_mins(6));
    assert_eq!(refusal(namespaces.get("empty").await).code, 404);
    namespaces.get("full").await.expect("still there");
    simulator.advance(Duration::from_mins(6));
    assert_eq!(refusal(namespaces.get("full").await).code, 404);
    assert!(simulator.objects("configmaps").iter().all(|map| map["metadata"]["namespace"] != "full"));
}

#[tokio::test]
async fn without_delay_it_is_gone_with_the_answer() {
    let simulator = simulator();
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let namespaces: Api<Namespace> = Api::all(client);
    namespaces.delete("one", &DeleteParams::default()).await.expect("deleted");
    assert_eq!(refusal(namespaces.get("one").await).code, 404);
}

#[tokio::test]
async fn a_finalizer_that_hangs_is_told_by_the_conditions() {
    let simulator = simulator();
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let maps: Api<ConfigMap> = Api::namespaced(client.clone(), "one");
    maps.create(&PostParams::default(), &object(json!({"metadata": {"name": "held", "finalizers": ["example.com/hold"]}})))
        .await
        .expect("a map");
    let namespaces: Api<Namespace> = Api::all(client);
    namespaces.delete("one", &DeleteParams::default()).await.expect("deleted");
    let told = namespaces.get("one").await.expect("still there").status.expect("a status").conditions.expect("conditions");
    let condition = |kind: &str| told.iter().find(|condition| condition.type_ == kind).expect("a condition");
    let held = condition("NamespaceFinalizersRemaining");
    assert_eq!((held.status.as_str(), held.reason.as_deref()), ("True", Some("SomeFinalizersRemain")));
    assert!(held.message.as_deref().is_some_and(|message| message.contains("example.com/hold")));
    assert_eq!(condition("NamespaceContentRemaining").status, "True");
    let released = Patch::Merge(json!({"metadata": {"finalizers": null}}));
    maps.patch("held", &PatchParams::default(), &released).await.expect("released");
    eventually("the namespace is gone", async || namespaces.get_opt("one").await.expect("an answer").is_none()).await;
}
