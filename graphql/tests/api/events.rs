//! Reading the journal.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use commands::{Request, audit::Deed};
use domain::identity::Role;
use futures_util::future::try_join_all;
use journal::{Link, Position, SignedCheckpoint};
use serde_json::{Value, json};

use crate::{
    leaderboards::read,
    platform::{Person, Platform, pages},
    socket::Socket,
};

const EVENTS: &str = "query($filter: EventFilter, $first: Int, $after: String, $last: Int, $before: String) {
    events(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { id position cursor sequence type version recordedAt actor stream { kind id } payload metadata } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

async fn history(platform: &Platform) -> (Person, Person, String) {
    let analyst = platform.person("analyst", &[Role::Analyst, Role::Author]).await;
    let learner = platform.person("learner", &[]).await;
    let workshop = platform.workshop(&analyst, "pages", pages(3)).await;
    read(platform, &learner, &workshop, 3).await;
    // What follows from it is recorded too, and then no more is.
    let all = |data: &Value| types(data).iter().filter(|name| *name == "PointsAwarded").count() == 3;
    platform.until(&analyst, EVENTS, json!({ "first": 40 }), all).await;
    (analyst, learner, workshop)
}

fn nodes(data: &Value) -> Vec<&Value> {
    data["events"]["edges"].as_array().expect("edges").iter().map(|edge| &edge["node"]).collect()
}

fn types(data: &Value) -> Vec<String> {
    nodes(data).iter().map(|node| node["type"].as_str().expect("a type").to_owned()).collect()
}

fn positions(data: &Value) -> Vec<i64> {
    nodes(data).iter().map(|node| node["position"].as_i64().expect("a position")).collect()
}

#[tokio::test]
async fn events_are_paged_forward_and_backward() {
    let platform = Platform::start().await;
    let (analyst, ..) = history(&platform).await;
    // Each page that is read leaves a note in the journal, after what is asked for here.
    let until = json!({ "to": Utc::now() });
    let all = positions(&platform.data(Some(&analyst), EVENTS, json!({ "filter": until, "first": 40 })).await);
    assert_eq!(all, (1..=i64::try_from(all.len()).expect("a few")).collect::<Vec<_>>());

    let (mut forward, mut after) = (vec![], Value::Null);
    loop {
        let data = platform.data(Some(&analyst), EVENTS, json!({ "filter": until, "first": 4, "after": after })).await;
        forward.extend(positions(&data));
        after = data["events"]["pageInfo"]["endCursor"].clone();
        if data["events"]["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(forward, all);

    let (mut backward, mut before) = (vec![], Value::Null);
    loop {
        let data = platform.data(Some(&analyst), EVENTS, json!({ "filter": until, "last": 4, "before": before })).await;
        backward.splice(0..0, positions(&data));
        before = data["events"]["pageInfo"]["startCursor"].clone();
        if data["events"]["pageInfo"]["hasPreviousPage"] == false {
            break;
        }
    }
    assert_eq!(backward, all);
    assert_eq!(platform.code(Some(&analyst), EVENTS, json!({ "first": 1, "last": 1 })).await, "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_page_looks_at_as_many_events_wherever_its_cursor_says_it_begins() {
    const FOLLOW: &str = "subscription($after: String) { events(after: $after) { type position } }";
    let platform = Platform::start().await;
    let analyst = platform.person("analyst", &[Role::Analyst]).await;
    let system = Request::system("test");
    let audit = &platform.services.commands.audit;
    // More than are read at once, and fewer than a page looks at.
    try_join_all((0..700).map(|_| audit.record(&system, Deed::accepted("node", vec![])))).await.expect("noted");
    let at = |position: i64| URL_SAFE_NO_PAD.encode(position.to_string());
    let page = async |name: &str, count: &str, cursor: &str, place: Option<i64>| {
        let asked = json!({ "filter": { "types": [name] }, count: 1, cursor: place.map(at) });
        platform.data(Some(&analyst), EVENTS, asked).await
    };
    let [begin, beyond, before] = [Some(0), Some(i64::MAX), Some(i64::MIN)];
    let directions =
        [("first", "after", "hasNextPage", [None, begin, before]), ("last", "before", "hasPreviousPage", [None, beyond, beyond])];
    for (count, cursor, more, places) in directions {
        for place in places {
            let data = page("AccountRegistered", count, cursor, place).await;
            assert_eq!(types(&data), ["AccountRegistered"], "{count} {place:?}");
            let data = page("NothingSuch", count, cursor, place).await;
            assert_eq!(types(&data), Vec::<String>::new(), "{count} {place:?}");
            assert_eq!(data["events"]["pageInfo"][more], false, "all were looked at: {count} {place:?}");
        }
    }
    for (count, cursor, place) in [("first", "after", beyond), ("last", "before", before)] {
        assert_eq!(types(&page("AccountRegistered", count, cursor, place).await), Vec::<String>::new(), "{count} {place:?}");
    }
    let mut socket = Socket::of(&platform, &analyst).await;
    socket.subscribe("e", FOLLOW, json!({ "after": at(i64::MIN) })).await;
    assert_eq!(socket.item("e").await["events"]["position"], 1, "from the first on");
}

#[tokio::test]
async fn events_are_filtered() {
    let platform = Platform::start().await;
    let (analyst, learner, workshop) = history(&platform).await;
    let found = async |filter: Value| {
        let forward = platform.data(Some(&analyst), EVENTS, json!({ "filter": filter, "first": 40 })).await;
        let backward = platform.data(Some(&analyst), EVENTS, json!({ "filter": filter, "last": 40 })).await;
        assert_eq!(positions(&forward), positions(&backward));
        forward
    };
    assert_eq!(types(&found(json!({ "streamKind": "workshop" })).await), ["WorkshopDrafted", "WorkshopPublished"]);
    assert_eq!(types(&found(json!({ "streamId": workshop })).await), ["WorkshopDrafted", "WorkshopPublished"]);
    let published = found(json!({ "streamKind": "workshop", "streamId": workshop, "types": ["WorkshopPublished"] })).await;
    assert_eq!(types(&published), ["WorkshopPublished"]);
    assert_eq!(types(&found(json!({ "types": ["StepCompleted"], "actor": learner.id })).await).len(), 3);
    assert_eq!(types(&found(json!({ "types": ["StepCompleted"], "actor": analyst.id })).await), Vec::<String>::new());

    // Without the notes of what is read here.
    let all = found(json!({ "to": Utc::now() })).await;
    let at = |node: &Value| node["recordedAt"].as_str().and_then(|text| text.parse::<DateTime<Utc>>().ok()).expect("an instant");
    let (from, to) = (at(nodes(&all)[3]), at(nodes(&all)[8]));
    let between =
        nodes(&all).into_iter().filter(|node| (from..=to).contains(&at(node))).map(|node| node["position"].as_i64().expect("one"));
    let expected: Vec<i64> = between.collect();
    assert_eq!(positions(&found(json!({ "from": from, "to": to })).await), expected);
    let (first, last) = (at(nodes(&all)[0]), at(nodes(&all).last().expect("one")));
    let hour = chrono::TimeDelta::hours(1);
    assert_eq!(positions(&found(json!({ "from": last + hour })).await), Vec::<i64>::new());
    assert_eq!(positions(&found(json!({ "to": first - hour })).await), Vec::<i64>::new());
    let wrong = json!({ "filter": { "streamId": "nonsense" } });
    assert_eq!(platform.code(Some(&analyst), EVENTS, wrong).await, "BAD_USER_INPUT");
}

#[tokio::test]
async fn of_personal_values_only_their_owner_is_shown() {
    let platform = Platform::start().await;
    let (analyst, learner, _) = history(&platform).await;
    let data = platform.data(Some(&analyst), EVENTS, json!({ "filter": { "types": ["AccountRegistered"] } })).await;
    let subject = domain::kernel::AccountId(learner.id.parse::<domain::kernel::AccountId>().expect("an id").0).0;
    let registered = &nodes(&data)[1]["payload"]["Registered"];
    assert_eq!(registered["email"], json!({ "$personal": { "subject": subject } }));
    let all = platform.data(Some(&analyst), EVENTS, json!({ "first": 40 })).await.to_string();
    assert!(!all.contains("sealed") && !all.contains("example.org"));
    // The address that somebody came from is theirs as well.
    let data = platform.data(Some(&analyst), EVENTS, json!({ "filter": { "types": ["SignedIn"], "actor": learner.id } })).await;
    assert_eq!(nodes(&data)[0]["metadata"]["address"], json!({ "$personal": { "subject": subject } }));
}

#[tokio::test]
async fn requests_are_recorded_with_what_ties_them_together() {
    let platform = Platform::start().await;
    let analyst = platform.person("analyst", &[Role::Analyst]).await;
    let correlation = uuid::Uuid::now_v7();
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let query = "mutation { signOut { signedOut } }";
    let request = platform.http().bearer_auth(&analyst.token).json(&json!({ "query": query }));
    let request = request.header("x-request-id", correlation.to_string()).header("traceparent", traceparent);
    let response = request.send().await.expect("an answer");
    assert_eq!(response.headers()["x-request-id"], correlation.to_string().as_str());
    let analyst = platform.sign_in(&analyst.email).await;
    let data = platform.data(Some(&analyst), EVENTS, json!({ "filter": { "types": ["SignedOut"] } })).await;
    let metadata = &nodes(&data)[0]["metadata"];
    assert_eq!((&metadata["correlation"], &metadata["traceparent"]), (&json!(correlation), &json!(traceparent)));
}

#[tokio::test]
async fn the_journal_is_for_analysts_and_administrators() {
    let platform = Platform::start().await;
    let author = platform.person("author", &[Role::Author]).await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    assert_eq!(platform.code(Some(&author), EVENTS, json!({})).await, "FORBIDDEN");
    assert_eq!(platform.code(None, EVENTS, json!({})).await, "UNAUTHENTICATED");
    assert!(!positions(&platform.data(Some(&admin), EVENTS, json!({})).await).is_empty());
}

const HEAD: &str = "{ journalHead { journal position hash checkpoint { position hash note } } }";

#[tokio::test]
async fn the_head_of_the_journal_can_be_kept_elsewhere() {
    let platform = Platform::start().await;
    let analyst = platform.person("analyst", &[Role::Analyst]).await;
    let learner = platform.person("learner", &[]).await;
    assert_eq!(platform.code(Some(&learner), HEAD, json!({})).await, "FORBIDDEN");
    let data = platform.data(Some(&analyst), HEAD, json!({})).await;
    let head = &data["journalHead"];
    // Notes for the audit may have come since.
    let position = head["position"].as_i64().expect("a position");
    assert!((1..=platform.services.journal.head().await.expect("a head").0).contains(&position), "{head}");
    let last = platform.services.journal.read(Position(position - 1), 1).await.expect("an event").remove(0);
    assert_eq!(head["journal"], json!(platform.services.journal.id()));
    assert_eq!(head["hash"], json!(hex::encode(last.hash)));
    assert_eq!(head["checkpoint"], Value::Null, "nothing has been signed yet");

    let link = Link { position: Position(2), hash: [0xab; 32] };
    let signed = SignedCheckpoint { link, signed_at: last.recorded_at, note: "signed\n".into() };
    platform.services.journal.put_signed_checkpoint(signed).await.expect("kept");
    let data = platform.data(Some(&analyst), HEAD, json!({})).await;
    let wanted = json!({ "position": 2, "hash": "ab".repeat(32), "note": "signed\n" });
    assert_eq!(data["journalHead"]["checkpoint"], wanted);
}
