//! Requests that are malformed or ask for too much.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    people::Person,
    site::{Server, Site},
};

/// Posts bytes as they are; the status and the first error.
async fn post(server: &Server, media_type: &str, body: impl Into<reqwest::Body>) -> (StatusCode, Value) {
    let url = format!("http://{}/graphql", server.address);
    let response = reqwest::Client::new().post(url).header("content-type", media_type).body(body).send().await.expect("an answer");
    let (status, text) = (response.status(), response.text().await.expect("text"));
    let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("expected JSON instead of {text}"));
    (status, body["errors"][0].clone())
}

#[tokio::test]
async fn malformed_requests_are_refused_and_told_what_was_expected() {
    let site = Site::new();
    let server = site.serve();
    let json = "application/json";
    for (media_type, body, status, told) in [
        (json, "{", 400, "malformed"),
        (json, "[]", 400, "batch"),
        (json, "null", 400, "an object with a query"),
        (json, r#"{"query": "{ me { id } }", "surprise": 1}"#, 400, "surprise"),
        (json, r#"{"query": 7}"#, 400, "malformed"),
        ("text/plain", r#"{"query": "{ me { id } }"}"#, 415, "application/json"),
        (json, r#"{"query": "{ me { id "}"#, 200, "expected"),
        (json, r#"{"query": "{ me { passwordHash } }"}"#, 200, "passwordHash"),
        (json, r#"{"query": "{ node(id: \"wks_1\") { id } }"}"#, 200, "id"),
        (json, r#"{"query": "mutation { signIn(input: {email: \"a\"}) { accessToken } }"}"#, 200, "password"),
    ] {
        let (answered, error) = post(&server, media_type, body).await;
        assert_eq!(answered, status, "{body} was answered with {error}");
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{body} was answered with {error}");
        assert!(error["message"].as_str().is_some_and(|message| message.contains(told)), "{body} was answered with {error}");
    }
    let url = format!("http://{}/graphql", server.address);
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let response = reqwest::Client::new().request(method.clone(), &url).send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    let (status, _) = server.client().get("/nowhere").await.expect("an answer");
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn too_much_is_refused_before_it_costs_anything() {
    let site = Site::new();
    let server = site.serve();
    let query = |text: String| json!({ "query": text }).to_string();
    let aliases = (0..40).map(|number| format!("a{number}: me {{ id }}")).collect::<Vec<_>>().join(" ");
    let fields: String = (0..2000).map(|_| "me { id } ").collect();
    let deep = |levels: usize| format!("{{ me {} {} }}", "{ id ".repeat(levels), "}".repeat(levels));
    let nodes = format!("{{ workshops {{ nodes {} id {} }} }}", "{ author ".repeat(12), "}".repeat(12));
    for (what, body, status, told) in [
        ("a large body", query(format!("{{ me {{ id }} }} #{}", "x".repeat(300 << 10))), 413, "bytes"),
        ("an endless body", "[".repeat(1 << 20), 413, "bytes"),
        ("brackets in brackets", "[".repeat(100 << 10), 400, "batch"),
        ("nested JSON", format!("{{\"variables\": {}", "[".repeat(100 << 10)), 400, "malformed"),
        ("many aliases", query(format!("{{ {aliases} }}")), 200, "aliases"),
        ("many fields", query(format!("{{ {fields} }}")), 200, "tokens"),
        ("brackets in a query", query(deep(100)), 200, "brackets"),
        ("depth", query(nodes), 200, "levels of fields"),
        (
            "a costly list",
            query("{ workshops(first: 100) { nodes { versions(first: 100) { nodes { number } } } } }".into()),
            200,
            "complex",
        ),
        ("introspection", query("{ __schema { types { name } } }".into()), 200, "introspection"),
        ("directives", query(format!("{{ me {} {{ id }} }}", "@include(if: true) ".repeat(20))), 200, "directives"),
        ("too many at once", query("{ workshops(first: 100000) { nodes { id } } }".into()), 200, "complex"),
    ] {
        let (answered, error) = post(&server, "application/json", body).await;
        assert_eq!(answered, status, "{what}: {error}");
        assert!(error["message"].as_str().is_some_and(|message| message.contains(told)), "{what}: {error}");
    }
    // A fragment that holds itself, and one that is as deep as they come.
    let (_, error) = post(&server, "application/json", query("{ me { ...a } } fragment a on Account { ...a }".into())).await;
    assert!(error["message"].is_string(), "{error}");
    let level = |level: u8| format!("fragment f{level} on Workshop {{ author {{ id }} ...f{} }}", level + 1);
    let levels = (0..12).map(level).collect::<Vec<_>>().join(" ");
    let (_, error) = post(&server, "application/json", query(format!("{{ workshop(slug: \"a\") {{ ...f0 }} }} {levels}"))).await;
    assert!(error["message"].is_string(), "{error}");
    assert_eq!(server.client().get("/healthz").await.expect("alive").0, StatusCode::OK);
}

#[tokio::test]
async fn values_that_are_no_good_are_named() {
    let site = Site::new();
    let server = site.serve();
    let author = Person::with_role(&server, "author", "author").await;
    for (query, told) in [
        ("{ node(id: \"wks_00000000000000000000000000000000x\") { id } }", "id"),
        ("{ session(id: \"wks_01a1fc0ed22272749e6c84757aea4d4e\") { id } }", "ses_"),
        ("{ workshops(first: -1) { nodes { id } } }", "first"),
        ("{ workshops(after: \"nonsense\") { nodes { id } } }", "after"),
    ] {
        let error = author.client.graphql(query, Value::Null).await.expect_err(query);
        assert_eq!(error.codes(), ["BAD_USER_INPUT"], "{query}: {error}");
        assert!(error.to_string().contains(told), "{query}: {error}");
    }
    let long_key = json!({ "workshopId": "wks_01a1fc0ed22272749e6c84757aea4d4e", "idempotencyKey": "k".repeat(5000) });
    let error = author.client.mutate("workshopPublish", long_key, "workshop { id }").await.expect_err("too long");
    assert!(error.to_string().contains("idempotencyKey"), "{error}");
    for slug in ["Not A Slug", "../etc", "", "a--b"] {
        let input = json!({ "slug": slug, "content": crate::authoring::reading(1, 1) });
        assert_eq!(author.declined("workshopDraft", input, "workshop { id }").await, ["SLUG_INVALID"], "{slug}");
    }
}

#[tokio::test]
async fn what_nobody_understands_on_a_web_socket_closes_it() {
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

    let site = Site::new();
    let server = site.serve();
    let kit = Person::register(&server, "kit").await;
    let init = json!({ "type": "connection_init", "payload": { "accessToken": kit.tokens.access } }).to_string();
    let bad_init = json!({ "type": "connection_init", "payload": { "accessToken": "no token" } }).to_string();
    let subscribe =
        json!({ "type": "subscribe", "id": "1", "payload": { "query": "subscription { leaderboardChanged { totalCount } }" } }).to_string();
    for (messages, code) in [
        (vec!["nonsense".to_owned()], 4400),
        (vec![json!({ "type": "no such type" }).to_string()], 4400),
        (vec![subscribe.clone()], 4401),
        (vec![bad_init], 4403),
        (vec![json!({ "type": "connection_init" }).to_string()], 4403),
        (vec![init.clone(), init.clone()], 4429),
        (vec![init.clone(), subscribe.clone(), subscribe.clone()], 4409),
        (vec![init.clone(), "x".repeat(100 << 10)], 1009),
        (vec![], 4408),
    ] {
        let mut request = format!("ws://{}/graphql/ws", server.address).into_client_request().expect("a request");
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header"));
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("a socket");
        for message in &messages {
            socket.send(Message::text(message.clone())).await.expect("sent");
        }
        let closed = loop {
            if let Message::Close(frame) = socket.next().await.expect("a farewell").expect("no fault") {
                break frame.expect("a reason");
            }
        };
        assert_eq!(u16::from(closed.code), code, "{messages:.100?} was answered with {}", closed.reason);
    }
}

#[tokio::test]
async fn pages_of_others_may_not_connect() {
    use tokio_tungstenite::tungstenite::{Error, client::IntoClientRequest};

    let site = Site::new();
    let server = site.serve_with(&[("NALABO_ORIGINS", "[\"https://app.example.org\"]")]);
    for (origin, lets_in) in [("https://evil.example.org", false), ("null", false), ("https://app.example.org", true)] {
        let mut request = format!("ws://{}/graphql/ws", server.address).into_client_request().expect("a request");
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header"));
        request.headers_mut().insert("origin", origin.parse().expect("a header"));
        match tokio_tungstenite::connect_async(request).await {
            Ok(_) => assert!(lets_in, "{origin} was let in"),
            Err(Error::Http(response)) => assert!(!lets_in && response.status() == StatusCode::FORBIDDEN, "{origin}"),
            Err(error) => panic!("{origin}: {error}"),
        }
    }
}
