//! Objects as they are sent, compared with those that were looked at, and promises that hold for all of them.
//! `BLESS=1` writes the files anew.

use domain::workshops::cluster_needs::{Amounts, Budget, PodSecurity, Port, Toleration};
use domain::{kernel::Mebibytes, workshops::content::EnvironmentNeeds};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

fn needs(kubernetes: Option<KubernetesNeeds>) -> EnvironmentNeeds {
    EnvironmentNeeds { kubernetes, ..EnvironmentNeeds::default() }
}

fn settings() -> Settings {
    let endpoints = vec![("192.0.2.10".to_owned(), 6443)];
    Settings { api: ApiAccess { endpoints, ..Settings::default().api }, ..Settings::default() }
}

fn facts<'a>(needs: &'a EnvironmentNeeds, settings: &'a Settings) -> Facts<'a> {
    Facts { environment: EnvironmentId(Uuid::from_u128(1)), session: SessionId(Uuid::from_u128(2)), needs, settings }
}

fn json(object: &impl Serialize) -> Value {
    serde_json::to_value(object).expect("objects are JSON")
}

/// Everything that is applied for an environment, in order.
fn everything(facts: &Facts<'_>) -> Vec<Value> {
    let mut all = Vec::new();
    for place in facts.places() {
        all.extend([json(&facts.namespace(&place)), json(&facts.quota(&place)), json(&facts.limits(&place))]);
        all.extend(facts.policies(&place).expect("networks that are allowed").iter().map(json));
        all.push(json(&facts.account(&place.namespace, "default")));
    }
    if facts.cluster().is_some() {
        all.extend([json(&facts.role()), json(&facts.role_binding())]);
    }
    all.extend(facts.objects().expect("objects that are allowed").iter().map(|(_, object)| json(object)));
    if let Some(vcluster) = facts.vcluster() {
        all.extend([json(&vcluster.account), json(&vcluster.role), json(&vcluster.binding), json(&vcluster.config)]);
        all.extend(vcluster.services.iter().map(json));
        all.push(json(&vcluster.control_plane));
    }
    all.extend(facts.service().iter().map(json));
    all.push(json(&facts.workbench()));
    all
}

#[track_caller]
fn golden(name: &str, facts: &Facts<'_>) {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let text = serde_json::to_string_pretty(&everything(facts)).expect("JSON") + "\n";
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &text).expect("the file is written");
    }
    assert_eq!(std::fs::read_to_string(&file).expect("a golden file"), text, "{name}");
}

/// A workshop that asks for everything there is.
fn demanding() -> KubernetesNeeds {
    KubernetesNeeds {
        budget: Budget::Medium,
        security: PodSecurity::Baseline,
        image: Some("registry.example/bench:1".into()),
        variables: [("COLOUR".into(), "red".into())].into(),
        ports: vec![Port { name: "web".into(), port: 8080 }],
        egress: vec!["0.0.0.0/0".into(), "2001:db8::/32".into()],
        objects: vec![json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "welcome", "labels": {"nalabo.dev/environment": "forged"}, "finalizers": ["a/b"]},
            "data": {"session": "$(session_id) in $(session_namespace)", "kept": "$(HOME) $$(session_id) $("}
        })],
        runtime_class: Some("gvisor".into()),
        node_selector: [("tier".into(), "labs".into())].into(),
        tolerations: vec![Toleration { key: "labs".into(), value: None, effect: Some("NoSchedule".into()) }],
        ..KubernetesNeeds::default()
    }
}

#[test]
fn a_workshop_without_a_cluster_gets_a_workbench() {
    golden("workbench.json", &facts(&needs(None), &settings()));
}

#[test]
fn a_demanding_workshop_gets_a_namespace_too() {
    golden("namespace.json", &facts(&needs(Some(demanding())), &settings()));
}

#[test]
fn a_vcluster_has_a_control_plane_of_its_own() {
    let wanted = KubernetesNeeds { isolation: Isolation::Vcluster, ..KubernetesNeeds::default() };
    golden("vcluster.json", &facts(&needs(Some(wanted)), &settings()));
}

#[test]
fn every_object_says_whose_it_is() {
    let (needs, settings) = (needs(Some(demanding())), settings());
    for object in everything(&facts(&needs, &settings)) {
        let labels = &object["metadata"]["labels"];
        assert_eq!(labels[ENVIRONMENT], Uuid::from_u128(1).simple().to_string(), "{object}");
        assert_eq!((&labels[MANAGED_BY], &labels[INSTANCE]), (&json!(MANAGER), &json!("nalabo")), "{object}");
        assert_eq!(object["metadata"].get("finalizers"), None, "{object}");
    }
}

#[test]
fn a_budget_is_all_the_learners_and_can_be_any_size() {
    let custom = Budget::Custom(Amounts { millicpu: 300, memory: Mebibytes(300), storage: Mebibytes(0), pods: 2 });
    for budget in [Budget::Small, Budget::Medium, Budget::Large, Budget::XLarge, Budget::XxLarge, Budget::XxxLarge, custom] {
        let (needs, settings) = (needs(Some(KubernetesNeeds { budget, ..KubernetesNeeds::default() })), settings());
        let facts = facts(&needs, &settings);
        let hard = json(&facts.quota(&facts.places()[1]))["spec"]["hard"].clone();
        let amounts = budget.amounts();
        assert_eq!(hard["limits.memory"], format!("{}Mi", amounts.memory.0));
        assert_eq!((&hard["limits.cpu"], &hard["pods"]), (&json!(format!("{}m", amounts.millicpu)), &json!(amounts.pods.to_string())));
        assert_eq!((&hard["services.loadbalancers"], &hard["services.nodeports"]), (&json!("0"), &json!("0")));
    }
}

#[test]
fn networks_that_are_somebodys_are_not_opened() {
    let asked = |network: &str, settings: &Settings| {
        let needs = needs(Some(KubernetesNeeds { egress: vec![network.to_owned()], ..KubernetesNeeds::default() }));
        let facts = facts(&needs, settings);
        facts
            .policies(&facts.places()[1])
            .map(|policies| json(&policies.iter().find(|policy| policy.metadata.name.as_deref() == Some("workshop-egress"))))
    };
    let usual = settings();
    for network in ["10.1.0.0/16", "192.168.0.0/16", "169.254.169.254/32", "127.0.0.1/32", "fd00::/8", "fe80::1/128"] {
        let error = asked(network, &usual).expect_err(network);
        assert_eq!(error.path, "environment.kubernetes.egress[0]");
    }
    let open = Settings { allow_private_egress: true, ..settings() };
    assert!(asked("10.1.0.0/16", &open).is_ok());
    assert!(asked("169.254.0.0/16", &open).is_err());
    let policy = asked("0.0.0.0/0", &usual).expect("the Internet").to_string();
    assert!(["169.254.0.0/16", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].iter().all(|network| policy.contains(network)), "{policy}");
}

#[test]
fn objects_that_may_not_be_are_refused_by_their_path() {
    let refused = |object: Value| {
        let needs = needs(Some(KubernetesNeeds { objects: vec![object], ..KubernetesNeeds::default() }));
        facts(&needs, &settings()).objects().expect_err("it is refused").path
    };
    let at = |rest: &str| format!("environment.kubernetes.objects[0].{rest}");
    assert_eq!(
        refused(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "a"}})),
        at("kind")
    );
    assert_eq!(refused(json!({"apiVersion": "v1beta1", "kind": "Pod", "metadata": {"name": "a"}})), at("kind"));
    assert_eq!(
        refused(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "kube-system"}})),
        at("metadata.namespace")
    );
    assert_eq!(refused(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {}})), at("metadata.name"));
    let unresolved = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": ["$(nobody_knows)"]}});
    assert_eq!(refused(unresolved), at("data.x[0]"));
}

#[test]
fn a_cluster_must_have_free_what_the_quotas_let_be_requested() {
    let vcluster = KubernetesNeeds { isolation: Isolation::Vcluster, budget: Budget::Large, ..KubernetesNeeds::default() };
    for kubernetes in [None, Some(KubernetesNeeds::default()), Some(vcluster)] {
        let (needs, settings) = (needs(kubernetes), settings());
        let facts = facts(&needs, &settings);
        let quotas: Vec<Value> = facts.places().iter().map(|place| json(&facts.quota(place))).collect();
        let sum = |resource: &str, unit: &str| -> u32 {
            let amounts = quotas.iter().map(|quota| quota["spec"]["hard"][resource].as_str().expect("an amount"));
            amounts.map(|amount| amount.strip_suffix(unit).expect("a unit").parse::<u32>().expect("a number")).sum()
        };
        let demand = facts.demand();
        assert_eq!((demand.cpu.0, demand.memory.0), (sum("requests.cpu", "m"), sum("requests.memory", "Mi")));
        assert_eq!(demand.pods, sum("pods", ""));
    }
}
