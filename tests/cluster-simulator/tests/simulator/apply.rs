//! Server-side apply.

use k8s_openapi::api::{
    core::v1::{ConfigMap, Pod, ResourceQuota},
    rbac::v1::Role,
};
use kube::{
    Api,
    api::{Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};

use crate::bench::{client, namespace, object, refusal, simulator};

fn map(data: &Value) -> Patch<Value> {
    Patch::Apply(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data}))
}

#[tokio::test]
async fn fields_that_are_no_longer_named_are_dropped_unless_another_owns_them() {
    let simulator = simulator();
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let maps: Api<ConfigMap> = Api::namespaced(client, "one");
    let (ours, theirs) = (PatchParams::apply("ours"), PatchParams::apply("theirs"));
    maps.patch("a", &ours, &map(&json!({"x": "1", "y": "2", "z": "3"}))).await.expect("applied");
    maps.patch("a", &theirs, &map(&json!({"y": "2", "own": "t"}))).await.expect("applied");
    let left = maps.patch("a", &ours, &map(&json!({"x": "1"}))).await.expect("applied").data.expect("data");
    let names: Vec<&str> = left.keys().map(String::as_str).collect();
    assert_eq!(names, ["own", "x", "y"]);
    let managers = simulator.object("configmaps", "one", "a").expect("stored")["metadata"]["managedFields"].clone();
    let ours = managers.as_array().expect("a list").iter().find(|entry| entry["manager"] == "ours").expect("an entry");
    assert_eq!((&ours["operation"], &ours["fieldsV1"]), (&json!("Apply"), &json!({"f:data": {"f:x": {}}})));
}

#[tokio::test]
async fn a_field_of_another_manager_is_a_conflict_unless_forced() {
    let simulator = simulator();
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let maps: Api<ConfigMap> = Api::namespaced(client, "one");
    let first: ConfigMap = object(json!({"metadata": {"name": "a"}, "data": {"x": "1"}}));
    maps.create(&PostParams { field_manager: Some("editor".to_owned()), ..PostParams::default() }, &first).await.expect("created");
    let ours = PatchParams::apply("ours");
    let refused = refusal(maps.patch("a", &ours, &map(&json!({"x": "2"}))).await);
    assert_eq!((refused.code, refused.reason.as_str()), (409, "Conflict"));
    assert_eq!(refused.details.clone().expect("details").causes[0].field, ".data.x");
    assert!(refused.message.contains("conflict with \"editor\""), "{}", refused.message);
    // The same value is shared.
    maps.patch("a", &ours, &map(&json!({"x": "1"}))).await.expect("applied");
    let forced = maps.patch("a", &ours.clone().force(), &map(&json!({"x": "2"}))).await.expect("applied");
    assert_eq!(forced.data.expect("data")["x"], "2");
}

#[tokio::test]
async fn the_same_configuration_again_changes_nothing() {
    let simulator = simulator();
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let quotas: Api<ResourceQuota> = Api::namespaced(client, "one");
    let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"pods": "3"}}});
    let ours = PatchParams::apply("ours").force();
    let first = quotas.patch("q", &ours, &Patch::Apply(&quota)).await.expect("applied");
    let again = quotas.patch("q", &ours, &Patch::Apply(&quota)).await.expect("applied");
    let version = simulator.object("resourcequotas", "one", "q").expect("stored")["metadata"]["resourceVersion"].clone();
    assert_eq!(Some(version.as_str().expect("a version").to_owned()), again.metadata.resource_version);
    assert_eq!(first.metadata.uid, again.metadata.uid);
    assert_eq!(again.status.expect("a status").hard.expect("hard")["pods"].0, "3");
}

#[tokio::test]
async fn items_of_lists_are_merged_by_their_keys() {
    let simulator = simulator();
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let pods: Api<Pod> = Api::namespaced(client.clone(), "one");
    let config = |name: &str, container: Value| {
        Patch::Apply(json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "finalizers": ["a.b/c"]}, "spec": {"containers": [container]},
        }))
    };
    let ours = PatchParams::apply("ours");
    pods.patch("p", &ours, &config("p", json!({"name": "main", "image": "x:1", "env": [{"name": "A", "value": "1"}]})))
        .await
        .expect("applied");
    let again = pods
        .patch("p", &ours, &config("p", json!({"name": "main", "image": "x:2", "env": [{"name": "A", "value": "1"}]})))
        .await
        .expect("applied");
    assert_eq!(again.spec.expect("a spec").containers[0].image.as_deref(), Some("x:2"));
    let dropped = Patch::Apply(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [
        {"name": "main", "image": "x:2", "env": [{"name": "A", "value": "1"}]}]}}));
    let dropped = pods.patch("p", &ours, &dropped).await.expect("applied");
    assert_eq!(dropped.metadata.finalizers.unwrap_or_default(), Vec::<String>::new());
    let api: Api<Role> = Api::namespaced(client, "one");
    let role = |verbs: &[&str]| {
        let rules = json!([{"apiGroups": [""], "resources": ["pods"], "verbs": verbs}]);
        Patch::Apply(json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r"}, "rules": rules}))
    };
    api.patch("r", &ours, &role(&["get", "list"])).await.expect("applied");
    let narrowed = api.patch("r", &ours, &role(&["get"])).await.expect("applied");
    assert_eq!(narrowed.rules.expect("rules")[0].verbs, ["get"]);
}
