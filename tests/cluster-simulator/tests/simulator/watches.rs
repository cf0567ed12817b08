//! Watches, and a client's watcher that survives what befalls them.

use std::collections::BTreeSet;

use futures_util::{Stream, StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams},
    runtime::{WatchStreamExt, watcher},
};
use serde_json::json;
use test_cluster_simulator::{Effect, Fault, Options, Simulator, When};

use crate::bench::{client, eventually, namespace, object, refusal, simulator, soon};

async fn maps(simulator: &Simulator) -> Api<ConfigMap> {
    let client = client(simulator).await;
    namespace(&client, "one").await;
    Api::namespaced(client, "one")
}

async fn add(maps: &Api<ConfigMap>, name: &str) -> ConfigMap {
    let map = object(json!({"metadata": {"name": name, "labels": {"shown": "yes"}}}));
    maps.create(&PostParams::default(), &map).await.expect("a map")
}

fn told(event: &WatchEvent<ConfigMap>) -> String {
    match event {
        WatchEvent::Added(map) => format!("added {}", map.name_any()),
        WatchEvent::Modified(map) => format!("modified {}", map.name_any()),
        WatchEvent::Deleted(map) => format!("deleted {}", map.name_any()),
        WatchEvent::Bookmark(_) => "bookmark".to_owned(),
        WatchEvent::Error(status) => format!("error {}", status.code),
    }
}

#[tokio::test]
async fn changes_come_in_order_as_the_selector_sees_them() {
    let simulator = simulator();
    let maps = maps(&simulator).await;
    let before = add(&maps, "first").await.resource_version().expect("a version");
    let params = WatchParams::default().labels("shown=yes").disable_bookmarks();
    let mut events = maps.watch(&params, &before).await.expect("a watch").boxed();
    add(&maps, "second").await;
    maps.patch("first", &PatchParams::default(), &Patch::Merge(json!({"data": {"a": "b"}}))).await.expect("patched");
    let hidden = Patch::Merge(json!({"metadata": {"labels": {"shown": "no"}}}));
    maps.patch("second", &PatchParams::default(), &hidden).await.expect("patched");
    maps.delete("first", &DeleteParams::default()).await.expect("deleted");
    let mut seen = Vec::new();
    while seen.len() < 4 {
        let event = soon(events.try_next()).await.expect("an event").expect("more");
        seen.push(told(&event));
    }
    assert_eq!(seen, ["added second", "modified first", "deleted second", "deleted first"]);
}

#[tokio::test]
async fn bookmarks_come_and_forgotten_versions_are_gone() {
    let options = Options { bookmarks: std::time::Duration::from_millis(20), ..Options::default() };
    let simulator = Simulator::start(&options).expect("a simulator");
    let maps = maps(&simulator).await;
    let before = add(&maps, "first").await.resource_version().expect("a version");
    let mut events = maps.watch(&WatchParams::default(), &before).await.expect("a watch").boxed();
    assert_eq!(told(&soon(events.try_next()).await.expect("an event").expect("more")), "bookmark");
    simulator.compact();
    let mut late = maps.watch(&WatchParams::default(), &before).await.expect("a watch").boxed();
    assert_eq!(told(&soon(late.try_next()).await.expect("an event").expect("more")), "error 410");
    assert_eq!(refusal(maps.watch(&WatchParams::default(), "yesterday").await.map(drop)).code, 400);
}

/// Follows until everything expected is known.
async fn until<S: Stream<Item = Result<watcher::Event<ConfigMap>, watcher::Error>> + Unpin>(
    events: &mut S,
    known: &mut BTreeSet<String>,
    expected: &[&str],
) {
    let expected: BTreeSet<String> = expected.iter().map(|name| (*name).to_owned()).collect();
    soon(async {
        while *known != expected {
            match events.next().await.expect("a watcher never ends") {
                Ok(watcher::Event::Apply(map) | watcher::Event::InitApply(map)) => drop(known.insert(map.name_any())),
                Ok(watcher::Event::Delete(map)) => drop(known.remove(&map.name_any())),
                Ok(watcher::Event::Init) => known.clear(),
                Ok(watcher::Event::InitDone) | Err(_) => {}
            }
        }
    })
    .await;
}

async fn survives(config: watcher::Config) {
    let simulator = simulator();
    let maps = maps(&simulator).await;
    let watched = config.labels("shown=yes");
    let mut events = watcher(maps.clone(), watched).default_backoff().boxed();
    let mut known = BTreeSet::new();
    add(&maps, "a").await;
    until(&mut events, &mut known, &["a"]).await;
    simulator.drop_watches();
    add(&maps, "b").await;
    until(&mut events, &mut known, &["a", "b"]).await;
    // While it is away, so much happens that it cannot go on from where it was.
    simulator.inject(Fault::new(Effect::Unavailable).on("watch", "configmaps").when(When::First(1)));
    simulator.drop_watches();
    maps.delete("a", &DeleteParams::default()).await.expect("deleted");
    add(&maps, "c").await;
    simulator.compact();
    until(&mut events, &mut known, &["b", "c"]).await;
    simulator.inject(Fault::new(Effect::DropWatch { after: 1 }).on("watch", "configmaps").when(When::First(3)));
    simulator.drop_watches();
    for name in ["d", "e", "f"] {
        add(&maps, name).await;
    }
    until(&mut events, &mut known, &["b", "c", "d", "e", "f"]).await;
}

#[tokio::test]
async fn a_watcher_that_lists_survives_drops_and_410() {
    survives(watcher::Config::default()).await;
}

#[tokio::test]
async fn a_watcher_that_streams_lists_survives_drops_and_410() {
    survives(watcher::Config::default().streaming_lists()).await;
}

#[tokio::test]
async fn a_version_that_is_yet_to_come_is_refused() {
    let simulator = simulator();
    let maps = maps(&simulator).await;
    // The client asks again and again.
    let watching = tokio::spawn(async move { maps.watch(&WatchParams::default(), "1000000").await.map(drop) });
    eventually("it is refused", async || simulator.requests().by_status.contains_key(&504)).await;
    assert!(!watching.is_finished());
    watching.abort();
}

#[tokio::test]
async fn a_frozen_watch_stays_open_and_silent() {
    let simulator = simulator();
    let maps = maps(&simulator).await;
    let before = add(&maps, "first").await.resource_version().expect("a version");
    let mut events = maps.watch(&WatchParams::default().disable_bookmarks(), &before).await.expect("a watch").boxed();
    add(&maps, "second").await;
    assert_eq!(told(&soon(events.try_next()).await.expect("an event").expect("more")), "added second");
    simulator.freeze_watches();
    // The watch that is frozen says nothing, another one tells.
    let mut other = maps.watch(&WatchParams::default().disable_bookmarks(), &before).await.expect("a watch").boxed();
    add(&maps, "third").await;
    for expected in ["added second", "added third"] {
        assert_eq!(told(&soon(other.try_next()).await.expect("an event").expect("more")), expected);
    }
    assert!(futures_util::poll!(events.next()).is_pending());
}
