//! Following what happens.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use domain::{identity::Role, kernel::Timestamp, learning::session::CheckEnd};
use serde_json::{Value, json};

use crate::{
    clusters::registered,
    leaderboards::read,
    learning::{ANSWER, CHECK, COMPLETE, step},
    platform::{Person, Platform, content, pages},
    socket::Socket,
};

/// Without the note that somebody follows.
const FOLLOW: &str = "subscription { events(filter: { types: [\"AccountRegistered\", \"RoleRevoked\"] }) { type } }";

const SESSION: &str = "subscription($id: ID!) { sessionChanged(id: $id) {
    currentStep { key } environment { state } steps { key attempts { passed } } status } }";

/// Items until one is as wanted: several things that happen at once may come as one, and one thing as several.
async fn until(socket: &mut Socket, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        let item = socket.item(id).await;
        if wanted(&item) {
            return item;
        }
    }
}

#[tokio::test]
async fn a_session_is_followed_from_what_it_is() {
    let platform = Platform::start().await;
    let (author, learner) = (platform.person("author", &[Role::Author]).await, platform.person("learner", &[]).await);
    let workshop = platform.workshop(&author, "pipes", content()).await;
    let session = platform.session(&learner, &workshop).await;
    let mut socket = Socket::of(&platform, &learner).await;
    socket.subscribe("s", SESSION, json!({ "id": session })).await;
    let asked_for = |item: &Value| item["sessionChanged"]["environment"]["state"] == "PROVISIONING";
    let item = until(&mut socket, "s", asked_for).await;
    assert_eq!(item["sessionChanged"]["currentStep"]["key"], "read");

    platform.data(Some(&learner), COMPLETE, step(&session, "read")).await;
    until(&mut socket, "s", |item| item["sessionChanged"]["currentStep"]["key"] == "answer").await;
    let answer = json!({ "input": { "sessionId": session, "step": "answer", "choices": [1] } });
    platform.data(Some(&learner), ANSWER, answer).await;
    platform.bench.ends_with(CheckEnd::Exited(1));
    platform.data(Some(&learner), CHECK, step(&session, "check")).await;
    let failed = |item: &Value| item["sessionChanged"]["steps"][2]["attempts"] == json!([{ "passed": false }]);
    until(&mut socket, "s", failed).await;
}

#[tokio::test]
async fn a_foreign_session_is_not_followed() {
    let platform = Platform::start().await;
    let (author, learner) = (platform.person("author", &[Role::Author]).await, platform.person("learner", &[]).await);
    let workshop = platform.workshop(&author, "pages", pages(1)).await;
    let session = platform.session(&learner, &workshop).await;
    let mut socket = Socket::of(&platform, &author).await;
    let missing = format!("ses_{}", "0".repeat(32));
    for id in [session, missing] {
        socket.subscribe("s", SESSION, json!({ "id": id })).await;
        let message = socket.hear().await;
        assert_eq!(message["payload"]["data"], Value::Null);
        assert_eq!(message["payload"]["errors"][0]["message"], "there is no such session");
        assert_eq!(socket.hear().await["type"], "complete");
    }
}

#[tokio::test]
async fn a_leaderboard_is_followed_from_what_it_is() {
    let platform = Platform::start().await;
    let (author, learner) = (platform.person("author", &[Role::Author]).await, platform.person("learner", &[]).await);
    let workshop = platform.workshop(&author, "pages", pages(2)).await;
    let board = "subscription($id: ID) { leaderboardChanged(period: DAY, workshopId: $id, first: 10) {
        nodes { rank points learner { displayName } } totalCount } }";
    let mut socket = Socket::of(&platform, &author).await;
    socket.subscribe("all", board, json!({})).await;
    assert_eq!(socket.item("all").await["leaderboardChanged"], json!({ "nodes": [], "totalCount": 0 }));
    read(&platform, &learner, &workshop, 2).await;
    let two = |item: &Value| item["leaderboardChanged"]["nodes"][0]["points"] == 2;
    let item = until(&mut socket, "all", two).await;
    let place = json!({ "rank": 1, "points": 2, "learner": { "displayName": "learner" } });
    assert_eq!(item["leaderboardChanged"], json!({ "nodes": [place], "totalCount": 1 }));
}

#[tokio::test]
async fn events_are_followed_without_gaps_from_a_cursor() {
    let platform = Platform::start().await;
    let analyst = platform.person("analyst", &[Role::Analyst]).await;
    let first = "{ events(first: 1) { nodes { cursor } } }";
    let after = platform.data(Some(&analyst), first, json!({})).await["events"]["nodes"][0]["cursor"].clone();
    let follow = "subscription($filter: EventFilter, $after: String) { events(filter: $filter, after: $after) { position type cursor } }";
    let mut socket = Socket::of(&platform, &analyst).await;
    socket.subscribe("e", follow, json!({ "after": after })).await;
    platform.person("ada", &[]).await;
    let mut items = vec![];
    // Who follows is noted as well, somewhere between the two who sign in.
    while items.iter().filter(|item: &&Value| item["type"] == "SignedIn").count() < 2 {
        items.push(socket.item("e").await["events"].clone());
        assert_eq!(items.last().expect("one")["position"], items.len() + 1);
    }
    drop(socket);

    let mut socket = Socket::of(&platform, &analyst).await;
    let (last, seen) = items.split_last().expect("some");
    let variables = json!({ "after": seen.last().expect("some")["cursor"], "filter": { "types": ["SignedIn"] } });
    socket.subscribe("e", follow, variables).await;
    assert_eq!(socket.item("e").await["events"], *last);
}

#[tokio::test]
async fn events_are_followed_for_as_long_as_one_may() {
    let platform = Platform::start().await;
    let analyst = platform.person("analyst", &[Role::Analyst]).await;
    let (learner, admin) = (platform.person("learner", &[]).await, platform.person("root", &[Role::Administrator]).await);
    let mut socket = Socket::of(&platform, &learner).await;
    socket.subscribe("e", "subscription { events { type } }", json!({})).await;
    assert_eq!(socket.hear().await["payload"]["errors"][0]["extensions"]["code"], "FORBIDDEN");

    let mut socket = Socket::of(&platform, &analyst).await;
    socket.subscribe("e", FOLLOW, json!({})).await;
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.hear().await["type"], "pong");
    let revoke = "mutation($input: RoleRevokeInput!) { roleRevoke(input: $input) { errors { code } } }";
    platform.data(Some(&admin), revoke, json!({ "input": { "accountId": analyst.id, "role": "analyst" } })).await;
    platform.person("later", &[]).await;
    // Not even the revocation itself is shown any more.
    let message = socket.hear().await;
    assert_eq!(message["payload"]["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert_eq!(socket.hear().await["type"], "complete");
}

/// Gives somebody a role for an hour.
async fn for_an_hour(platform: &Platform, by: &Person, whom: &Person, role: &str) {
    let grant = "mutation($input: RoleGrantInput!) { roleGrant(input: $input) { errors { code } } }";
    let until = (Utc::now() + TimeDelta::hours(1)).to_rfc3339();
    let input = json!({ "input": { "accountId": whom.id, "role": role, "until": until } });
    assert_eq!(platform.data(Some(by), grant, input).await["roleGrant"]["errors"], json!([]));
}

#[tokio::test]
async fn events_are_followed_until_a_role_runs_out_of_which_no_event_tells() {
    static HOURS: AtomicI64 = AtomicI64::new(0);
    let clock = || -> Timestamp { Utc::now() + TimeDelta::hours(HOURS.load(Ordering::SeqCst)) };
    let platform = Platform::start().await;
    let (guest, root) = (platform.person("guest", &[]).await, platform.person("root", &[Role::Administrator]).await);
    for_an_hour(&platform, &root, &guest, "analyst").await;
    let node = platform.later(clock).await;
    let mut socket = Socket::of(&node, &guest).await;
    let first = platform.data(Some(&guest), "{ events(first: 1) { nodes { cursor } } }", json!({})).await;
    let follow = "subscription($after: String) { events(after: $after, filter: { types: [\"AccountRegistered\"] }) { type } }";
    socket.subscribe("e", follow, json!({ "after": first["events"]["nodes"][0]["cursor"] })).await;
    assert_eq!(socket.item("e").await["events"]["type"], "AccountRegistered");
    HOURS.store(2, Ordering::SeqCst);
    platform.person("later", &[]).await;
    let codes = async {
        loop {
            let message = socket.hear().await;
            if let Some(error) = message["payload"]["errors"].get(0) {
                return error["extensions"]["code"].clone();
            }
        }
    };
    assert_eq!(codes.await, "FORBIDDEN");
    assert_eq!(socket.hear().await["type"], "complete");
}

#[tokio::test]
async fn clusters_and_alerts_are_followed_until_a_role_runs_out() {
    static HOURS: AtomicI64 = AtomicI64::new(0);
    let clock = || -> Timestamp { Utc::now() + TimeDelta::hours(HOURS.load(Ordering::SeqCst)) };
    let platform = Platform::start().await;
    let (guest, root) = (platform.person("guest", &[]).await, platform.person("root", &[Role::Administrator]).await);
    for_an_hour(&platform, &root, &guest, "administrator").await;
    registered(&platform, &root, "frankfurt").await;
    let node = platform.later(clock).await;
    let (mut clusters, mut alerts) = (Socket::of(&node, &guest).await, Socket::of(&node, &guest).await);
    clusters.subscribe("c", "subscription { clusterChanged { name } }", json!({})).await;
    assert_eq!(clusters.item("c").await["clusterChanged"]["name"], "frankfurt");
    alerts.subscribe("a", "subscription { alerts { kind } }", json!({})).await;
    alerts.say(json!({ "type": "ping" })).await;
    assert_eq!(alerts.hear().await["type"], "pong");
    HOURS.store(2, Ordering::SeqCst);
    for (socket, name) in [(&mut clusters, "berlin"), (&mut alerts, "paris")] {
        let heard = socket.hear();
        tokio::pin!(heard);
        let mut number = 0;
        // Whether it listens yet cannot be seen, so that changes go on until it is told.
        let message = loop {
            tokio::select! {
                message = &mut heard => break message,
                () = tokio::time::sleep(Duration::from_millis(20)) => {
                    number += 1;
                    registered(&platform, &root, &format!("{name}-{number}")).await;
                }
            }
        };
        assert_eq!(message["payload"]["errors"][0]["extensions"]["code"], "FORBIDDEN", "{message}");
    }
}

#[tokio::test]
async fn who_does_not_listen_keeps_nobody_waiting() {
    let platform = Platform::start().await;
    let analyst = platform.person("analyst", &[Role::Analyst]).await;
    let first = platform.data(Some(&analyst), "{ events(first: 1) { nodes { cursor } } }", json!({})).await;
    let after = &first["events"]["nodes"][0]["cursor"];
    let follow = "subscription($after: String) { events(after: $after) { payload metadata } }";
    let mut deaf = Vec::new();
    for _ in 0..10 {
        let mut socket = Socket::of(&platform, &analyst).await;
        for n in 0..graphql::Limits::default().operations {
            socket.subscribe(&n.to_string(), follow, json!({ "after": after })).await;
        }
        deaf.push(socket);
    }
    let ada = platform.person("ada", &[]).await;
    assert_eq!(platform.data(Some(&ada), "{ me { id } }", json!({})).await["me"]["id"], ada.id);
    for mut socket in deaf {
        assert_eq!(socket.hear().await["type"], "next");
    }
}
