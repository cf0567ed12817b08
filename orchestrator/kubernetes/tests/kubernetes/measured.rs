//! What environments use.

use domain::workshops::cluster_needs::KubernetesNeeds;
use orchestrator_kubernetes::measured::measured;
use serde_json::json;

use crate::stage::{Stage, clustered, connect};

#[tokio::test(flavor = "multi_thread")]
async fn what_an_environment_uses_is_summed_up_over_its_pods() {
    let stage = Stage::new();
    let client = connect(&stage.simulator.kubeconfig());
    assert_eq!(measured(&client).await.expect("asked"), Some(vec![]));
    let spec = clustered(KubernetesNeeds::default());
    stage.stand(&spec).await.expect("it stands");
    // Somebody else's, in a namespace that is not ours.
    let containers = json!([{ "name": "one", "resources": { "requests": { "cpu": "1", "memory": "1Gi" } } }]);
    stage.simulator.put("pods", "default", "other", json!({ "spec": { "containers": containers }, "status": { "phase": "Running" } }));
    let all = measured(&client).await.expect("asked").expect("measured");
    let [one] = &*all else { panic!("one environment: {all:?}") };
    assert_eq!(one.environment, spec.id);
    assert!(one.cpu.0 > 0 && one.memory.0 > 0, "{one:?}");
    stage.fall(&spec).await.expect("it falls");
    assert_eq!(measured(&client).await.expect("asked"), Some(vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_measures_nothing_says_so() {
    let stage = Stage::new();
    stage.simulator.behave(|behaviour| behaviour.metrics = false);
    assert_eq!(measured(&connect(&stage.simulator.kubeconfig())).await.expect("asked"), None);
}
