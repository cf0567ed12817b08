//! Ending a sign-in on one of several servers is felt on the others.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use nalabo::client::ClientError;
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
        fifty_refreshes_at_once_over_two_nodes_are_one(),
        guesses_on_two_nodes_are_counted_together(),
    }
}

const ME: &str = "{ me { id } }";

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
