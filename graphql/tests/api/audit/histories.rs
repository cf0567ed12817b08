//! How something came to be, event by event and page by page.

use domain::{
    Event,
    gamification::scorecard::{ScorecardEvent, Source},
    identity::Role,
    kernel::{AccountId, Points, WorkshopId},
    workshops::shelf::ShelfEvent,
};
use journal::{Append, Metadata, NewEvent, StreamId, StreamWrite};
use serde_json::{Value, json};
use uuid::Uuid;

use super::GRANT;
use crate::platform::{Person, Platform};

const HISTORY: &str = "query($id: ID!, $first: Int, $after: String) { history(nodeId: $id, first: $first, after: $after) {
    edges { cursor node { sentence changes { path before after } event { type } } } pageInfo { hasNextPage hasPreviousPage } } }";

/// How often points are awarded.
const AWARDS: u32 = 320;
/// After so many awards a shelf is filled.
const BETWEEN: u32 = 40;

#[tokio::test]
async fn a_history_tells_how_something_came_to_be_and_nothing_personal() {
    let platform = Platform::start().await;
    let root = platform.person("root", &[Role::Administrator]).await;
    let ada = platform.person("ada", &[]).await;
    platform.data(Some(&root), GRANT, json!({ "input": { "accountId": ada.id, "role": "author" } })).await;
    platform.level().await;
    let data = platform.data(Some(&root), HISTORY, json!({ "id": ada.id, "first": 50 })).await;
    let edges = data["history"]["edges"].as_array().expect("edges").clone();
    let granted = edges.iter().find(|edge| edge["node"]["event"]["type"] == "RoleGranted").expect("it is there");
    let sentence = granted["node"]["sentence"].as_str().expect("a sentence");
    assert!(sentence.starts_with("Role granted by ") && sentence.contains(&root.id) && sentence.contains("author"), "{sentence}");
    assert!(granted["node"]["changes"].as_array().is_some_and(|changes| !changes.is_empty()), "{granted}");
    assert!(!data.to_string().contains(&ada.email) && !data.to_string().contains("sealed"), "{data}");
    let first = platform.data(Some(&root), HISTORY, json!({ "id": ada.id, "first": 1 })).await;
    assert_eq!(first["history"]["pageInfo"]["hasNextPage"], true);
    let rest = json!({ "id": ada.id, "first": 50, "after": first["history"]["edges"][0]["cursor"] });
    let rest = platform.data(Some(&root), HISTORY, rest).await;
    assert_eq!(rest["history"]["edges"].as_array().map(Vec::as_slice), Some(&edges[1..]));
    assert_eq!(platform.code(Some(&root), HISTORY, json!({ "id": "nothing" })).await, "BAD_USER_INPUT");
    assert_eq!(platform.code(Some(&ada), HISTORY, json!({ "id": ada.id })).await, "FORBIDDEN");
}

#[tokio::test]
async fn a_long_history_is_the_same_in_pages_of_whatever_size() {
    let platform = Platform::with(|options| options.limits.complexity = 2000).await;
    let root = platform.person("root", &[Role::Administrator]).await;
    let (id, workshop) = (AccountId(Uuid::now_v7()), WorkshopId(Uuid::now_v7()));
    live(&platform, &root, id, workshop).await;
    platform.level().await;
    let all = forward(&platform, &root, id, 100).await;
    let (awards, fillings): (Vec<&Value>, Vec<&Value>) =
        all.iter().map(|edge| &edge["node"]).partition(|node| node["event"]["type"] == "PointsAwarded");
    for (before, award) in awards.iter().enumerate() {
        let sentence = award["sentence"].as_str().expect("a sentence");
        assert!(sentence.starts_with("Points awarded by root (") && sentence.ends_with(&format!(", total {}.", before + 1)), "{sentence}");
        assert_eq!(award["changes"], json!(award_changes(before, workshop)));
    }
    for (before, filling) in fillings.iter().enumerate() {
        let change = change(&format!("held.{}", workshop.0), (before > 0).then_some(before), before + 1);
        assert_eq!(filling["changes"].as_array().and_then(|changes| changes.last()), Some(&change));
    }
    assert_eq!((awards.len(), fillings.len()), (320, 8));
    let between = all.iter().position(|edge| edge["node"]["event"]["type"] == "ShelfFilled");
    assert_eq!(between, Some(40), "in the order in which it happened");

    for size in [7, 50, 99] {
        assert_eq!(forward(&platform, &root, id, size).await, all, "{size}");
        let mut end = all.len();
        while end > 0 {
            let begin = end.saturating_sub(size);
            let after = begin.checked_sub(1).map_or(Value::Null, |last| all[last]["cursor"].clone());
            let found = page(&platform, &root, id, end - begin, &after).await;
            assert_eq!(found, (all[begin..end].to_vec(), end < all.len()), "{begin} to {end}");
            end = begin;
        }
    }
    assert_eq!(page(&platform, &root, id, 0, &Value::Null).await, (vec![], true));
    let last = &all[all.len() - 1]["cursor"];
    assert_eq!(page(&platform, &root, id, 7, last).await, (vec![], false));
    assert_eq!(platform.code(Some(&root), HISTORY, json!({ "id": id.to_string(), "first": 101 })).await, "BAD_USER_INPUT");
}

/// A page's edges, and whether there is more after it.
async fn page(platform: &Platform, by: &Person, id: AccountId, first: usize, after: &Value) -> (Vec<Value>, bool) {
    let data = platform.data(Some(by), HISTORY, json!({ "id": id.to_string(), "first": first, "after": after })).await;
    let list = &data["history"];
    assert_eq!(list["pageInfo"]["hasPreviousPage"], !after.is_null());
    (list["edges"].as_array().expect("edges").clone(), list["pageInfo"]["hasNextPage"] == true)
}

/// All edges, in pages of a size.
async fn forward(platform: &Platform, by: &Person, id: AccountId, size: usize) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let (edges, is_more) = page(platform, by, id, size, &after).await;
        assert!(edges.len() == size || !is_more, "{} of {size}", edges.len());
        all.extend(edges);
        if !is_more {
            return all;
        }
        after = all[all.len() - 1]["cursor"].clone();
    }
}

fn change(path: &str, before: impl Into<Value>, after: impl Into<Value>) -> Value {
    let (before, after): (Value, Value) = (before.into(), after.into());
    json!({ "path": path, "before": before, "after": after })
}

/// What an award changes, if there were so many before it.
fn award_changes(before: usize, workshop: WorkshopId) -> Vec<Value> {
    let was_empty = (before == 0).then(|| change("earned", json!([]), Value::Null));
    let changes = [
        change(&format!("earned.{before}.step.step"), Value::Null, format!("step-{:03}", before + 1)),
        change(&format!("earned.{before}.step.workshop"), Value::Null, workshop.0.to_string()),
        change("total", before, before + 1),
    ];
    was_empty.into_iter().chain(changes).collect()
}

/// Points are awarded, one each time, and now and then a shelf is filled by one more.
async fn live(platform: &Platform, by: &Person, id: AccountId, workshop: WorkshopId) {
    let award = |total: u32| {
        let source = Source::Step { workshop, step: format!("step-{total:03}") };
        ScorecardEvent::Awarded { learner: id, source, points: Points(1), total: Points(total) }
    };
    for part in 0..AWARDS / BETWEEN {
        let (before, used) = (part * BETWEEN, u64::from(part) + 1);
        let awards: Vec<_> = (before + 1..=before + BETWEEN).map(award).collect();
        record(platform, by, StreamId::new("scorecard", id.0), before, &awards).await;
        let filled = ShelfEvent::Filled { workshop, bytes: used, used };
        record(platform, by, StreamId::new("shelf", id.0), part, &[filled]).await;
    }
}

/// Records events past the commands, which would take long to make so many.
async fn record<E: Event>(platform: &Platform, by: &Person, stream: StreamId, expected: u32, events: &[E]) {
    let new = |event: &E| {
        let payload = serde_json::to_value(event).expect("an event is JSON");
        NewEvent { id: Uuid::now_v7(), name: event.name().to_owned(), version: event.version(), payload }
    };
    let metadata = Metadata {
        command: Uuid::now_v7(),
        correlation: Uuid::now_v7(),
        causation: None,
        actor: by.id.clone(),
        via: None,
        on_behalf_of: None,
        address: None,
        address_digest: None,
        operation: None,
        traceparent: None,
    };
    let write = StreamWrite { stream, expected: expected.into(), events: events.iter().map(new).collect() };
    platform.services.journal.append(Append { writes: vec![write], metadata, receipt: None, fence: None }).await.expect("an append");
}
