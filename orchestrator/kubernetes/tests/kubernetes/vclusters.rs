//! What learners see of their vCluster, through a port of its control plane.

use std::time::{Duration, Instant};

use base64::{Engine, prelude::BASE64_STANDARD};
use commands::environments::{EnvironmentResource, PodLog, ResourceChanges, ResourceKind, Resources, ResourcesError};
use domain::{environments::EnvironmentRejection as Rejection, kernel::EnvironmentId, workshops::cluster_needs::Isolation};
use orchestrator::driver::EnvironmentSpec;
use orchestrator_kubernetes::desired::learner_namespace;
use serde_json::{Value, json};
use test_cluster_simulator::Simulator;

use crate::{
    driver_contract::{check, run, succeed},
    resources::{DEADLINE, next, printing, until},
    stage::{Stage, clustered, connection, vcluster},
};

const CONTROL_PLANE: &str = "vcluster-0";

async fn standing() -> (Stage, EnvironmentSpec) {
    let stage = Stage::new();
    let spec = clustered(vcluster());
    stage.stand(&spec).await.expect("it stands");
    (stage, spec)
}

/// The vCluster as it is inside.
fn inside(stage: &Stage, environment: EnvironmentId) -> Simulator {
    stage.simulator.vcluster(&learner_namespace(environment)).expect("a vCluster")
}

fn map(cluster: &Simulator, namespace: &str, name: &str) {
    cluster.put("configmaps", namespace, name, json!({ "metadata": {}, "data": { "key": "a value" } }));
}

fn shown(stage: &Stage) -> Box<dyn Resources> {
    stage.driver.resources(Isolation::Vcluster).expect("it is shown")
}

async fn list(stage: &Stage, environment: EnvironmentId, kind: ResourceKind) -> Vec<EnvironmentResource> {
    shown(stage).list(environment, kind).await.expect("listed")
}

async fn follow(stage: &Stage, environment: EnvironmentId) -> ResourceChanges {
    shown(stage).follow(environment, ResourceKind::ConfigMaps).await.expect("followed")
}

/// Why the config maps cannot be seen.
async fn refused(stage: &Stage, environment: EnvironmentId) -> ResourcesError {
    shown(stage).list(environment, ResourceKind::ConfigMaps).await.expect_err("they are not seen")
}

async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < DEADLINE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Changes what the vCluster's control plane has written for its learner.
fn rewrite(stage: &Stage, environment: EnvironmentId, change: impl Fn(String) -> String) {
    let changed = stage.simulator.change("secrets", &learner_namespace(environment), "vc-vcluster", |secret| {
        let config = BASE64_STANDARD.decode(secret["data"]["config"].as_str().expect("a kubeconfig")).expect("base64");
        let config = change(String::from_utf8(config).expect("text"));
        secret["data"]["config"] = Value::from(BASE64_STANDARD.encode(config));
    });
    assert!(changed);
}

fn names(rows: &[EnvironmentResource]) -> Vec<(&str, &str)> {
    let own = rows.iter().filter(|row| row.name != "kube-root-ca.crt");
    own.map(|row| (row.namespace.as_str(), row.name.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_sees_what_is_in_their_vcluster_and_nothing_of_its_host() {
    let (stage, spec) = standing().await;
    let (cluster, namespace) = (inside(&stage, spec.id), learner_namespace(spec.id));
    map(&stage.simulator, &namespace, "of-the-host");
    assert_eq!(names(&list(&stage, spec.id, ResourceKind::ConfigMaps).await), []);
    for place in ["default", "shop", "kube-system", "kube-public"] {
        map(&cluster, place, "mine");
    }
    let maps = list(&stage, spec.id, ResourceKind::ConfigMaps).await;
    assert_eq!(names(&maps), [("default", "mine"), ("shop", "mine")], "in all namespaces but Kubernetes's own");
    assert_eq!(maps.iter().find(|row| row.name == "mine").and_then(|row| row.message.as_deref()), Some("key"));
    assert_eq!(list(&stage, spec.id, ResourceKind::Pods).await, [], "the control plane is the host's");
    cluster.put("pods", "default", "web", printing("started\n"));
    assert_eq!(names(&list(&stage, spec.id, ResourceKind::Pods).await), [("default", "web")]);
    for kind in [ResourceKind::Services, ResourceKind::Deployments, ResourceKind::Events] {
        list(&stage, spec.id, kind).await;
    }
    assert!(
        stage.simulator.object("pods", &namespace, "web").is_none() && cluster.object("configmaps", &namespace, "of-the-host").is_none()
    );
    eventually("nobody looks, and nothing is forwarded", || stage.simulator.tunnels() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_a_vcluster_is_followed_over_one_connection_that_ends_with_the_last_who_looks() {
    let (stage, spec) = standing().await;
    let cluster = inside(&stage, spec.id);
    let (mut one, mut other) = (follow(&stage, spec.id).await, follow(&stage, spec.id).await);
    for (place, name) in [("default", "first"), ("shop", "second")] {
        map(&cluster, place, name);
        until(&mut one, name, true).await;
        until(&mut other, name, true).await;
    }
    map(&cluster, "default", "second");
    until(&mut one, "second", true).await;
    cluster.remove("configmaps", "shop", "second");
    map(&cluster, "default", "third");
    let seen = until(&mut one, "third", true).await;
    assert_eq!(names(&seen), [("default", "first"), ("default", "second"), ("default", "third")], "names are of a namespace");
    // Whether the list that a watch begins with was over in time for its connection to be used again is the client's affair.
    eventually("one connection is enough", || stage.simulator.tunnels() == 1).await;
    drop(one);
    map(&cluster, "default", "fourth");
    until(&mut other, "fourth", true).await;
    drop(other);
    eventually("nothing is forwarded any more", || stage.simulator.tunnels() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_that_breaks_off_is_made_again() {
    let (stage, spec) = standing().await;
    let mut changes = follow(&stage, spec.id).await;
    map(&inside(&stage, spec.id), "default", "first");
    until(&mut changes, "first", true).await;
    // The whole host is cut off.
    stage.simulator.set_reachable(false);
    eventually("the way breaks off", || stage.simulator.tunnels() == 0).await;
    map(&inside(&stage, spec.id), "default", "second");
    stage.simulator.set_reachable(true);
    until(&mut changes, "second", true).await;
    // The vCluster alone is.
    inside(&stage, spec.id).set_reachable(false);
    eventually("the way breaks off", || stage.simulator.tunnels() == 0).await;
    map(&inside(&stage, spec.id), "default", "third");
    inside(&stage, spec.id).set_reachable(true);
    until(&mut changes, "third", true).await;
    // Its control plane begins again, with another authority and other objects, and by then has counted beyond what was seen.
    stage.simulator.set_reachable(false);
    eventually("the way breaks off", || stage.simulator.tunnels() == 0).await;
    stage.simulator.remove("pods", &learner_namespace(spec.id), CONTROL_PLANE);
    for number in 0..500 {
        map(&inside(&stage, spec.id), "kube-system", &format!("filler-{number}"));
    }
    map(&inside(&stage, spec.id), "default", "fourth");
    stage.simulator.set_reachable(true);
    let seen = until(&mut changes, "fourth", true).await;
    assert_eq!(names(&seen), [("default", "fourth")]);
    stage.fall(&spec).await.expect("it falls");
    eventually("nothing is forwarded any more", || stage.simulator.tunnels() == 0).await;
    assert!(stage.simulator.vcluster(&learner_namespace(spec.id)).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vcluster_that_is_not_ready_is_said_to_be() {
    let (stage, spec) = standing().await;
    let not_ready = || ResourcesError::Refused(Rejection::VclusterNotReady);
    stage.simulator.remove("secrets", &learner_namespace(spec.id), "vc-vcluster");
    assert_eq!(refused(&stage, spec.id).await, not_ready(), "without a kubeconfig");
    stage.simulator.behave(|behaviour| behaviour.pod_ready = Duration::from_hours(1));
    stage.simulator.change("pods", &learner_namespace(spec.id), CONTROL_PLANE, |pod| {
        for condition in pod["status"]["conditions"].as_array_mut().into_iter().flatten() {
            condition["status"] = json!("False");
        }
    });
    let seen_by_all = async {
        while refused(&stage, spec.id).await != not_ready()
            || shown(&stage).follow(spec.id, ResourceKind::Pods).await.err() != Some(not_ready())
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, seen_by_all).await.expect("in time");
    let log = PodLog { namespace: None, pod: "web".to_owned(), container: None, lines: 1 };
    assert_eq!(shown(&stage).log(spec.id, &log).await, Err(not_ready()));
    assert_eq!(shown(&stage).follow_log(spec.id, &log).await.err(), Some(not_ready()));
    stage.fall(&spec).await.expect("it falls");
    assert_eq!(refused(&stage, spec.id).await, not_ready(), "gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_into_the_vcluster_of_another() {
    let (stage, spec) = standing().await;
    let other = clustered(vcluster());
    stage.stand(&other).await.expect("it stands");
    map(&inside(&stage, other.id), "default", "theirs");
    map(&inside(&stage, spec.id), "default", "mine");
    assert_eq!(names(&list(&stage, spec.id, ResourceKind::ConfigMaps).await), [("default", "mine")]);
    // Even with what the other's is reached with.
    let secret = |id| stage.simulator.object("secrets", &learner_namespace(id), "vc-vcluster").expect("a kubeconfig");
    let theirs = secret(other.id)["data"].clone();
    stage.simulator.change("secrets", &learner_namespace(spec.id), "vc-vcluster", |secret| secret["data"] = theirs.clone());
    let ResourcesError::Failed(told) = refused(&stage, spec.id).await else { panic!("expected a failure") };
    assert!(told.contains("not signed by the given certificate authority"), "{told}");
    assert_eq!(names(&list(&stage, other.id, ResourceKind::ConfigMaps).await), [("default", "theirs")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_control_plane_must_be_who_it_should_be_and_so_must_the_learner() {
    let (stage, spec) = standing().await;
    let without = |field: &'static str| {
        move |config: String| config.split_inclusive('\n').filter(|line| !line.trim_start().starts_with(field)).collect::<String>()
    };
    let data = BASE64_STANDARD.encode(Simulator::start(&test_cluster_simulator::Options::default()).expect("another").ca_pem());
    let stranger = inside(&stage, spec.id).certificate_for("ada", &[]).expect("a certificate");
    let server = "https://vcluster";
    let instead = |line: String| move |config: String| without("client-")(config) + &line;
    let pair = format!(
        "    client-certificate-data: {}\n    client-key-data: {}\n",
        BASE64_STANDARD.encode(&stranger.certificate),
        BASE64_STANDARD.encode(&stranger.key)
    );
    let foreign = move |config: String| {
        without("certificate-authority-data")(config)
            .replace("  cluster:\n", &format!("  cluster:\n    certificate-authority-data: {data}\n"))
    };
    let good = |config: String| config;
    let insecure = move |config: String| config.replace("    server: ", "    insecure-skip-tls-verify: true\n    server: ");
    let cases: [(&str, &dyn Fn(String) -> String); 7] = [
        ("not signed by the given certificate authority", &foreign),
        ("expected the authority", &without("certificate-authority-data")),
        ("insecure-skip-tls-verify", &insecure),
        ("expected a client certificate", &instead("    token: stolen\n".to_owned())),
        ("client-key-data", &without("client-key-data")),
        ("the server answers 403", &instead(pair)),
        ("https://", &|config: String| config.replace(server, "http://vcluster")),
    ];
    let before = stage.simulator.object("secrets", &learner_namespace(spec.id), "vc-vcluster").expect("a kubeconfig");
    for (expected, change) in cases {
        rewrite(&stage, spec.id, change);
        let told = format!("{:?}", refused(&stage, spec.id).await);
        assert!(told.contains(expected) && !told.contains("stolen") && !told.contains("LS0t"), "{expected}: {told}");
        stage.simulator.put("secrets", &learner_namespace(spec.id), "vc-vcluster", before.clone());
    }
    rewrite(&stage, spec.id, good);
    list(&stage, spec.id, ResourceKind::ConfigMaps).await;
    // One that its own authority has made out to somebody else.
    stage.simulator.change("secrets", &learner_namespace(spec.id), "vc-config-vcluster", |secret| {
        let config = json!({ "controlPlane": { "proxy": { "port": 8443, "extraSANs": ["vcluster.elsewhere.svc"] } } });
        secret["data"]["config.yaml"] = Value::from(BASE64_STANDARD.encode(config.to_string()));
    });
    stage.simulator.remove("pods", &learner_namespace(spec.id), CONTROL_PLANE);
    let told = format!("{:?}", refused(&stage, spec.id).await);
    assert!(told.contains("not for this host"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_pods_in_a_vcluster_print_is_read_and_followed() {
    let (stage, spec) = standing().await;
    let (cluster, shown) = (inside(&stage, spec.id), shown(&stage));
    cluster.put("pods", "default", "web", printing("one\ntwo\n"));
    cluster.put("pods", "shop", "till", printing("open\n"));
    let log = |namespace: Option<&str>, pod: &str| {
        let namespace = namespace.map(str::to_owned);
        PodLog { namespace, pod: pod.to_owned(), container: None, lines: 1 }
    };
    assert_eq!(shown.log(spec.id, &log(None, "web")).await, Ok("two\n".to_owned()));
    assert_eq!(shown.log(spec.id, &log(Some("shop"), "till")).await, Ok("open\n".to_owned()));
    let missing = || ResourcesError::Refused(Rejection::PodNotFound);
    let hosts = learner_namespace(spec.id);
    for (namespace, pod) in [(None, "till"), (Some(&*hosts), CONTROL_PLANE), (Some("../shop"), "till"), (Some(""), "web")] {
        assert_eq!(shown.log(spec.id, &log(namespace, pod)).await, Err(missing()), "{namespace:?} {pod}");
        assert_eq!(shown.follow_log(spec.id, &log(namespace, pod)).await.err(), Some(missing()));
    }
    let mut parts = shown.follow_log(spec.id, &log(Some("shop"), "till")).await.expect("followed");
    assert_eq!(next(&mut parts).await.as_deref(), Some("open\n"));
    cluster.put("pods", "shop", "till", printing("open\nclosed\n"));
    assert_eq!(next(&mut parts).await.as_deref(), Some("closed\n"));
    drop(parts);
    eventually("nothing is forwarded any more", || stage.simulator.tunnels() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workbench_has_the_kubeconfig_of_the_vcluster_and_checks_run_beside_it() {
    let (stage, spec) = standing().await;
    let kubeconfig = succeed(&stage.driver, spec.id, &check("cat .kube/config")).await;
    let found = connection(&kubeconfig);
    assert_eq!(found.server(), format!("https://vcluster.{}.svc", learner_namespace(spec.id)));
    assert_eq!(found.ca(), Some(&*inside(&stage, spec.id).ca_pem()), "it trusts the vCluster, not its host");
    assert_eq!(found.credential().kind(), "client-certificate");
    let outcome = run(&stage.driver, spec.id, &check("grep -q certificate-authority-data .kube/config; exit 7")).await;
    assert_eq!(outcome.end, orchestrator::driver::ScriptEnd::Exited(7));
    stage.driver.put_files(spec.id, &[crate::driver_contract::file("task.yaml", "kind: Pod\n")]).await.expect("put");
    assert_eq!(succeed(&stage.driver, spec.id, &check("cat task.yaml")).await, "kind: Pod\n");
}
