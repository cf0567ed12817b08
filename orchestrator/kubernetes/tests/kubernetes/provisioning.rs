//! What stands after provisioning, and pods that do not come up.

use domain::{
    kernel::Mebibytes,
    workshops::cluster_needs::{Amounts, Budget, KubernetesNeeds, PodSecurity},
};
use orchestrator::driver::Observed;
use orchestrator_kubernetes::desired::{learner_namespace, workbench_namespace};
use serde_json::{Value, json};
use test_cluster_simulator::Options;

use crate::{
    driver_contract::spec,
    stage::{Stage, clustered, terminal, transient, vcluster},
};

#[tokio::test(flavor = "multi_thread")]
async fn everything_of_an_environment_goes_with_it() {
    let stage = Stage::new();
    let before = stage.simulator.counts();
    let (one, other) = (clustered(KubernetesNeeds::default()), clustered(vcluster()));
    stage.stand(&one).await.expect("a namespace");
    stage.stand(&other).await.expect("a vCluster");
    assert_eq!(stage.driver.observe(other.id).await.expect("seen"), Observed::Running);
    let mut listed = stage.driver.list().await.expect("listed");
    listed.sort();
    assert_eq!(listed, [one.id, other.id]);
    stage.fall(&one).await.expect("it falls");
    stage.fall(&other).await.expect("it falls");
    let (left, before) = [stage.simulator.counts(), before]
        .map(|mut counts| {
            counts.remove("events");
            counts.retain(|_, count| *count > 0);
            counts
        })
        .into();
    assert_eq!(left, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_that_changes_is_applied_and_what_is_no_longer_wanted_is_dropped() {
    let stage = Stage::new();
    let mut spec = clustered(KubernetesNeeds { budget: Budget::Large, egress: vec!["0.0.0.0/0".to_owned()], ..KubernetesNeeds::default() });
    for step in &stage.driver.steps()[..3] {
        stage.driver.apply(step, &spec).await.expect("the step is done");
    }
    let hard = |stage: &Stage| {
        stage.simulator.object("resourcequotas", &learner_namespace(spec.id), "nalabo").expect("a quota")["spec"]["hard"].clone()
    };
    assert_eq!(hard(&stage)["limits.memory"], "4096Mi");
    let amounts = Amounts { millicpu: 200, memory: Mebibytes(256), storage: Mebibytes(0), pods: 2 };
    let id = spec.id;
    spec.needs.kubernetes = Some(KubernetesNeeds { budget: Budget::Custom(amounts), ..KubernetesNeeds::default() });
    stage.driver.apply("limits", &spec).await.expect("limits");
    let hard = stage.simulator.object("resourcequotas", &learner_namespace(id), "nalabo").expect("a quota")["spec"]["hard"].clone();
    assert_eq!((&hard["limits.memory"], &hard["pods"]), (&json!("256Mi"), &json!("2")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_namespaces_hold_to_the_standard_that_was_asked_for() {
    let stage = Stage::new();
    let restricted = clustered(KubernetesNeeds::default());
    let baseline = clustered(KubernetesNeeds { security: PodSecurity::Baseline, ..KubernetesNeeds::default() });
    for (spec, standard) in [(&restricted, "restricted"), (&baseline, "baseline")] {
        stage.driver.apply("namespace", spec).await.expect("namespaces");
        let of = |name: &str| {
            stage.simulator.object("namespaces", "", name).expect("a namespace")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
                .clone()
        };
        assert_eq!(of(&workbench_namespace(spec.id)), "restricted");
        assert_eq!(of(&learner_namespace(spec.id)), standard);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workshops_objects_are_made_in_the_learners_namespace() {
    let stage = Stage::new();
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "welcome"}, "data": {"in": "$(session_namespace)"}});
    let spec = clustered(KubernetesNeeds { objects: vec![map], ..KubernetesNeeds::default() });
    stage.stand(&spec).await.expect("it stands");
    let made = stage.simulator.object("configmaps", &learner_namespace(spec.id), "welcome").expect("the object");
    assert_eq!(made["data"]["in"], learner_namespace(spec.id));
    let forbidden = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "$(secret_of_others)"}});
    let spec = clustered(KubernetesNeeds { objects: vec![forbidden], ..KubernetesNeeds::default() });
    let told = terminal(stage.stand(&spec).await);
    assert!(told.contains("environment.kubernetes.objects[0].data.x") && told.contains("secret_of_others"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_does_not_come_up_says_why() {
    let stage = Stage::with(&Options { nodes: vec![], ..Options::default() }, std::time::Duration::from_millis(300));
    let told = transient(stage.stand(&spec()).await);
    assert!(told.contains("fits nowhere"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_ended_is_made_anew() {
    let stage = Stage::new();
    let spec = spec();
    stage.stand(&spec).await.expect("it stands");
    let namespace = workbench_namespace(spec.id);
    let uid = |stage: &Stage| stage.simulator.object("pods", &namespace, "workbench").expect("a pod")["metadata"]["uid"].clone();
    let before = uid(&stage);
    stage.simulator.change("pods", &namespace, "workbench", |pod| {
        pod["status"]["phase"] = json!("Failed");
        pod["status"]["conditions"] = Value::Array(vec![]);
    });
    assert_eq!(stage.driver.observe(spec.id).await.expect("seen"), Observed::Partial);
    stage.driver.apply("workbench", &spec).await.expect("a pod");
    assert_ne!(uid(&stage), before);
}
