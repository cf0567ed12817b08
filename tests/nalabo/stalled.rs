//! One of a thousand subscribers takes nothing of what it is sent.

use futures_util::future::join_all;
use nalabo::client::Subscription;
use serde_json::{Value, json};

use crate::{
    authoring::reading,
    feed,
    people::Person,
    site::{PATIENCE, Server, Site},
};

/// They are all of one account, and come from one address.
const SETTINGS: [(&str, &str); 3] =
    [("NALABO_TELEMETRY__LOG", "warn"), ("NALABO_SOCKETS__ADDRESS_AT_ONCE", "0"), ("NALABO_SOCKETS__ACCOUNT_AT_ONCE", "0")];
const SUBSCRIBERS: usize = 1000;
/// More than the kernel keeps for a connection on either side, so that the server has to wait.
const EVENTS: usize = 600;
const BYTES: usize = 50_000;
/// What the server may need more than before, whatever the stalled one is owed.
const MEBIBYTES: u64 = 150;
const DRAFTS: usize = 100;
/// Each subscription is noted in the audit, so that a thousand of them who follow everything are told of a thousand others.
const FOLLOW: &str = "subscription($after: String) { events(filter: { streamKind: \"workshop\" }, after: $after) { position } }";
const LIST: &str = "query($after: String) { events(filter: { streamKind: \"workshop\" }, after: $after, first: 100) {
    nodes { position } pageInfo { hasNextPage } } }";
const FOLLOW_ALL: &str = "subscription($after: String) { events(after: $after) { position cursor payload } }";

/// Of the process, in MiB.
fn resident(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
}

/// These positions, in order.
async fn follow(events: &mut Subscription, positions: &[i64]) {
    let mut expected = positions.iter();
    let step = |data: &Value| {
        assert_eq!(data["events"]["position"].as_i64().as_ref(), expected.next(), "neither a gap nor the same twice");
        expected.as_slice().is_empty().then_some(())
    };
    events.until("the last event", PATIENCE * 2, step).await.expect("told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_stalled_subscriber_of_a_thousand_costs_the_others_nothing_and_goes_on_where_it_stopped() {
    let site = Site::new();
    feed::streams(&site, "trial", "TrialHeld", &json!({ "text": "x".repeat(BYTES) }), EVENTS).await;
    let server = site.serve_with(&SETTINGS);
    let administrator = Person::administrator(&server).await;
    let author = Person::with_role(&server, "author", "author").await;
    let last = administrator.query("{ events(last: 1) { nodes { position cursor } } }", Value::Null).await["events"]["nodes"][0].clone();
    let (from, cursor) = (last["position"].as_i64().expect("a position"), last["cursor"].clone());
    let mut others = Vec::new();
    for _ in 1..SUBSCRIBERS {
        others.push(administrator.client.subscribe(FOLLOW, json!({ "after": cursor })).await.expect("a subscription"));
    }
    let before = resident(&server);
    // From the beginning, and it never reads on.
    let beginning =
        administrator.query("{ events(first: 1) { nodes { position cursor } } }", Value::Null).await["events"]["nodes"][0].clone();
    let mut stalled = administrator.client.subscribe(FOLLOW_ALL, json!({ "after": beginning["cursor"] })).await.expect("a subscription");
    for number in 0..DRAFTS {
        let input = json!({ "slug": format!("draft-{number}"), "content": reading(1, 1) });
        author.client.mutate("workshopDraft", input, "workshop { id }").await.expect("accepted");
    }
    let head = administrator.head().await;
    let listed = administrator.query(LIST, json!({ "after": cursor })).await["events"].clone();
    assert_eq!(listed["pageInfo"]["hasNextPage"], false);
    let positions: Vec<_> = listed["nodes"].as_array().expect("events").iter().filter_map(|event| event["position"].as_i64()).collect();
    assert_eq!(positions.len(), DRAFTS);
    assert!(positions.iter().all(|position| (from + 1..=head).contains(position)), "{from} to {head}");
    join_all(others.iter_mut().map(|events| follow(events, &positions))).await;
    let after = resident(&server);
    println!("{SUBSCRIBERS} subscribers: {before} MiB before one stalled and {DRAFTS} events, {after} MiB after");
    assert!(after < before + MEBIBYTES, "{before} MiB before, {after} MiB after");

    // It may have been hung up on by now: then it goes on after the last that it has.
    let (mut seen, mut cursor, mut again) = (beginning["position"].as_i64().expect("a position"), beginning["cursor"].clone(), 0);
    while seen < head {
        if let Ok(data) = tokio::time::timeout(PATIENCE, stalled.next()).await.expect("told something") {
            let data = data.expect("no end");
            seen += 1;
            assert_eq!(data["events"]["position"], seen, "neither a gap nor the same twice");
            cursor = data["events"]["cursor"].clone();
        } else {
            again += 1;
            assert!(again < 5, "it is hung up on while it reads");
            stalled = administrator.client.subscribe(FOLLOW_ALL, json!({ "after": cursor })).await.expect("a subscription");
        }
    }
    drop(others);
    server.stop();
}
