//! vClusters, and the ports of pods that lead into them.

use base64::{Engine, prelude::BASE64_STANDARD};
use k8s_openapi::api::{
    apps::v1::StatefulSet,
    core::v1::{Pod, Secret, ServiceAccount},
    rbac::v1::{Role, RoleBinding},
};
use kube::{
    Api, Client,
    api::{DeleteParams, PostParams},
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::bench::{client, client_with, config, eventually, namespace, object, pod, refusal, simulator, soon};

async fn create<K>(client: &Client, value: Value)
where
    K: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>
        + Clone
        + std::fmt::Debug
        + serde::de::DeserializeOwned
        + serde::Serialize,
{
    Api::<K>::namespaced(client.clone(), "one").create(&PostParams::default(), &object(value)).await.expect("created");
}

/// A stateful set whose pod is the control plane of a vCluster, whose account has these verbs on secrets.
async fn control_plane(client: &Client, verbs: &[&str]) {
    namespace(client, "one").await;
    let settings = json!({"controlPlane": {"proxy": {"port": 9443, "extraSANs": ["inner.one.svc"]}},
        "exportKubeConfig": {"server": "https://inner.one.svc"}});
    create::<Secret>(client, json!({"metadata": {"name": "settings"}, "stringData": {"config.yaml": settings.to_string()}})).await;
    create::<ServiceAccount>(client, json!({"metadata": {"name": "inner"}})).await;
    let rules = json!([{"apiGroups": [""], "resources": ["secrets"], "verbs": verbs}]);
    create::<Role>(client, json!({"metadata": {"name": "inner"}, "rules": rules})).await;
    let subjects = json!([{"kind": "ServiceAccount", "name": "inner", "namespace": "one"}]);
    let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "inner"});
    create::<RoleBinding>(client, json!({"metadata": {"name": "inner"}, "subjects": subjects, "roleRef": role})).await;
    let container = json!({"name": "syncer", "image": "a", "env": [{"name": "VCLUSTER_NAME", "value": "inner"}],
        "volumeMounts": [{"name": "settings", "mountPath": "/var/lib/vcluster"}]});
    let volumes = json!([{"name": "settings", "secret": {"secretName": "settings"}}]);
    let spec = json!({"serviceAccountName": "inner", "containers": [container], "volumes": volumes});
    let (labels, service) = (json!({"app": "inner"}), "inner");
    create::<StatefulSet>(
        client,
        json!({"metadata": {"name": "inner"}, "spec": {"replicas": 1, "serviceName": service, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec}}}),
    )
    .await;
}

fn entry(secret: &Value, name: &str) -> String {
    let bytes = BASE64_STANDARD.decode(secret["data"][name].as_str().expect("an entry")).expect("base64");
    String::from_utf8(bytes).expect("text")
}

#[tokio::test]
async fn a_control_plane_writes_what_it_is_reached_with_and_goes_with_its_set() {
    let simulator = simulator();
    let client = client(&simulator).await;
    control_plane(&client, &["create", "update"]).await;
    let inner = simulator.vcluster("one").expect("a vCluster");
    let secret = simulator.object("secrets", "one", "vc-inner").expect("a kubeconfig");
    let kubeconfig = entry(&secret, "config");
    assert!(kubeconfig.contains("server: https://inner.one.svc\n"), "{kubeconfig}");
    config(&kubeconfig).await;
    assert_eq!(entry(&secret, "certificate-authority"), inner.ca_pem());
    assert_ne!(inner.ca_pem(), simulator.ca_pem());
    assert!(entry(&secret, "client-certificate").contains("BEGIN CERTIFICATE") && entry(&secret, "client-key").contains("PRIVATE KEY"));
    inner.put("configmaps", "default", "inside", json!({"data": {}}));
    assert!(simulator.object("configmaps", "default", "inside").is_none() && inner.object("pods", "one", "inner-0").is_none());
    Api::<StatefulSet>::namespaced(client.clone(), "one").delete("inner", &DeleteParams::foreground()).await.expect("deleted");
    eventually("the vCluster is gone", async || simulator.vcluster("one").is_none()).await;
}

#[tokio::test]
async fn a_control_plane_that_may_not_write_secrets_does_not_come_up() {
    let simulator = simulator();
    control_plane(&client(&simulator).await, &["get"]).await;
    assert!(simulator.object("pods", "one", "inner-0").is_some() && simulator.object("secrets", "one", "vc-inner").is_none());
    assert!(simulator.vcluster("one").is_none());
}

/// What comes back of a port that something is said to that is not TLS.
async fn said(pods: &Api<Pod>, name: &str, port: u16) -> (Vec<u8>, Option<String>) {
    let mut ports = pods.portforward(name, &[port]).await.expect("forwarded");
    let (mut stream, wrong) = (ports.take_stream(port).expect("a stream"), ports.take_error(port).expect("its errors"));
    let mut answer = Vec::new();
    let _ = stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await;
    soon(stream.read_to_end(&mut answer)).await.expect("an end");
    drop(stream);
    (answer, soon(wrong).await)
}

#[tokio::test]
async fn a_port_is_forwarded_if_somebody_listens_there_and_who_asks_may() {
    let simulator = simulator();
    let client = client(&simulator).await;
    control_plane(&client, &["create", "update"]).await;
    let pods = Api::<Pod>::namespaced(client.clone(), "one");
    pods.create(&PostParams::default(), &pod("idle")).await.expect("a pod");
    let (answer, wrong) = said(&pods, "inner-0", 9443).await;
    assert!(answer.first().is_some_and(|kind| *kind == 21) && wrong.is_none(), "a TLS alert: {answer:?} {wrong:?}");
    eventually("nothing is forwarded", async || simulator.tunnels() == 0).await;
    for (name, port) in [("inner-0", 8080), ("idle", 9443)] {
        let (answer, wrong) = said(&pods, name, port).await;
        assert!(answer.is_empty() && wrong.as_ref().is_some_and(|why| why.contains("connection refused")), "{wrong:?}");
        eventually("nothing is forwarded", async || simulator.tunnels() == 0).await;
    }
    assert!(pods.portforward("nobody", &[80]).await.is_err());
    let erin = client_with(&simulator, &simulator.token_for("erin", &[])).await;
    let refused = Api::<Pod>::namespaced(erin.clone(), "one").portforward("inner-0", &[9443]).await.err().expect("refused");
    assert!(refused.to_string().contains("403"), "{refused}");
    refusal(Api::<Pod>::namespaced(erin, "one").get("inner-0").await);
}
