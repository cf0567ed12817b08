//! Namespaces that are somebody else's, that are not there yet, or that do not go.

use std::time::Duration;

use domain::workshops::cluster_needs::KubernetesNeeds;
use orchestrator::driver::Observed;
use orchestrator_kubernetes::desired::{learner_namespace, workbench_namespace};
use serde_json::json;
use test_cluster_simulator::Behaviour;

use crate::{
    driver_contract::spec,
    stage::{Stage, clustered, terminal, transient},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_that_is_somebody_elses_is_neither_used_nor_removed() {
    let stage = Stage::new();
    let spec = spec();
    let name = workbench_namespace(spec.id);
    stage.simulator.put(
        "namespaces",
        "",
        &name,
        json!({"metadata": {"labels": {"team": "others"}}, "spec": {}, "status": {"phase": "Active"}}),
    );
    let told = terminal(stage.driver.apply("namespace", &spec).await);
    assert!(told.contains(&name) && told.contains("somebody else"), "{told}");
    assert_eq!(stage.driver.observe(spec.id).await.expect("seen"), Observed::Absent);
    stage.fall(&spec).await.expect("nothing to undo");
    assert!(stage.simulator.object("namespaces", "", &name).is_some());
    assert_eq!(stage.driver.list().await.expect("listed"), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_installations_environment_is_not_ours() {
    let stage = Stage::new();
    let spec = spec();
    stage.driver.apply("namespace", &spec).await.expect("a namespace");
    let renamed = stage.simulator.change("namespaces", "", &workbench_namespace(spec.id), |namespace| {
        namespace["metadata"]["labels"]["nalabo.dev/instance"] = json!("another");
    });
    assert!(renamed);
    assert_eq!(stage.driver.list().await.expect("listed"), []);
    terminal(stage.driver.apply("namespace", &spec).await);
    stage.fall(&spec).await.expect("nothing to undo");
    assert!(stage.simulator.object("namespaces", "", &workbench_namespace(spec.id)).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_that_does_not_go_is_told_with_its_own_reason() {
    let stage = Stage::impatient();
    let spec = clustered(KubernetesNeeds::default());
    stage.driver.apply("namespace", &spec).await.expect("namespaces");
    let map = json!({"metadata": {"finalizers": ["example.com/hook"]}});
    stage.simulator.put("configmaps", &learner_namespace(spec.id), "held", map);
    let told = transient(stage.driver.revert("namespace", spec.id).await);
    assert!(told.contains("NamespaceFinalizersRemaining") && told.contains("example.com/hook"), "{told}");
    assert_eq!(stage.driver.observe(spec.id).await.expect("seen"), Observed::Partial);
    stage.simulator.remove("configmaps", &learner_namespace(spec.id), "held");
    stage.fall(&spec).await.expect("it goes now");
    assert_eq!(stage.driver.observe(spec.id).await.expect("seen"), Observed::Absent);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_its_time_on_a_real_server_is_waited_for() {
    let stage = Stage::new();
    // A tenth of what was measured, so that the test is short and the order of things is the same.
    stage.simulator.behave(|behaviour| {
        let tenth = |time: Duration| time / 10;
        let measured = Behaviour::measured();
        behaviour.service_account = tenth(measured.service_account);
        behaviour.quota = measured.quota;
        behaviour.namespace = tenth(measured.namespace);
        behaviour.namespace_with_pods = tenth(measured.namespace_with_pods);
        behaviour.pod_start = tenth(measured.pod_start);
        behaviour.pod_ready = tenth(measured.pod_ready);
        behaviour.pod_end = tenth(measured.pod_end);
    });
    let spec = clustered(KubernetesNeeds::default());
    for _ in 0..2 {
        stage.stand(&spec).await.expect("it stands");
        assert_eq!(stage.driver.observe(spec.id).await.expect("seen"), Observed::Running);
        stage.fall(&spec).await.expect("it falls");
        assert_eq!(stage.driver.observe(spec.id).await.expect("seen"), Observed::Absent);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_that_never_comes_into_force_is_waited_for_no_longer_than_that() {
    let stage = Stage::impatient();
    stage.simulator.behave(|behaviour| behaviour.quota = Duration::from_hours(1));
    let spec = spec();
    stage.driver.apply("namespace", &spec).await.expect("a namespace");
    let told = transient(stage.driver.apply("limits", &spec).await);
    assert!(told.contains("not in force"), "{told}");
}
