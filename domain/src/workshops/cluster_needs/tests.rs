//! Needs of a cluster: how they are stored, and what is wrong with them.

use serde_json::json;

use super::*;
use crate::workshops::{content::EnvironmentNeeds, defects::Defect};

fn defects(needs: &KubernetesNeeds) -> Vec<String> {
    let mut found: Vec<Defect> = Vec::new();
    of_cluster_needs("environment.kubernetes", needs, &mut found);
    found.into_iter().map(|defect| defect.path).collect()
}

#[test]
fn content_without_them_is_written_as_before() {
    let json = serde_json::to_value(EnvironmentNeeds::default()).expect("needs are JSON");
    assert_eq!(json.get("kubernetes"), None);
    let read: EnvironmentNeeds = serde_json::from_value(json).expect("needs as they were stored before");
    assert_eq!(read, EnvironmentNeeds::default());
}

#[test]
fn needs_are_read_as_they_are_written() {
    let json = json!({
        "isolation": "vcluster", "budget": {"custom": {"millicpu": 500, "memory": 512, "storage": 0, "pods": 3}}, "security": "baseline",
        "image": "registry.example/bench:1", "variables": {"COLOUR": "red"}, "ports": [{"name": "web", "port": 8080}],
        "egress": ["0.0.0.0/0"], "objects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}], "overtime": 30,
        "idle": 20, "runtime_class": "gvisor", "node_selector": {"tier": "gpu"}, "tolerations": [{"key": "gpu", "effect": "NoSchedule"}]
    });
    let needs: KubernetesNeeds = serde_json::from_value(json.clone()).expect("needs");
    assert_eq!(serde_json::to_value(&needs).expect("JSON"), json);
    assert_eq!(defects(&needs), Vec::<String>::new());
    assert_eq!(serde_json::from_value::<KubernetesNeeds>(json!({"bugdet": "small"})).expect_err("a misspelt field").line(), 0);
}

#[test]
fn budgets_grow() {
    use Budget::{Large, Medium, Small, XLarge, XxLarge, XxxLarge};
    let all = [Small, Medium, Large, XLarge, XxLarge, XxxLarge].map(Budget::amounts);
    assert!(all.windows(2).all(|two| two[0].memory < two[1].memory && two[0].millicpu <= two[1].millicpu));
    assert_eq!((all[5].millicpu, all[5].memory), (8000, Mebibytes(16_384)));
}

#[test]
fn each_fault_is_named_by_its_field() {
    let object = |json: serde_json::Value| KubernetesNeeds { objects: vec![json], ..KubernetesNeeds::default() };
    let custom = Amounts { millicpu: 1, memory: Mebibytes(1), storage: Mebibytes(0), pods: 0 };
    let faults = [
        (KubernetesNeeds { budget: Budget::Custom(custom), ..Default::default() }, "budget.custom.millicpu"),
        (KubernetesNeeds { image: Some("a image".into()), ..Default::default() }, "image"),
        (KubernetesNeeds { variables: [("HOME".into(), "/".into())].into(), ..Default::default() }, "variables.HOME"),
        (KubernetesNeeds { ports: vec![Port { name: "WEB".into(), port: 80 }], ..Default::default() }, "ports[0].name"),
        (KubernetesNeeds { egress: vec!["10.0.0.0/33".into()], ..Default::default() }, "egress[0]"),
        (object(json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}})), "objects[0].kind"),
        (object(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {}})), "objects[0].metadata.name"),
        (object(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "b"}})), "objects[0].metadata.namespace"),
        (KubernetesNeeds { idle: Some(Minutes(0)), ..Default::default() }, "idle"),
        (KubernetesNeeds { runtime_class: Some("G Visor".into()), ..Default::default() }, "runtime_class"),
    ];
    for (needs, field) in faults {
        let found = defects(&needs);
        assert_eq!(found.first(), Some(&format!("environment.kubernetes.{field}")), "{found:?}");
    }
}
