//! The executable, and the API for tests of other processes.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdout, Command, Stdio},
};

use axum::http::Request;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::{
    Api, Client,
    api::{ListParams, PostParams},
};
use serde_json::{Value, json};

use crate::bench::{config, namespace, object, refusal, soon};

struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
    told: Value,
}

fn start(arguments: &[&str]) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nalabo-cluster-simulator"));
    let mut child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a process");
    let mut output = BufReader::new(child.stdout.take().expect("an output"));
    let told = answer(&mut output);
    Process { child, output, told }
}

fn answer(output: &mut impl BufRead) -> Value {
    let mut line = String::new();
    output.read_line(&mut line).expect("a line");
    serde_json::from_str(&line).expect("JSON")
}

impl Process {
    fn text(&self, field: &str) -> &str {
        self.told[field].as_str().expect("a text")
    }

    async fn client(&self) -> Client {
        Client::try_from(config(self.text("kubeconfig")).await).expect("a client")
    }

    /// Tells it something over its standard input.
    fn order(&mut self, order: &str) -> Value {
        writeln!(self.child.stdin.as_mut().expect("an input"), "{order}").expect("written");
        answer(&mut self.output)
    }

    /// Speaks with the API for tests.
    async fn control(&self, method: &str, path: &str, body: &Value) -> Result<Value, kube::Error> {
        let kubeconfig = self.text("kubeconfig").replace(self.text("token"), self.text("control_token"));
        let client = Client::try_from(config(&kubeconfig).await).expect("a client");
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request = Request::builder().method(method).uri(format!("/simulator/{path}")).body(body).expect("a request");
        client.request(request).await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It ends with its input, and clears up.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn the_executable_serves_until_its_input_ends() {
    let mut process = start(&["--seed", "3", "--nodes", "2"]);
    let client = process.client().await;
    namespace(&client, "one").await;
    assert_eq!(process.control("GET", "counts", &Value::Null).await.expect("counts")["nodes"], 2);
    drop(process.child.stdin.take());
    let status = soon(async { tokio::task::spawn_blocking(move || process.child.wait()).await }).await;
    assert!(status.expect("a thread").expect("a status").success());
}

#[tokio::test]
async fn the_executable_ends_when_it_is_told_to() {
    let mut process = start(&[]);
    let id = process.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill").success());
    let status = soon(async { tokio::task::spawn_blocking(move || process.child.wait()).await }).await;
    assert!(status.expect("a thread").expect("a status").success());
}

#[tokio::test]
async fn whoever_started_it_gives_orders_over_its_input() {
    let mut process = start(&[]);
    let client = process.client().await;
    namespace(&client, "one").await;
    let fault = r#"{"inject":{"verb":"list","resource":"namespaces","effect":"internal_error"}}"#;
    assert_eq!(process.order(fault), json!({ "done": true }));
    let all: Api<Namespace> = Api::all(client);
    assert_eq!(refusal(all.list(&ListParams::default()).await).code, 500);
    let report = process.order("\"report\"");
    let cluster = &report["clusters"][0];
    assert!(cluster["namespaces"].as_array().expect("names").contains(&json!("one")), "{report}");
    assert_eq!(cluster["struck"], 1, "{report}");
    assert_eq!(process.order("\"withdraw_all\""), json!({ "done": true }));
    all.list(&ListParams::default()).await.expect("without the fault");
    assert!(process.order("whatever")["error"].is_string());
}

#[tokio::test]
async fn other_processes_inject_faults_and_look() {
    let process = start(&["--fault", r#"{"verb":"get","resource":"nodes","effect":"internal_error"}"#]);
    let client = process.client().await;
    namespace(&client, "one").await;
    let nodes: Api<k8s_openapi::api::core::v1::Node> = Api::all(client.clone());
    assert_eq!(refusal(nodes.get("node-1").await).code, 500);
    let fault =
        json!({"verb": "create", "resource": "configmaps", "when": {"nth": 2}, "effect": {"status": {"code": 422, "reason": "Invalid"}}});
    let id = process.control("POST", "faults", &fault).await.expect("injected")["id"].clone();
    let maps: Api<ConfigMap> = Api::namespaced(client, "one");
    let create = async |name: &str| maps.create(&PostParams::default(), &object(json!({"metadata": {"name": name}}))).await;
    create("a").await.expect("created");
    assert_eq!(refusal(create("b").await).code, 422);
    let struck = process.control("GET", "faults", &Value::Null).await.expect("faults");
    assert_eq!(struck[id.to_string()], 1);
    process.control("DELETE", "faults", &Value::Null).await.expect("taken back");
    create("b").await.expect("created");
    let objects = process.control("GET", "objects/configmaps", &Value::Null).await.expect("objects");
    assert!(objects.as_array().expect("a list").iter().any(|map| map["metadata"]["name"] == "b"));
    let behaviour = process.control("PATCH", "behaviour", &json!({"metrics": false, "latency": 1})).await.expect("changed");
    assert_eq!((&behaviour["metrics"], &behaviour["latency"]), (&json!(false), &json!(1)));
    let wrong = process.control("PATCH", "behaviour", &json!({"metrix": false})).await;
    assert_eq!(refusal(wrong).code, 400);
    let requests = process.control("GET", "requests", &Value::Null).await.expect("requests");
    assert_eq!(requests["by_kind"]["create configmaps"], 3);
    // The administrator of the cluster is not who drives the simulator.
    let admin = Client::try_from(config(process.text("kubeconfig")).await).expect("a client");
    let request = Request::get("/simulator/counts").body(Vec::new()).expect("a request");
    assert_eq!(refusal(admin.request::<Value>(request).await).code, 401);
}
