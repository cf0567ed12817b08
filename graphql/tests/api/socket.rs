//! A client of `graphql-transport-ws`, and how the protocol is spoken.

use std::time::Duration;

use domain::identity::Role;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::platform::{Person, Platform};

/// Without the note that somebody follows.
const FOLLOW: &str = "subscription { events(filter: { types: [\"AccountRegistered\"] }) { type } }";

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Connects with these headers.
    pub(crate) async fn open(platform: &Platform, headers: &[(&'static str, &str)]) -> Result<Self, Error> {
        let mut request = format!("ws://{}/graphql/ws", platform.address).into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).expect("a value"));
        }
        connect_async(request).await.map(|(socket, _)| Self(socket))
    }

    /// Connects, and has not said who it is.
    pub(crate) async fn stranger(platform: &Platform) -> Self {
        Self::open(platform, &[("sec-websocket-protocol", "graphql-transport-ws")]).await.expect("a socket")
    }

    /// Connects as somebody.
    pub(crate) async fn of(platform: &Platform, person: &Person) -> Self {
        let mut socket = Self::stranger(platform).await;
        socket.say(json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {}", person.token) } })).await;
        assert_eq!(socket.hear().await, json!({ "type": "connection_ack" }));
        socket
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.0.send(Message::Text(message.to_string().into())).await.expect("sent");
    }

    pub(crate) async fn say_raw(&mut self, message: Message) {
        self.0.send(message).await.expect("sent");
    }

    pub(crate) async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        self.say(json!({ "type": "subscribe", "id": id, "payload": { "query": query, "variables": variables } })).await;
    }

    /// The next message.
    pub(crate) async fn hear(&mut self) -> Value {
        match self.message().await {
            Message::Text(text) => serde_json::from_str(&text).expect("JSON"),
            other => panic!("expected a message, got {other:?}"),
        }
    }

    /// The data of the next item of an operation.
    pub(crate) async fn item(&mut self, id: &str) -> Value {
        let message = self.hear().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("next"), &json!(id)), "{message}");
        assert_eq!(message["payload"].get("errors"), None, "{message}");
        message["payload"]["data"].clone()
    }

    /// The code it is closed with, whatever it is told before.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.message().await {
                return frame.expect("a reason").code.into();
            }
        }
    }

    pub(crate) async fn message(&mut self) -> Message {
        let next = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("something in time");
        next.expect("an open socket").expect("a message")
    }
}

#[tokio::test]
async fn queries_and_mutations_go_by_socket_too() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let mut socket = Socket::of(&platform, &ada).await;
    socket.subscribe("1", "{ me { id } }", json!({})).await;
    assert_eq!(socket.item("1").await["me"]["id"], ada.id);
    assert_eq!(socket.hear().await, json!({ "type": "complete", "id": "1" }));
}

#[tokio::test]
async fn a_token_may_come_in_either_form() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    for payload in [json!({ "authorization": format!("Bearer {}", ada.token) }), json!({ "accessToken": ada.token })] {
        let mut socket = Socket::stranger(&platform).await;
        socket.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
    }
}

#[tokio::test]
async fn pings_are_answered() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let mut socket = Socket::stranger(&platform).await;
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.hear().await, json!({ "type": "pong" }));
    let mut socket = Socket::of(&platform, &ada).await;
    socket.say(json!({ "type": "ping", "payload": { "any": 1 } })).await;
    assert_eq!(socket.hear().await, json!({ "type": "pong" }));
    socket.say(json!({ "type": "pong" })).await;
    socket.subscribe("1", "{ __typename }", json!({})).await;
    assert_eq!(socket.item("1").await["__typename"], "Query");
}

#[tokio::test]
async fn a_document_that_is_not_right_is_an_error_of_its_operation() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let mut socket = Socket::of(&platform, &ada).await;
    for query in ["{", "{ nowhere }", &"[".repeat(1000), "{ __schema { queryType { name } } }"] {
        socket.subscribe("1", query, json!({})).await;
        let message = socket.hear().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("1")));
        assert_eq!(message["payload"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn operations_at_once_have_a_limit() {
    let platform = Platform::start().await;
    let analyst = platform.person("analyst", &[Role::Analyst]).await;
    let mut socket = Socket::of(&platform, &analyst).await;
    let limit = graphql::Limits::default().operations;
    for n in 1..=limit {
        socket.subscribe(&n.to_string(), FOLLOW, json!({})).await;
    }
    socket.subscribe("more", "{ __typename }", json!({})).await;
    let message = socket.hear().await;
    assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("more")), "{message}");
    socket.say(json!({ "type": "complete", "id": "1" })).await;
    socket.subscribe("more", "{ __typename }", json!({})).await;
    assert_eq!(socket.item("more").await["__typename"], "Query");
}

#[tokio::test]
async fn a_completed_operation_sends_nothing_more() {
    let platform = Platform::start().await;
    let analyst = platform.person("analyst", &[Role::Analyst]).await;
    let mut socket = Socket::of(&platform, &analyst).await;
    socket.subscribe("a", FOLLOW, json!({})).await;
    // Answered after the subscription has begun: messages are taken in order.
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.hear().await["type"], "pong");
    platform.person("ada", &[]).await;
    assert!(socket.item("a").await["events"]["type"].is_string());
    socket.say(json!({ "type": "complete", "id": "a" })).await;
    socket.say(json!({ "type": "ping" })).await;
    while socket.hear().await["type"] != "pong" {}
    platform.person("bob", &[]).await;
    socket.subscribe("b", "{ __typename }", json!({})).await;
    assert_eq!(socket.hear().await["id"], "b");
}
