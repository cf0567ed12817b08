//! Environments on a cluster that an administrator has connected: from its registration to the last namespace.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;
use test_cluster_simulator::{Options, Simulator};

use crate::{
    lesson::Lesson,
    people::{Person, text},
    site::{PATIENCE, Server, Site, files_in, said},
};

const CLUSTER: &str = "id name version taken schedule health credentials { kind fingerprint }";
const REPORT: &str = "report { isUsable failures { point problem } missingPermissions }";
const MANIFEST: &str = r"format: 1
slug: namespaced
title: In a namespace
summary: A folder beside a cluster.
category: kubernetes
duration: 5m
environment:
  memory: 128Mi
  kubernetes:
    budget: small
    objects:
      - apiVersion: v1
        kind: ConfigMap
        metadata:
          name: welcome
        data:
          namespace: $(session_namespace)
";
const STEP: &str = r"---
title: Make a folder
points: 10
rule: check
checks:
  - name: inbox
    title: There is a folder called inbox
---
`mkdir inbox`
";

/// A site with a workshop that needs a cluster.
pub(crate) fn site() -> Site {
    let site = Site::new();
    let folder = TempDir::new().expect("a folder");
    write(folder.path(), "workshop.yaml", MANIFEST);
    write(folder.path(), "steps/01-folder.md", STEP);
    write(folder.path(), "checks/inbox.sh", "[ -d \"$HOME/inbox\" ] && [ -f \"$HOME/.kube/config\" ]\n");
    let output = site.run(&["workshops", "import", &folder.path().display().to_string(), "--publish"]);
    assert!(output.status.success(), "{}", said(&output));
    site
}

fn write(folder: &Path, name: &str, text: &str) {
    let file = folder.join(name);
    fs::create_dir_all(file.parent().expect("a folder")).expect("made");
    fs::write(file, text).expect("written");
}

pub(crate) fn simulator() -> Simulator {
    Simulator::start(&Options::default()).expect("a simulator")
}

pub(crate) fn serve(site: &Site) -> Server {
    site.serve_with(&[("NALABO_CLUSTERS__ALLOW_LOOPBACK", "true"), ("NALABO_TELEMETRY__LOG", "debug")])
}

fn access(simulator: &Simulator, ca: &str) -> Value {
    json!({ "token": { "server": simulator.url(), "token": simulator.admin_token(), "certificateAuthority": ca } })
}

/// Registers it; its id.
pub(crate) async fn register(administrator: &Person, name: &str, simulator: &Simulator) -> String {
    let input = json!({ "profile": { "name": name }, "access": access(simulator, &simulator.ca_pem()) });
    let registered = administrator.mutate("clusterRegister", input, &format!("cluster {{ {CLUSTER} }}")).await;
    let cluster = &registered["cluster"];
    assert_eq!((&cluster["name"], &cluster["schedule"], &cluster["credentials"]["kind"]), (&json!(name), &json!("OPEN"), &json!("TOKEN")));
    text(&cluster["id"])
}

pub(crate) fn namespaces(simulator: &Simulator) -> Vec<String> {
    let all = simulator.objects("namespaces").into_iter().map(|namespace| text(&namespace["metadata"]["name"]));
    all.filter(|name| name.starts_with("nalabo-")).collect()
}

pub(crate) async fn workshop(person: &Person) -> String {
    let found = person.query("{ workshop(slug: \"namespaced\") { id } }", Value::Null).await;
    text(&found["workshop"]["id"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_worked_through_on_a_cluster_and_leaves_nothing() {
    let (site, simulator) = (site(), simulator());
    let server = serve(&site);
    let administrator = Person::administrator(&server).await;
    let cluster = register(&administrator, "first", &simulator).await;
    let learner = Person::register(&server, "learner").await;
    let lesson = Lesson::start(&learner, &workshop(&learner).await).await;
    let environment = lesson.environment().await;

    let query = "query($id: ID!) { environment(id: $id) { driver placementReason cluster { id taken } } }";
    let found = administrator.query(query, json!({ "id": environment })).await;
    let found = &found["environment"];
    assert_eq!((&found["driver"], &found["cluster"]), (&json!("kubernetes"), &json!({ "id": cluster, "taken": 1 })), "{found}");
    assert!(found["placementReason"].as_str().is_some_and(|reason| !reason.is_empty()), "{found}");
    let made = namespaces(&simulator);
    assert_eq!(made.len(), 2, "{made:?}");
    let learners = made.iter().find(|name| name.ends_with("-k")).expect("the learner's");
    let welcome = simulator.object("configmaps", learners, "welcome").expect("the workshop's object");
    assert_eq!(welcome["data"]["namespace"], json!(learners));

    let (passed, run) = lesson.check("folder").await;
    assert!(!passed && run["exitCode"] == 1, "{run}");
    lesson.shell(&environment).await.run("mkdir inbox").await.expect("typed");
    let (passed, run) = lesson.check("folder").await;
    assert!(passed, "{run}");
    lesson.finish().await;
    lesson.gone().await;
    assert_eq!(namespaces(&simulator), [""; 0]);
    let left = administrator.query("query($id: ID!) { cluster(id: $id) { taken } }", json!({ "id": cluster })).await;
    assert_eq!(left["cluster"]["taken"], 0);

    let answers = administrator.query("{ events(first: 100) { nodes { payload metadata } } }", Value::Null).await;
    assert!(!answers.to_string().contains(simulator.admin_token()));
    let removed = administrator.mutate("clusterRemove", json!({ "clusterId": cluster }), "stale").await;
    assert!(removed["errors"].as_array().is_some_and(Vec::is_empty), "{removed}");
    secret_is_nowhere(&site, server, simulator.admin_token());
}

/// Not in a file or in the log, which tells what the server did.
fn secret_is_nowhere(site: &Site, mut server: Server, secret: &str) {
    server.terminate();
    server.wait();
    for file in files_in(&site.path()) {
        let bytes = fs::read(&file).unwrap_or_default(); // Files of the database come and go.
        assert!(!String::from_utf8_lossy(&bytes).contains(secret), "{}", file.display());
    }
    let printed = server.printed();
    assert!(printed.contains("a cluster is connected") && !printed.contains(secret), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_cannot_be_used_is_refused_with_the_point() {
    let (site, simulator, other) = (Site::new(), simulator(), simulator());
    let server = serve(&site);
    let administrator = Person::administrator(&server).await;
    let unreachable = other.url();
    drop(other);
    let nobody = json!({ "token": { "server": unreachable, "token": "nobody", "certificateAuthority": simulator.ca_pem() } });
    let stranger = simulator_authority();
    for (access, point) in [(access(&simulator, &stranger), "certificate"), (nobody, "reachable")] {
        let input = json!({ "profile": { "name": "first" }, "access": access });
        let refused = administrator.client.mutate("clusterRegister", input, "stale").await.expect_err("refused").to_string();
        assert!(refused.contains(&format!("{point}: ")), "{refused}");
        let tested = administrator.mutate("clusterTest", json!({ "access": access }), REPORT).await;
        assert_eq!((&tested["report"]["isUsable"], &tested["report"]["failures"][0]["point"]), (&json!(false), &json!(point)), "{tested}");
    }
    let insecure = json!({ "token": { "server": "http://127.0.0.1:1", "token": "nobody" } });
    let input = json!({ "profile": { "name": "first" }, "access": insecure });
    let refused = administrator.client.mutate("clusterRegister", input, "stale").await.expect_err("refused").to_string();
    assert!(refused.contains("server") && refused.contains("https://"), "{refused}");
    let clusters = administrator.query("{ clusters { totalCount } }", Value::Null).await;
    assert_eq!(clusters["clusters"]["totalCount"], 0);
}

/// Of a cluster that nobody asks.
fn simulator_authority() -> String {
    simulator().ca_pem()
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_wait_until_there_is_a_cluster() {
    let (site, simulator) = (site(), simulator());
    let server = serve(&site);
    let learner = Person::register(&server, "early").await;
    let lesson = Lesson::start(&learner, &workshop(&learner).await).await;
    let waits = "subscription($id: ID!) { sessionChanged(id: $id) { environment { state queuePosition } } }";
    let mut changes = learner.client.subscribe(waits, json!({ "id": lesson.session })).await.expect("a subscription");
    let first = |data: &Value| (data["sessionChanged"]["environment"]["queuePosition"] == 0).then_some(());
    changes.until("a place in the queue", PATIENCE, first).await.expect("it waits");
    assert_eq!(namespaces(&simulator), [""; 0]);
    register(&Person::administrator(&server).await, "late", &simulator).await;
    lesson.environment().await;
    learner.mutate("sessionAbandon", json!({ "sessionId": lesson.session }), "session { status }").await;
    lesson.gone().await;
    assert_eq!(namespaces(&simulator), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn clusters_are_managed_from_the_command_line() {
    let (site, simulator) = (Site::new(), simulator());
    let run = |arguments: &[&str]| {
        let output = site.run(&[&["clusters"], arguments].concat());
        assert!(!said(&output).contains(simulator.admin_token()), "{}", said(&output));
        (output.status.success(), said(&output))
    };
    let (is_done, script) = run(&["connect-script"]);
    assert!(is_done && script.contains("kubectl apply") && script.contains("kind: ClusterRole\n"), "{script}");
    let (is_done, printed) = run(&["list"]);
    assert!(!is_done && printed.contains("no server runs on"), "{printed}");

    let server = serve(&site);
    let kubeconfig = site.path().with_extension("kubeconfig");
    fs::write(&kubeconfig, simulator.kubeconfig()).expect("written");
    let kubeconfig = kubeconfig.display().to_string();
    let (is_done, printed) = run(&["add", "first", "--kubeconfig", &kubeconfig, "--label", "region=here", "--limit", "7"]);
    assert!(is_done && printed == "first is registered\n", "{printed}");
    let (is_done, printed) = run(&["add", "first", "--kubeconfig", &kubeconfig]);
    assert!(!is_done, "the name is taken: {printed}");
    let (is_done, printed) = run(&["test", "first"]);
    assert!(is_done && printed.contains("usable"), "{printed}");
    for (change, schedule) in [("cordon", "cordoned"), ("uncordon", "open"), ("drain", "draining"), ("uncordon", "open")] {
        let (is_done, printed) = run(&[change, "first"]);
        assert!(is_done, "{printed}");
        let (_, listed) = run(&["list", "--json"]);
        let listed: Value = serde_json::from_str(&listed).expect("JSON");
        let cluster = &listed["clusters"][0];
        assert_eq!(
            (&cluster["schedule"], &cluster["limit"], &cluster["health"]),
            (&json!(schedule), &json!(7), &json!("healthy")),
            "{listed}"
        );
    }
    let token = simulator.token_for("another", &["system:masters"]);
    fs::write(&kubeconfig, simulator.kubeconfig_for(&token)).expect("written");
    let (is_done, printed) = run(&["rotate", "first", "--kubeconfig", &kubeconfig]);
    assert!(is_done && printed == "first has new credentials\n", "{printed}");
    let (is_done, printed) = run(&["remove", "second"]);
    assert!(!is_done && printed.contains("there is no cluster second; there are: first"), "{printed}");
    simulator.revoke(simulator.admin_token());
    let (is_done, printed) = run(&["test", "first"]);
    assert!(is_done, "what it had before is not used any more: {printed}");
    simulator.revoke(&token);
    let (is_done, printed) = run(&["test", "first"]);
    assert!(!is_done && printed.contains("reachable: ") && printed.contains("may have expired"), "{printed}");
    let (is_done, printed) = run(&["remove", "first"]);
    assert!(is_done, "{printed}");
    let (_, listed) = run(&["list"]);
    assert_eq!(listed, "");
    assert!(!server.printed().contains(simulator.admin_token()), "{}", server.printed());
    server.stop();
}
