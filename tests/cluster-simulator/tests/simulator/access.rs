//! Credentials and rights.

use std::time::Duration;

use k8s_openapi::api::{
    authentication::v1::{SelfSubjectReview, TokenRequest},
    authorization::v1::SelfSubjectAccessReview,
    core::v1::{ConfigMap, Namespace, Pod, Secret, ServiceAccount},
    rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding},
};
use kube::{
    Api, Client,
    api::{ListParams, PostParams},
};
use serde_json::{Value, json};

use crate::bench::{client, client_with, config, namespace, object, refusal, simulator};

async fn may(client: &Client, verb: &str, group: &str, resource: &str, namespace: &str) -> bool {
    let (resource, sub) = resource.split_once('/').unwrap_or((resource, ""));
    let attributes = json!({"verb": verb, "group": group, "resource": resource, "subresource": sub, "namespace": namespace});
    let review = object::<SelfSubjectAccessReview>(json!({"spec": {"resourceAttributes": attributes}}));
    let answer = Api::<SelfSubjectAccessReview>::all(client.clone()).create(&PostParams::default(), &review).await.expect("a review");
    answer.status.expect("a status").allowed
}

/// A role and its binding to a user, in a namespace.
async fn grant(client: &Client, namespace: &str, user: &str, rules: Value) {
    let api: Api<Role> = Api::namespaced(client.clone(), namespace);
    api.create(&PostParams::default(), &object(json!({"metadata": {"name": user}, "rules": rules}))).await.expect("a role");
    let binding = json!({
        "metadata": {"name": user}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": user},
        "subjects": [{"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}],
    });
    let bindings: Api<RoleBinding> = Api::namespaced(client.clone(), namespace);
    bindings.create(&PostParams::default(), &object(binding)).await.expect("a binding");
}

#[tokio::test]
async fn a_token_of_a_service_account_expires_and_ends_with_the_account() {
    let simulator = simulator();
    let admin = client(&simulator).await;
    namespace(&admin, "one").await;
    let accounts: Api<ServiceAccount> = Api::namespaced(admin.clone(), "one");
    let request =
        |seconds: i64, audiences: Value| object::<TokenRequest>(json!({"spec": {"expirationSeconds": seconds, "audiences": audiences}}));
    let token = async |seconds, audiences| {
        let answer = accounts.create_token_request("default", &PostParams::default(), &request(seconds, audiences)).await;
        answer.expect("a token").status.expect("a status").token.expect("a token")
    };
    let short = accounts.create_token_request("default", &PostParams::default(), &request(60, json!([]))).await;
    assert_eq!(refusal(short).code, 422);
    let usual = token(900, json!([])).await;
    let who = |client: Client| async move {
        Api::<SelfSubjectReview>::all(client).create(&PostParams::default(), &SelfSubjectReview::default()).await
    };
    let holder = client_with(&simulator, &usual).await;
    let review = who(holder.clone()).await.expect("a review");
    let name = review.status.expect("a status").user_info.expect("a user").username;
    assert_eq!(name.as_deref(), Some("system:serviceaccount:one:default"));
    let elsewhere = client_with(&simulator, &token(900, json!(["somebody-else"])).await).await;
    assert_eq!(refusal(who(elsewhere).await).code, 401);
    let lasting = client_with(&simulator, &token(7200, json!([])).await).await;
    simulator.advance(Duration::from_secs(901));
    assert_eq!(refusal(who(holder).await).code, 401);
    who(lasting.clone()).await.expect("still good");
    accounts.delete("default", &kube::api::DeleteParams::default()).await.expect("deleted");
    assert_eq!(refusal(who(lasting).await).code, 401);
}

#[tokio::test]
async fn a_secret_can_hold_a_lasting_token() {
    let simulator = simulator();
    let admin = client(&simulator).await;
    namespace(&admin, "one").await;
    let secrets: Api<Secret> = Api::namespaced(admin, "one");
    let secret = json!({
        "metadata": {"name": "token", "annotations": {"kubernetes.io/service-account.name": "default"}},
        "type": "kubernetes.io/service-account-token",
    });
    secrets.create(&PostParams::default(), &object(secret)).await.expect("a secret");
    let data = secrets.get("token").await.expect("a secret").data.expect("data");
    let token = String::from_utf8(data["token"].0.clone()).expect("text");
    assert_eq!(data["ca.crt"].0, simulator.ca_pem().into_bytes());
    simulator.advance(Duration::from_hours(24 * 365));
    let holder = client_with(&simulator, &token).await;
    holder.apiserver_version().await.expect("let in");
}

#[tokio::test]
async fn a_client_certificate_says_who_somebody_is() {
    let simulator = simulator();
    let certificate = simulator.certificate_for("carol", &["system:masters"]).expect("a certificate");
    let carol = Client::try_from(config(&simulator.kubeconfig_with(&certificate)).await).expect("a client");
    let review =
        Api::<SelfSubjectReview>::all(carol).create(&PostParams::default(), &SelfSubjectReview::default()).await.expect("a review");
    assert_eq!(review.status.expect("a status").user_info.expect("a user").username.as_deref(), Some("carol"));
}

#[tokio::test]
async fn unknown_and_revoked_tokens_are_not_let_in() {
    let simulator = simulator();
    let token = simulator.token_for("dave", &["system:masters"]);
    let dave = client_with(&simulator, &token).await;
    dave.apiserver_version().await.expect("a version");
    simulator.revoke(&token);
    assert_eq!(refusal(dave.apiserver_version().await).code, 401);
}

#[tokio::test]
async fn rights_are_those_of_the_roles_that_are_bound() {
    let simulator = simulator();
    let admin = client(&simulator).await;
    namespace(&admin, "one").await;
    namespace(&admin, "two").await;
    grant(&admin, "one", "erin", json!([{"apiGroups": [""], "resources": ["pods", "pods/exec"], "verbs": ["get", "list"]}])).await;
    let erin = client_with(&simulator, &simulator.token_for("erin", &[])).await;
    assert!(may(&erin, "list", "", "pods", "one").await);
    assert!(may(&erin, "get", "", "pods/exec", "one").await);
    for (verb, group, resource, place) in
        [("create", "", "pods/exec", "one"), ("list", "", "pods", "two"), ("list", "", "pods", ""), ("list", "apps", "deployments", "one")]
    {
        assert!(!may(&erin, verb, group, resource, place).await, "{verb} {resource} in {place}");
    }
    let pods: Api<Pod> = Api::namespaced(erin.clone(), "one");
    pods.list(&ListParams::default()).await.expect("allowed");
    let refused = refusal(Api::<ConfigMap>::namespaced(erin.clone(), "one").list(&ListParams::default()).await);
    let expected = "configmaps is forbidden: User \"erin\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"one\"";
    assert_eq!((refused.code, refused.message.as_str()), (403, expected));
    assert_eq!(refusal(Api::<Namespace>::all(erin).list(&ListParams::default()).await).code, 403);
}

#[tokio::test]
async fn nobody_gives_rights_that_they_do_not_have() {
    let simulator = simulator();
    let admin = client(&simulator).await;
    namespace(&admin, "one").await;
    let rules = json!([
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
        {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles", "rolebindings"], "verbs": ["create"]},
    ]);
    let clusterwide: Api<ClusterRole> = Api::all(admin.clone());
    clusterwide.create(&PostParams::default(), &object(json!({"metadata": {"name": "maker"}, "rules": rules}))).await.expect("a role");
    let binding = json!({
        "metadata": {"name": "maker"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "maker"},
        "subjects": [{"kind": "Group", "name": "makers", "apiGroup": "rbac.authorization.k8s.io"}],
    });
    Api::<ClusterRoleBinding>::all(admin).create(&PostParams::default(), &object(binding)).await.expect("a binding");
    let maker = client_with(&simulator, &simulator.token_for("frank", &["makers"])).await;
    let api: Api<Role> = Api::namespaced(maker.clone(), "one");
    let role = |name: &str, verbs: &[&str]| {
        object::<Role>(json!({"metadata": {"name": name}, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": verbs}]}))
    };
    api.create(&PostParams::default(), &role("held", &["get"])).await.expect("allowed");
    let refused = refusal(api.create(&PostParams::default(), &role("more", &["get", "delete"])).await);
    assert_eq!(refused.code, 403);
    assert!(refused.message.contains("not currently held"), "{}", refused.message);
    let binding = json!({
        "metadata": {"name": "up"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "User", "name": "frank", "apiGroup": "rbac.authorization.k8s.io"}],
    });
    let bindings: Api<RoleBinding> = Api::namespaced(maker, "one");
    assert_eq!(refusal(bindings.create(&PostParams::default(), &object(binding)).await).code, 403);
}
