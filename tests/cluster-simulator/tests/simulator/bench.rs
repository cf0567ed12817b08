//! What the tests share: a cluster and clients of it.

use std::time::Duration;

use k8s_openapi::{
    api::core::v1::{Namespace, Pod},
    apimachinery::pkg::apis::meta::v1::Status,
};
use kube::{
    Api, Client, Config,
    api::PostParams,
    config::{KubeConfigOptions, Kubeconfig},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use test_cluster_simulator::{Options, Simulator};

/// Generous: nothing here is about speed.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) fn simulator() -> Simulator {
    Simulator::start(&Options::default()).expect("a simulator")
}

pub(crate) async fn config(kubeconfig: &str) -> Config {
    let kubeconfig = Kubeconfig::from_yaml(kubeconfig).expect("a kubeconfig");
    Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.expect("a configuration")
}

/// The administrator's client.
pub(crate) async fn client(simulator: &Simulator) -> Client {
    Client::try_from(config(&simulator.kubeconfig()).await).expect("a client")
}

pub(crate) async fn client_with(simulator: &Simulator, token: &str) -> Client {
    Client::try_from(config(&simulator.kubeconfig_for(token)).await).expect("a client")
}

/// An object of any type, from JSON.
pub(crate) fn object<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("an object")
}

pub(crate) async fn namespace(client: &Client, name: &str) -> Namespace {
    let new = object(json!({"metadata": {"name": name}}));
    Api::all(client.clone()).create(&PostParams::default(), &new).await.expect("a namespace")
}

pub(crate) fn pod(name: &str) -> Pod {
    object(json!({"metadata": {"name": name, "labels": {"app": name}}, "spec": {"containers": [{"name": "main", "image": "busybox:1"}]}}))
}

/// The refusal that a result is.
#[track_caller]
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, kube::Error>) -> Box<kube::core::Status> {
    match result {
        Err(kube::Error::Api(status)) => status,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// Waits until something holds.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(waited.await.is_ok(), "never: {what}");
}

/// Fails instead of hanging.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("an end")
}

pub(crate) fn succeeded(status: &Status) -> bool {
    status.status.as_deref() == Some("Success")
}
