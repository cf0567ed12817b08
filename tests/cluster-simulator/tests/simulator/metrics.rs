//! What is measured, and what the cluster says of itself.

use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api,
    api::{ApiResource, DynamicObject, GroupVersionKind, ListParams, PostParams},
};
use serde_json::json;

use crate::bench::{client, namespace, object, refusal, simulator};

#[tokio::test]
async fn nodes_and_pods_use_a_share_of_what_is_requested() {
    let simulator = simulator();
    simulator.behave(|behaviour| behaviour.used_percent = 50);
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let container = json!({"name": "main", "image": "x:1", "resources": {"requests": {"cpu": "1", "memory": "1Gi"}}});
    let pod: Pod = object(
        json!({"metadata": {"name": "a"}, "spec": {"containers": [container], "nodeSelector": {"kubernetes.io/hostname": "node-2"}}}),
    );
    Api::namespaced(client.clone(), "one").create(&PostParams::default(), &pod).await.expect("a pod");
    let of =
        |kind: &str, plural: &str| ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk("metrics.k8s.io", "v1beta1", kind), plural);
    let nodes: Api<DynamicObject> = Api::all_with(client.clone(), &of("NodeMetrics", "nodes"));
    let all = nodes.list(&ListParams::default()).await.expect("metrics");
    let used: Vec<_> = all.iter().map(|node| node.data["usage"]["memory"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(used, ["0", "512Mi", "0"]);
    let pods: Api<DynamicObject> = Api::namespaced_with(client.clone(), "one", &of("PodMetrics", "pods"));
    let measured = pods.get("a").await.expect("metrics");
    assert_eq!(measured.data["containers"][0]["usage"], json!({"cpu": "500m", "memory": "512Mi"}));
    assert!(client.list_api_groups().await.expect("groups").groups.iter().any(|group| group.name == "metrics.k8s.io"));
    simulator.behave(|behaviour| behaviour.metrics = false);
    assert_eq!(refusal(nodes.list(&ListParams::default()).await).code, 404);
    assert!(!client.list_api_groups().await.expect("groups").groups.iter().any(|group| group.name == "metrics.k8s.io"));
}

#[tokio::test]
async fn discovery_finds_what_there_is() {
    let simulator = simulator();
    let client = client(&simulator).await;
    let version = client.apiserver_version().await.expect("a version");
    assert_eq!((version.major.as_str(), version.minor.as_str()), ("1", "36"));
    let discovered = kube::Discovery::new(client).run().await.expect("discovery");
    let (resource, capabilities) = discovered.resolve_gvk(&GroupVersionKind::gvk("apps", "v1", "Deployment")).expect("deployments");
    assert_eq!(resource.plural, "deployments");
    assert!(capabilities.supports_operation("watch"));
}
