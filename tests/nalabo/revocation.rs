//! Ending a sign-in on one of several servers is felt on the others.

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use nalabo::client::{Client, ClientError, Subscription};
use serde_json::{Value, json};

use crate::{
    engines::Engine,
    lesson::Lesson,
    people::{PASSWORD, Person, text},
    site::{PATIENCE, Server, Site},
    waiting::until,
};

mod postgres {
    crate::engines::on_postgres! {
        a_device_that_is_revoked_on_one_node_loses_its_sockets_on_another(),
        who_is_suspended_on_one_node_loses_their_sockets_on_another(),
        a_refresh_token_that_comes_again_on_one_node_ends_the_sockets_of_its_sign_in_on_another(),
        a_token_for_programs_that_is_revoked_on_one_node_loses_its_sockets_on_another(),
        a_role_that_is_taken_on_one_node_is_felt_by_open_subscriptions_on_another(),
        fifty_refreshes_at_once_over_two_nodes_are_one(),
        guesses_on_two_nodes_are_counted_together(),
    }
}

const ME: &str = "{ me { id } }";
const BOARD: &str = "subscription { leaderboardChanged { totalCount } }";

/// Two servers on one database.
fn pair() -> (Site, Site) {
    let first = Site::with_workshops_on(Engine::Postgres);
    let second = first.beside();
    (first, second)
}

/// The same person as seen by another server.
fn at(server: &Server, person: &Person) -> Person {
    let client = server.client().with_token(person.tokens.access.clone());
    Person { client, account: person.account.clone(), tokens: person.tokens.clone() }
}

async fn a_device_that_is_revoked_on_one_node_loses_its_sockets_on_another() {
    let (first, second) = pair();
    let (here, there) = (first.serve(), second.serve());
    let kit = Person::register(&here, "kit").await;
    let found = kit.query("{ workshop(slug: \"shell-files-and-processes\") { id } }", Value::Null).await;
    let lesson = Lesson::start(&at(&there, &kit), &text(&found["workshop"]["id"])).await;
    let environment = lesson.environment().await;
    // It is on one of the two; terminals are opened where it is.
    let mut terminal = match lesson.terminal(&environment).await {
        Ok(terminal) => terminal,
        Err(_) => Lesson { person: at(&here, &kit), ..lesson }.terminal(&environment).await.expect("a terminal on the other node"),
    };
    let lesson = Lesson { person: at(&there, &kit), session: text(&session_of(&kit).await) };
    let mut changes = lesson.changes().await;
    changes.next().await.expect("told").expect("the session as it is");

    let phone = Person::sign_in(&here, "kit@example.org", PASSWORD).await;
    let devices = phone.query("{ devices { nodes { id isCurrent } } }", Value::Null).await;
    let devices = devices["devices"]["nodes"].as_array().expect("devices").clone();
    let lost = devices.iter().find(|device| device["isCurrent"] == false).expect("the other one");
    let began = Instant::now();
    phone.mutate("deviceRevoke", json!({ "deviceId": lost["id"] }), "revoked").await;
    let refused = async || match at(&there, &kit).client.graphql(ME, Value::Null).await {
        Ok(_) => None,
        Err(refused) => Some(refused.codes().join(" ")),
    };
    let refused = until("the refusal", refused, Option::is_some).await;
    assert_eq!(refused.as_deref(), Some("UNAUTHENTICATED"));
    let end = loop {
        if let Err(end) = tokio::time::timeout(PATIENCE, changes.next()).await.expect("the subscription ends") {
            break end;
        }
    };
    closed("the subscription", &end, began.elapsed());
    let end = loop {
        if let Err(end) = tokio::time::timeout(PATIENCE, terminal.receive()).await.expect("the terminal ends") {
            break end;
        }
    };
    closed("the terminal", &end, began.elapsed());
    phone.query(ME, Value::Null).await;
    here.stop();
    there.stop();
}

fn closed(what: &str, end: &ClientError, after: Duration) {
    assert_eq!(end.close_code(), Some(4403), "{end}");
    println!("{what} was closed after {after:?}");
}

/// A subscription that has been let in.
async fn followed(client: &Client) -> Subscription {
    let mut board = client.subscribe(BOARD, Value::Null).await.expect("a subscription");
    board.next().await.expect("told").expect("the board as it is");
    board
}

/// What a subscription ends with, however much it tells before.
async fn end_of(mut followed: Subscription) -> ClientError {
    loop {
        match tokio::time::timeout(PATIENCE, followed.next()).await.expect("it ends") {
            Ok(told) => assert!(told.is_some(), "it was not to be completed"),
            Err(end) => break end,
        }
    }
}

/// Waits until somebody is nobody any more.
async fn is_out(client: &Client) {
    let refused = async || client.graphql(ME, Value::Null).await.err().map(|refused| refused.codes().join(" "));
    let refused = until("the refusal", refused, Option::is_some).await;
    assert_eq!(refused.as_deref(), Some("UNAUTHENTICATED"));
}

async fn who_is_suspended_on_one_node_loses_their_sockets_on_another() {
    let (first, second) = pair();
    let (here, there) = (first.serve(), second.serve());
    let (administrator, kit) = (Person::administrator(&here).await, Person::register(&here, "kit").await);
    let elsewhere = at(&there, &kit).client;
    let board = followed(&elsewhere).await;
    let began = Instant::now();
    administrator.mutate("accountSuspend", json!({ "accountId": kit.account, "reason": "shared with others" }), "account { id }").await;
    closed("the subscription", &end_of(board).await, began.elapsed());
    is_out(&elsewhere).await;
    let again = there.client().sign_in("kit@example.org", PASSWORD).await.expect_err("refused");
    assert_eq!(again.codes(), ["SUSPENDED"]);
    here.stop();
    there.stop();
}

async fn a_refresh_token_that_comes_again_on_one_node_ends_the_sockets_of_its_sign_in_on_another() {
    let (first, second) = pair();
    let (here, there) = (first.serve(), second.serve());
    let kit = Person::register(&here, "kit").await;
    let phone = Person::sign_in(&here, "kit@example.org", PASSWORD).await;
    let elsewhere = at(&there, &kit).client;
    let board = followed(&elsewhere).await;
    let trade = async |token: &str| here.client().mutate("tokenRefresh", json!({ "refreshToken": token }), "refreshToken").await;
    let mut refresh = kit.tokens.refresh.clone();
    // The one before is answered for a while; the one before that is not.
    for _ in 0..2 {
        refresh = text(&trade(&refresh).await.expect("traded")["refreshToken"]);
    }
    let began = Instant::now();
    let reused = trade(&kit.tokens.refresh).await.expect_err("it was used");
    assert_eq!(reused.codes(), ["REFRESH_TOKEN_INVALID"]);
    closed("the subscription", &end_of(board).await, began.elapsed());
    is_out(&elsewhere).await;
    // Another sign-in of the same person is none of it.
    at(&there, &phone).query(ME, Value::Null).await;
    here.stop();
    there.stop();
}

async fn a_token_for_programs_that_is_revoked_on_one_node_loses_its_sockets_on_another() {
    let (first, second) = pair();
    let (here, there) = (first.serve(), second.serve());
    let kit = Person::register(&here, "kit").await;
    let input = json!({ "name": "pipeline", "scopes": ["session:take"], "expiresAt": Utc::now() + TimeDelta::days(30) });
    let made = kit.mutate("accessTokenCreate", input, "accessTokenId token").await;
    let program = there.client().with_token(text(&made["token"]));
    let board = followed(&program).await;
    let began = Instant::now();
    kit.mutate("accessTokenRevoke", json!({ "accessTokenId": made["accessTokenId"] }), "revoked").await;
    closed("the subscription", &end_of(board).await, began.elapsed());
    is_out(&program).await;
    at(&there, &kit).query(ME, Value::Null).await;
    here.stop();
    there.stop();
}

async fn a_role_that_is_taken_on_one_node_is_felt_by_open_subscriptions_on_another() {
    let (first, second) = pair();
    let (here, there) = (first.serve(), second.serve());
    let (administrator, analyst) = (Person::administrator(&here).await, Person::with_role(&here, "kit", "analyst").await);
    let elsewhere = at(&there, &analyst);
    let events = "{ events(first: 1) { nodes { cursor } } }";
    let oldest = elsewhere.query(events, Value::Null).await["events"]["nodes"][0]["cursor"].clone();
    let follow = "subscription($after: String) { events(after: $after) { type } }";
    let mut followed = elsewhere.client.subscribe(follow, json!({ "after": oldest })).await.expect("a subscription");
    followed.next().await.expect("told").expect("an event");
    administrator.mutate("roleRevoke", json!({ "accountId": analyst.account, "role": "analyst" }), "account { id }").await;
    // It is looked at again before there is more to tell.
    let mut end = std::pin::pin!(end_of(followed));
    let mut number = 0;
    let end = loop {
        administrator.mutate("profileRevise", json!({ "displayName": format!("Root {number}") }), "account { id }").await;
        number += 1;
        if let Ok(end) = tokio::time::timeout(Duration::from_secs(1), &mut end).await {
            break end;
        }
    };
    assert_eq!(end.codes(), ["FORBIDDEN"]);
    let refused = elsewhere.client.graphql(events, Value::Null).await.expect_err("it is not theirs to see");
    assert_eq!(refused.codes(), ["FORBIDDEN"]);
    // They are who they were.
    elsewhere.query(ME, Value::Null).await;
    here.stop();
    there.stop();
}

async fn session_of(person: &Person) -> Value {
    let sessions = person.query("{ sessions(first: 1) { nodes { id } } }", Value::Null).await;
    sessions["sessions"]["nodes"][0]["id"].clone()
}

async fn fifty_refreshes_at_once_over_two_nodes_are_one() {
    let (first, second) = pair();
    let servers = [first.serve(), second.serve()];
    let kit = Person::register(&servers[0], "kit").await;
    let trades = (0..50).map(|number| {
        let client = servers[number % 2].client();
        let input = json!({ "refreshToken": kit.tokens.refresh });
        tokio::spawn(async move { client.mutate("tokenRefresh", input, "accessToken refreshToken").await.expect("traded") })
    });
    let pairs: Vec<Value> = join_all(trades).await.into_iter().map(|one| one.expect("no panic")).collect();
    let count = first.sql("SELECT generation FROM vault.refresh_tokens ORDER BY generation DESC LIMIT 1");
    assert_eq!(count.trim(), "2", "it was counted once");
    for (server, pair) in servers.iter().zip(&pairs) {
        server.client().with_token(text(&pair["accessToken"])).graphql(ME, Value::Null).await.expect("good on either node");
    }
    // Whichever is kept can be traded.
    servers[1].client().mutate("tokenRefresh", json!({ "refreshToken": pairs[7]["refreshToken"] }), "accessToken").await.expect("traded");
    servers.into_iter().for_each(Server::stop);
}

async fn guesses_on_two_nodes_are_counted_together() {
    let (first, second) = pair();
    let servers = [first.serve(), second.serve()];
    Person::register(&servers[0], "kit").await;
    let guesses = (0..40).map(|number| {
        let client = servers[number % 2].client();
        tokio::spawn(async move { client.sign_in("kit@example.org", "not the password").await.expect_err("refused").codes().concat() })
    });
    let codes: Vec<String> = join_all(guesses).await.into_iter().map(|one| one.expect("no panic")).collect();
    let looked_at = codes.iter().filter(|code| *code == "CREDENTIALS_WRONG").count();
    assert!(codes.iter().all(|code| code == "CREDENTIALS_WRONG" || code == "TOO_MANY_TRIES"), "{codes:?}");
    println!("{looked_at} of 40 passwords were looked at");
    // Five are free; were this to take longer than a second or three, there would be one or two more.
    assert!((5..=10).contains(&looked_at), "{looked_at}");
    servers.into_iter().for_each(Server::stop);
}
