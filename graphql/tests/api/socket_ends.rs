//! Why a socket is refused or closed, and with what code.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::{platform::Platform, socket::Socket};

const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

/// The status an attempt to connect is refused with; none if it is not.
async fn refused(platform: &Platform, headers: &[(&'static str, &str)]) -> Option<u16> {
    match Socket::open(platform, headers).await {
        Ok(_) => None,
        Err(Error::Http(response)) => Some(response.status().as_u16()),
        Err(error) => panic!("expected an answer, got {error}"),
    }
}

#[tokio::test]
async fn only_one_protocol_is_spoken() {
    let platform = Platform::start().await;
    for headers in [&[][..], &[("sec-websocket-protocol", "graphql-ws")], &[("sec-websocket-protocol", "chat")]] {
        assert_eq!(refused(&platform, headers).await, Some(400), "{headers:?}");
    }
    assert_eq!(refused(&platform, &[("sec-websocket-protocol", "graphql-ws, graphql-transport-ws")]).await, None);
}

#[tokio::test]
async fn pages_from_elsewhere_may_not_connect() {
    let platform = Platform::with(|options| options.origins = vec!["https://app.example.org".into()]).await;
    let own = format!("http://{}", platform.address);
    for (origin, status) in [("https://evil.example.org", Some(403)), ("null", Some(403)), ("https://app.example.org", None), (&own, None)]
    {
        assert_eq!(refused(&platform, &[PROTOCOL, ("origin", origin)]).await, status, "{origin}");
    }
}

#[tokio::test]
async fn who_does_not_say_who_they_are_is_closed_out() {
    let platform = Platform::with(|options| options.limits.init = Duration::from_millis(100)).await;
    assert_eq!(Socket::stranger(&platform).await.closed().await, 4408);
}

#[tokio::test]
async fn who_takes_a_while_to_say_who_they_are_is_let_in() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let mut socket = Socket::stranger(&platform).await;
    tokio::time::sleep(graphql::Limits::default().init / 3).await;
    socket.say(json!({ "type": "connection_init", "payload": { "accessToken": ada.token } })).await;
    assert_eq!(socket.hear().await, json!({ "type": "connection_ack" }));
}

#[tokio::test]
async fn nothing_is_done_for_strangers() {
    let platform = Platform::start().await;
    let mut socket = Socket::stranger(&platform).await;
    socket.subscribe("1", "{ __typename }", json!({})).await;
    assert_eq!(socket.closed().await, 4401);
    for payload in [json!(null), json!({}), json!({ "accessToken": "nonsense" }), json!({ "authorization": "Basic YTpi" }), json!("text")] {
        let mut socket = Socket::stranger(&platform).await;
        socket.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.closed().await, 4403, "{payload}");
    }
}

#[tokio::test]
async fn what_is_not_of_the_protocol_closes_the_socket() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    for message in [
        Message::Text("nonsense".into()),
        Message::Text("[]".into()),
        Message::Text(json!({ "type": "start", "id": "1" }).to_string().into()),
        Message::Text(json!({ "type": "subscribe", "id": "1", "payload": {} }).to_string().into()),
        Message::Text(json!({ "type": "subscribe", "payload": { "query": "{ __typename }" } }).to_string().into()),
        Message::Binary(vec![1].into()),
    ] {
        let mut socket = Socket::of(&platform, &ada).await;
        socket.say_raw(message.clone()).await;
        assert_eq!(socket.closed().await, 4400, "{message:?}");
    }
}

#[tokio::test]
async fn greeting_twice_and_using_an_id_twice_close_the_socket() {
    let platform = Platform::start().await;
    let analyst = platform.person("analyst", &[domain::identity::Role::Analyst]).await;
    let mut socket = Socket::of(&platform, &analyst).await;
    socket.say(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.closed().await, 4429);
    let mut socket = Socket::of(&platform, &analyst).await;
    for _ in 0..2 {
        socket.subscribe("1", "subscription { events { id } }", json!({})).await;
    }
    assert_eq!(socket.closed().await, 4409);
}

#[tokio::test]
async fn messages_have_a_limit() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let limit = graphql::Limits::default().message;
    let of_length = |length: usize| {
        let message = |fill: usize| json!({ "type": "ping", "payload": "x".repeat(fill) }).to_string();
        message(length - message(0).len())
    };
    let mut socket = Socket::of(&platform, &ada).await;
    for length in [limit - 1, limit] {
        socket.say_raw(Message::Text(of_length(length).into())).await;
        assert_eq!(socket.hear().await["type"], "pong");
    }
    socket.say_raw(Message::Text(of_length(limit + 1).into())).await;
    assert_eq!(socket.closed().await, 1009);
}

#[tokio::test]
async fn a_socket_ends_with_its_token() {
    let platform = Platform::of(TimeDelta::seconds(2), |_| {}).await;
    let ada = platform.person("ada", &[]).await;
    assert_eq!(Socket::of(&platform, &ada).await.closed().await, 4403);
}

#[tokio::test]
async fn a_socket_ends_with_its_sign_in() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let other_device = platform.sign_in(&ada.email).await;
    let (mut socket, mut other) = (Socket::of(&platform, &ada).await, Socket::of(&platform, &other_device).await);
    platform.data(Some(&ada), "mutation { signOut { signedOut } }", json!({})).await;
    assert_eq!(socket.closed().await, 4403);
    other.say(json!({ "type": "ping" })).await;
    assert_eq!(other.hear().await["type"], "pong");
}

#[tokio::test]
async fn a_socket_ends_when_its_refresh_token_is_used_twice_or_its_device_revoked_or_everything_signed_out() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let [stolen, lost, other] =
        [platform.sign_in(&ada.email).await, platform.sign_in(&ada.email).await, platform.sign_in(&ada.email).await];
    let mut sockets = Vec::new();
    for person in [&stolen, &lost, &other] {
        sockets.push(Socket::of(&platform, person).await);
    }
    let mut refresh = stolen.refresh_token.clone();
    for _ in 0..2 {
        let trade = "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) { refreshToken } }";
        let data = platform.data(None, trade, json!({ "input": { "refreshToken": refresh } })).await;
        refresh = data["tokenRefresh"]["refreshToken"].as_str().expect("traded").to_owned();
    }
    let reuse = "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) { errors { code } } }";
    platform.data(None, reuse, json!({ "input": { "refreshToken": stolen.refresh_token } })).await;
    assert_eq!(sockets.remove(0).closed().await, 4403);
    let current = platform.data(Some(&lost), "{ devices { nodes { id isCurrent } } }", json!({})).await;
    let devices = current["devices"]["nodes"].as_array().expect("devices");
    let device = devices.iter().find(|device| device["isCurrent"] == true).expect("this one");
    let revoke = "mutation($input: DeviceRevokeInput!) { deviceRevoke(input: $input) { revoked } }";
    platform.data(Some(&ada), revoke, json!({ "input": { "deviceId": device["id"] } })).await;
    assert_eq!(sockets.remove(0).closed().await, 4403);
    platform.data(Some(&ada), "mutation { signOut(input: { everywhere: true }) { signedOut } }", json!({})).await;
    assert_eq!(sockets.remove(0).closed().await, 4403);
}

#[tokio::test]
async fn sockets_are_closed_when_the_process_ends() {
    let platform = Platform::start().await;
    let ada = platform.person("ada", &[]).await;
    let (mut known, mut stranger) = (Socket::of(&platform, &ada).await, Socket::stranger(&platform).await);
    platform.shutdown.send(true).expect("somebody listens");
    assert_eq!(known.closed().await, 1001);
    assert_eq!(stranger.closed().await, 1001);
}
