//! Behind a proxy.

use serde_json::{Value, json};

use super::{answer, header, post};
use crate::{
    people::{PASSWORD, Person, text},
    site::{Server, Site},
};

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken errors { code } } }";
const TRUSTED: (&str, &str) = ("NALABO_TRUSTED_PROXIES", "[\"127.0.0.0/8\", \"10.0.0.0/8\"]");

/// The address that a sign-in with these headers is recorded with.
async fn recorded(server: &Server, headers: &[(&str, &str)]) -> String {
    let input = json!({ "email": "kit@example.org", "password": PASSWORD });
    let (status, _, body) = answer(post(server, headers).json(&json!({ "query": SIGN_IN, "variables": { "input": input } }))).await;
    assert_eq!(status, 200, "{body}");
    let client = server.client().with_token(text(&body["data"]["signIn"]["accessToken"]));
    let devices = client.graphql("{ devices { nodes { address isCurrent } } }", Value::Null).await.expect("answered");
    let devices = devices["devices"]["nodes"].as_array().expect("devices").clone();
    text(&devices.iter().find(|device| device["isCurrent"] == true).expect("this one")["address"])
}

#[tokio::test]
async fn whoever_is_no_trusted_proxy_is_recorded_with_the_address_they_come_from() {
    let site = Site::new();
    let server = site.serve();
    Person::register(&server, "kit").await;
    let headers = [("x-forwarded-for", "198.51.100.7"), ("forwarded", "for=198.51.100.7"), ("x-real-ip", "198.51.100.7")];
    assert_eq!(recorded(&server, &headers).await, "127.0.0.1");
    server.stop();
}

#[tokio::test]
async fn what_a_trusted_proxy_adds_is_recorded_and_not_what_the_client_wrote() {
    let site = Site::new();
    let server = site.serve_with(&[TRUSTED]);
    Person::register(&server, "kit").await;
    for (line, address) in [
        ("198.51.100.7", "198.51.100.7"),
        ("1.1.1.1, 198.51.100.7", "198.51.100.7"),
        ("1.1.1.1, 198.51.100.7, 10.1.2.3", "198.51.100.7"),
        ("198.51.100.7, garbage", "127.0.0.1"),
    ] {
        assert_eq!(recorded(&server, &[("x-forwarded-for", line)]).await, address, "{line}");
    }
    assert_eq!(recorded(&server, &[("forwarded", "for=198.51.100.7")]).await, "127.0.0.1");
    server.stop();
    let server = site.serve_with(&[TRUSTED, ("NALABO_FORWARDED_HEADER", "forwarded")]);
    assert_eq!(recorded(&server, &[("forwarded", "for=1.1.1.1, for=\"[2001:db8::7]:4711\"")]).await, "2001:db8::7");
    assert_eq!(recorded(&server, &[("x-forwarded-for", "198.51.100.7")]).await, "127.0.0.1");
    server.stop();
}

#[tokio::test]
async fn a_socket_is_its_clients_too() {
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

    let site = Site::new();
    let server = site.serve_with(&[TRUSTED]);
    let kit = Person::register(&server, "kit").await;
    let mut request = format!("ws://{}/graphql/ws", server.address).into_client_request().expect("a request");
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header"));
    request.headers_mut().insert("x-forwarded-for", "198.51.100.9".parse().expect("a header"));
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("a socket");
    let variables = json!({ "input": { "email": "kit@example.org", "password": PASSWORD } });
    for message in [
        json!({ "type": "connection_init", "payload": { "accessToken": kit.tokens.access } }),
        json!({ "type": "subscribe", "id": "1", "payload": { "query": SIGN_IN, "variables": variables } }),
    ] {
        socket.send(Message::text(message.to_string())).await.expect("sent");
    }
    let answered = loop {
        let message: Value =
            serde_json::from_str(socket.next().await.expect("told").expect("no fault").to_text().expect("text")).expect("JSON");
        if message["type"] == "next" {
            break message;
        }
    };
    let client = server.client().with_token(text(&answered["payload"]["data"]["signIn"]["accessToken"]));
    let devices = client.graphql("{ devices { nodes { address isCurrent } } }", Value::Null).await.expect("answered");
    assert!(devices.to_string().contains("198.51.100.9"), "{devices}");
    server.stop();
}

#[tokio::test]
async fn a_trusted_proxy_says_whether_browsers_came_encrypted() {
    let site = Site::new();
    let settings = [TRUSTED, ("NALABO_DEVELOPMENT", "true")];
    let (trusting, wary) = (site.serve_with(&settings), Site::new());
    let wary = wary.serve_with(&[("NALABO_DEVELOPMENT", "true")]);
    for server in [&trusting, &wary] {
        Person::register(server, "kit").await;
    }
    let input = json!({ "email": "kit@example.org", "password": PASSWORD, "delivery": "COOKIE" });
    let body = json!({ "query": SIGN_IN, "variables": { "input": input } });
    for (server, scheme, secure) in [(&trusting, "https", true), (&trusting, "http", false), (&wary, "https", false)] {
        let (_, headers, answered) = answer(post(server, &[("x-forwarded-proto", scheme)]).json(&body)).await;
        let cookie = header(&headers, "set-cookie").unwrap_or_else(|| panic!("no cookie: {answered}"));
        assert_eq!((cookie.contains("Secure"), cookie.starts_with("__Host-")), (secure, secure), "{cookie}");
        assert_eq!(header(&headers, "strict-transport-security").is_some(), secure, "{scheme}");
    }
    trusting.stop();
    wary.stop();
}
