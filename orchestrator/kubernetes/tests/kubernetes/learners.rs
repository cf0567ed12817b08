//! What learners may do with the kubeconfig they find.

use domain::workshops::cluster_needs::KubernetesNeeds;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Pod};
use kube::{
    Api, Client,
    api::{ListParams, PostParams},
};
use orchestrator_kubernetes::desired::{learner_namespace, workbench_namespace};
use serde_json::json;

use crate::{
    driver_contract::{check, succeed},
    stage::{Stage, clustered, connect, connection},
};

fn refused<T>(result: Result<T, kube::Error>) -> bool {
    matches!(result, Err(kube::Error::Api(status)) if status.code == 403)
}

async fn learner() -> (Stage, Client, String, String) {
    let stage = Stage::new();
    let spec = clustered(KubernetesNeeds::default());
    stage.stand(&spec).await.expect("it stands");
    let kubeconfig = succeed(&stage.driver, spec.id, &check("cat .kube/config")).await;
    assert_eq!(connection(&kubeconfig).namespace(), Some(learner_namespace(spec.id).as_str()));
    let client = connect(&kubeconfig);
    (stage, client, learner_namespace(spec.id), workbench_namespace(spec.id))
}

#[tokio::test(flavor = "multi_thread")]
async fn learners_work_in_their_namespace_and_nowhere_else() {
    let (_stage, client, own, workbench) = learner().await;
    let map: ConfigMap = serde_json::from_value(json!({"metadata": {"name": "mine"}, "data": {}})).expect("an object");
    let maps = |namespace: &str| Api::<ConfigMap>::namespaced(client.clone(), namespace);
    maps(&own).create(&PostParams::default(), &map).await.expect("theirs");
    assert!(refused(maps(&workbench).create(&PostParams::default(), &map).await));
    assert!(refused(maps("default").list(&ListParams::default()).await));
    // Not even looking at the pod in which checks run.
    assert!(refused(Api::<Pod>::namespaced(client.clone(), &workbench).get("workbench").await));
    assert!(refused(Api::<Namespace>::all(client).list(&ListParams::default()).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn learners_meet_the_budget_and_the_standard() {
    let (_stage, client, own, _) = learner().await;
    let pods = Api::<Pod>::namespaced(client, &own);
    let pod = |memory: &str, is_privileged: bool| -> Pod {
        let confined = json!({"allowPrivilegeEscalation": is_privileged, "runAsNonRoot": true,
            "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}});
        let container =
            json!({"name": "a", "image": "a", "securityContext": confined, "resources": {"limits": {"memory": memory, "cpu": "100m"}}});
        serde_json::from_value(json!({"metadata": {"generateName": "a-"}, "spec": {"containers": [container]}})).expect("a pod")
    };
    pods.create(&PostParams::default(), &pod("600Mi", false)).await.expect("within the budget");
    assert!(refused(pods.create(&PostParams::default(), &pod("600Mi", false)).await), "1 GiB is all there is");
    assert!(refused(pods.create(&PostParams::default(), &pod("10Mi", true)).await), "restricted");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_ends_with_the_environments_time() {
    let (stage, client, own, _) = learner().await;
    let maps = Api::<ConfigMap>::namespaced(client, &own);
    maps.list(&ListParams::default()).await.expect("while it lives");
    stage.simulator.advance(std::time::Duration::from_hours(3));
    let error = maps.list(&ListParams::default()).await.expect_err("it has expired");
    assert!(matches!(error, kube::Error::Api(status) if status.code == 401));
}
