//! Creating, reading, changing and deleting.

use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, Preconditions},
};
use serde_json::{Value, json};

use crate::bench::{client, namespace, object, pod, refusal, simulator};

fn map(name: &str, value: &str) -> ConfigMap {
    object(json!({"metadata": {"name": name, "labels": {"tier": value}}, "data": {"key": value}}))
}

#[tokio::test]
async fn an_object_is_created_once_read_changed_and_deleted() {
    let simulator = simulator();
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let maps: Api<ConfigMap> = Api::namespaced(client, "one");
    let created = maps.create(&PostParams::default(), &map("a", "1")).await.expect("created");
    assert!(created.uid().is_some() && created.resource_version().is_some() && created.creation_timestamp().is_some());
    assert_eq!(refusal(maps.create(&PostParams::default(), &map("a", "1")).await).reason, "AlreadyExists");
    let mut changed = maps.get("a").await.expect("found");
    changed.data.get_or_insert_default().insert("more".to_owned(), "2".to_owned());
    let changed = maps.replace("a", &PostParams::default(), &changed).await.expect("replaced");
    assert_ne!(changed.resource_version(), created.resource_version());
    let stale = maps.replace("a", &PostParams::default(), &created).await;
    let refused = refusal(stale);
    assert_eq!((refused.code, refused.reason.as_str()), (409, "Conflict"));
    let other = DeleteParams {
        preconditions: Some(Preconditions { uid: Some("other".to_owned()), resource_version: None }),
        ..DeleteParams::default()
    };
    assert_eq!(refusal(maps.delete("a", &other).await).code, 409);
    assert!(maps.delete("a", &DeleteParams::default()).await.expect("deleted").is_right());
    let gone = refusal(maps.get("a").await);
    assert_eq!((gone.code, gone.reason.as_str(), gone.message.as_str()), (404, "NotFound", "configmaps \"a\" not found"));
}

#[tokio::test]
async fn patches_of_all_kinds_change_what_they_say() {
    let simulator = simulator();
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let pods: Api<Pod> = Api::namespaced(client.clone(), "one");
    let maps: Api<ConfigMap> = Api::namespaced(client, "one");
    maps.create(&PostParams::default(), &map("a", "1")).await.expect("created");
    let merged = maps.patch("a", &PatchParams::default(), &Patch::Merge(json!({"data": {"key": null, "new": "2"}}))).await.expect("merged");
    assert_eq!(merged.data, Some([("new".to_owned(), "2".to_owned())].into()));
    pods.create(&PostParams::default(), &pod("web")).await.expect("created");
    let image = json!({"spec": {"containers": [{"name": "main", "image": "busybox:2"}]}});
    let patched = pods.patch("web", &PatchParams::default(), &Patch::Strategic(image)).await.expect("patched");
    let container = &patched.spec.expect("a spec").containers[0];
    assert_eq!((container.image.as_deref(), container.image_pull_policy.as_deref()), (Some("busybox:2"), Some("IfNotPresent")));
    let command = json!({"spec": {"containers": [{"name": "main", "command": ["true"]}]}});
    let refused = refusal(pods.patch("web", &PatchParams::default(), &Patch::Strategic(command)).await);
    assert_eq!((refused.code, refused.reason.as_str()), (422, "Invalid"));
    let stale = json!({"metadata": {"resourceVersion": "1"}, "data": {"key": "3"}});
    assert_eq!(refusal(maps.patch("a", &PatchParams::default(), &Patch::Merge(stale)).await).code, 409);
}

#[tokio::test]
async fn lists_are_narrowed_by_selectors_and_come_in_pages() {
    let simulator = simulator();
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let maps: Api<ConfigMap> = Api::namespaced(client.clone(), "one");
    for number in 0..7 {
        maps.create(&PostParams::default(), &map(&format!("map-{number}"), if number % 2 == 0 { "even" } else { "odd" }))
            .await
            .expect("created");
    }
    let even = maps.list(&ListParams::default().labels("tier in (even, other),tier!=odd")).await.expect("a list");
    assert_eq!(even.items.len(), 4);
    let named = maps.list(&ListParams::default().fields("metadata.name=map-3")).await.expect("a list");
    assert_eq!(named.items.iter().map(ResourceExt::name_any).collect::<Vec<_>>(), ["map-3"]);
    let (mut token, mut seen) = (None, Vec::new());
    loop {
        let mut params = ListParams::default().labels("tier").limit(3);
        params.continue_token = token;
        let page = maps.list(&params).await.expect("a page");
        assert!(page.items.len() <= 3);
        seen.extend(page.items.iter().map(ResourceExt::name_any));
        token = page.metadata.continue_.filter(|token| !token.is_empty());
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, (0..7).map(|number| format!("map-{number}")).collect::<Vec<_>>());
    let first = maps.list(&ListParams::default().limit(3)).await.expect("a page");
    simulator.compact();
    let late = maps.list(&ListParams { continue_token: first.metadata.continue_, ..ListParams::default().limit(3) }).await;
    assert_eq!(refusal(late).code, 410);
    maps.delete_collection(&DeleteParams::default(), &ListParams::default().labels("tier=odd")).await.expect("deleted");
    assert_eq!(maps.list(&ListParams::default().labels("tier")).await.expect("a list").items.len(), 4);
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_the_field() {
    let simulator = simulator();
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let pods: Api<Pod> = Api::namespaced(client.clone(), "one");
    let mut nameless = pod("x");
    nameless.spec.as_mut().expect("a spec").containers[0].image = None;
    let refused = refusal(pods.create(&PostParams::default(), &nameless).await);
    assert_eq!(refused.details.clone().expect("details").causes[0].field, "spec.containers[0].image");
    let refused = refusal(pods.create(&PostParams::default(), &pod("Upper")).await);
    assert_eq!(refused.details.clone().expect("details").causes[0].field, "metadata.name");
    let elsewhere: Api<Pod> = Api::namespaced(client.clone(), "nowhere");
    assert_eq!(refusal(elsewhere.create(&PostParams::default(), &pod("x")).await).message, "namespaces \"nowhere\" not found");
    let secrets: Api<Secret> = Api::namespaced(client, "one");
    let secret = object(json!({"metadata": {"name": "s"}, "stringData": {"word": "hush"}, "immutable": true}));
    let mut stored = secrets.create(&PostParams::default(), &secret).await.expect("created");
    assert_eq!(stored.data.as_ref().expect("data")["word"].0, b"hush");
    stored.data.as_mut().expect("data").clear();
    assert_eq!(refusal(secrets.replace("s", &PostParams::default(), &stored).await).code, 422);
}

#[tokio::test]
async fn a_dry_run_leaves_nothing() {
    let simulator = simulator();
    let client = client(&simulator).await;
    namespace(&client, "one").await;
    let maps: Api<ConfigMap> = Api::namespaced(client, "one");
    maps.create(&PostParams { dry_run: true, ..PostParams::default() }, &map("a", "1")).await.expect("accepted");
    assert!(simulator.object("configmaps", "one", "a").is_none());
    maps.create(&PostParams::default(), &map("a", "1")).await.expect("created");
    maps.delete("a", &DeleteParams::default().dry_run()).await.expect("accepted");
    let kept = simulator.object("configmaps", "one", "a").expect("kept");
    assert_eq!(kept["data"]["key"], "1");
    assert_ne!(kept["metadata"]["managedFields"], Value::Null);
}
