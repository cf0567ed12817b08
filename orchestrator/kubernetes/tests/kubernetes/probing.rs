//! Testing clusters, and the rights that are enough.

use std::time::Duration;

use commands::environments::ResourceKind;
use domain::workshops::cluster_needs::{Isolation, KubernetesNeeds};
use orchestrator_kubernetes::{
    permissions::cluster_role,
    probe::{Outcome, Report, probe},
};
use serde_json::{Value, json};
use test_cluster_simulator::{Effect, Fault, Options, Simulator};

use crate::stage::{Stage, clustered, connect, vcluster};

const USER: &str = "system:serviceaccount:nalabo:nalabo";

/// The rules of the manifest, which has one form only.
fn rules(manifest: &str) -> Value {
    let mut rules = Vec::new();
    let mut rule = serde_json::Map::new();
    for line in manifest.lines() {
        let Some((name, list)) = line.trim_start_matches("  - ").trim().split_once(": [") else { continue };
        let words: Vec<_> = list.trim_end_matches(']').split(", ").map(|word| word.trim_matches('"')).collect();
        rule.insert(name.to_owned(), json!(words));
        if name == "verbs" {
            rules.push(Value::Object(std::mem::take(&mut rule)));
        }
    }
    assert!(rules.len() > 5, "{manifest}");
    Value::Array(rules)
}

/// A cluster to which the manifest was applied, and a kubeconfig of its account.
fn connected(manifest: &str) -> (Simulator, String) {
    let simulator = Simulator::start(&Options::default()).expect("a simulator");
    simulator.put("clusterroles", "", "nalabo", json!({"rules": rules(manifest)}));
    let subject = json!({"kind": "ServiceAccount", "namespace": "nalabo", "name": "nalabo"});
    let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "nalabo"});
    simulator.put("clusterrolebindings", "", "nalabo", json!({"subjects": [subject], "roleRef": role}));
    let kubeconfig = simulator.kubeconfig_for(&simulator.token_for(USER, &["system:serviceaccounts", "system:authenticated"]));
    (simulator, kubeconfig)
}

fn outcome(report: &Report, name: &str) -> (Outcome, String) {
    let point = report.points.iter().find(|point| point.name == name).unwrap_or_else(|| panic!("no {name} in {report:?}"));
    (point.outcome, point.detail.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connected_cluster_is_usable() {
    let (simulator, kubeconfig) = connected(&cluster_role());
    let report = probe(&connect(&kubeconfig)).await;
    assert!(report.is_usable(), "{}", report.failures());
    let capacity = report.capacity.expect("capacity");
    assert_eq!((capacity.nodes, capacity.open_nodes, capacity.allocatable.millicpu), (3, 3, 96_000));
    assert!(capacity.used.is_some() && report.version.is_some());
    assert_eq!(outcome(&report, "network-policy").0, Outcome::Warned);
    let set = json!({"spec": {"selector": {}, "template": {"spec": {"containers": []}}}});
    simulator.put("daemonsets", "kube-system", "cilium", set);
    simulator.behave(|behaviour| behaviour.metrics = false);
    let report = probe(&connect(&kubeconfig)).await;
    assert_eq!(outcome(&report, "network-policy").0, Outcome::Passed);
    assert_eq!(outcome(&report, "metrics").0, Outcome::Warned);
    assert!(report.is_usable() && report.capacity.is_some_and(|capacity| capacity.used.is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cluster_role_is_enough_for_everything() {
    let (simulator, kubeconfig) = connected(&cluster_role());
    let stage = Stage::by(simulator, &kubeconfig, Duration::from_secs(20));
    let one = clustered(KubernetesNeeds::default());
    stage.stand(&one).await.expect("a namespace");
    stage.fall(&one).await.expect("it falls");
    let other = clustered(vcluster());
    stage.stand(&other).await.expect("a vCluster");
    let inside = stage.driver.resources(Isolation::Vcluster).expect("it is shown");
    inside.list(other.id, ResourceKind::ConfigMaps).await.expect("a way into it");
    stage.fall(&other).await.expect("it falls");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_right_is_named() {
    let without = cluster_role()
        .replace("resources: [pods/exec, ", "resources: [")
        .replace("resources: [pods/attach, pods/exec, pods/portforward]", "resources: [pods/attach]");
    let (_simulator, kubeconfig) = connected(&without);
    let report = probe(&connect(&kubeconfig)).await;
    let (found, detail) = outcome(&report, "permissions");
    assert_eq!(found, Outcome::Failed, "{detail}");
    assert!(detail.contains("create pods/exec") && detail.contains("create pods/portforward") && !detail.contains("delete"), "{detail}");
    assert!(!report.is_usable());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_without_an_open_node_is_not_usable() {
    let simulator = Simulator::start(&Options { nodes: vec![], ..Options::default() }).expect("a simulator");
    let report = probe(&connect(&simulator.kubeconfig())).await;
    assert_eq!(outcome(&report, "capacity").0, Outcome::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_cluster_is_told() {
    let simulator = Simulator::start(&Options::default()).expect("a simulator");
    let client = connect(&simulator.kubeconfig());
    for effect in [Effect::Html, Effect::Redirect { location: "https://elsewhere/".to_owned() }, Effect::Huge { bytes: 50 << 20 }] {
        let fault = simulator.inject(Fault::new(effect));
        assert_eq!(outcome(&probe(&client).await, "reachable").0, Outcome::Failed);
        simulator.withdraw(fault);
    }
    simulator.revoke(simulator.admin_token());
    let (found, detail) = outcome(&probe(&client).await, "reachable");
    assert!(found == Outcome::Failed && detail.contains("may have expired"), "{detail}");
}
