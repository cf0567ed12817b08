//! How many sockets one caller has open at once.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use graphql::{SocketBounds, Sockets};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::{
    platform::{Person, Platform},
    socket::Socket,
};

const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");
/// How long it may take until a server has seen that a client is gone.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(20);

async fn bounded(address: u32, account: u32) -> Platform {
    let sockets = Sockets::new(SocketBounds { address, account });
    Platform::with(|options| {
        options.sockets = Arc::new(sockets);
        options.limits.init = PATIENCE;
    })
    .await
}

/// A socket of who has not said who they are, or the status and the body of why there is none.
async fn stranger(platform: &Platform) -> Result<Socket, (u16, Value)> {
    Socket::open(platform, &[PROTOCOL]).await.map_err(|error| match error {
        Error::Http(response) => {
            let body = response.body().as_deref().expect("a body");
            (response.status().as_u16(), serde_json::from_slice(body).expect("JSON"))
        }
        error => panic!("expected an answer, got {error}"),
    })
}

/// A socket of somebody's, or the code and the reason that it is closed with.
async fn greeted(platform: &Platform, person: &Person) -> Result<Socket, (u16, String)> {
    let mut socket = Socket::stranger(platform).await;
    socket.say(json!({ "type": "connection_init", "payload": { "accessToken": person.token } })).await;
    match socket.message().await {
        Message::Text(text) => assert_eq!(text.as_str(), json!({ "type": "connection_ack" }).to_string()),
        Message::Close(frame) => {
            let frame = frame.expect("a reason");
            return Err((frame.code.into(), frame.reason.to_string()));
        }
        other => panic!("expected to be let in or not, got {other:?}"),
    }
    Ok(socket)
}

/// Tries until there is room again, which a server sees a moment later than the client.
async fn once_there_is_room<E>(mut open: impl AsyncFnMut() -> Result<Socket, E>) -> Socket {
    let began = Instant::now();
    loop {
        if let Ok(socket) = open().await {
            return socket;
        }
        assert!(began.elapsed() < PATIENCE, "the one that has ended still counts");
        tokio::time::sleep(PAUSE).await;
    }
}

#[tokio::test]
async fn an_account_has_so_many_and_one_more_once_one_has_ended() {
    let platform = bounded(0, 2).await;
    let (ada, bob) = (platform.person("ada", &[]).await, platform.person("bob", &[]).await);
    let elsewhere = platform.sign_in(&ada.email).await;
    let mut open = vec![greeted(&platform, &ada).await.expect("below the bound"), greeted(&platform, &ada).await.expect("at the bound")];
    let refused = || (1013, "expected at most 2 web sockets open at once by one account".to_owned());
    for same in [&ada, &elsewhere] {
        assert_eq!(greeted(&platform, same).await.err(), Some(refused()), "by whichever sign-in");
    }
    greeted(&platform, &bob).await.expect("another");
    let mut one = open.remove(0);
    one.say(json!({ "type": "ping" })).await;
    assert_eq!(one.hear().await["type"], "pong", "those that are open stay");
    drop(one);
    open.push(once_there_is_room(async || greeted(&platform, &ada).await).await);
    assert_eq!(greeted(&platform, &ada).await.err(), Some(refused()), "and no more than one");
}

#[tokio::test]
async fn an_address_has_so_many_whoever_they_are() {
    let platform = bounded(3, 0).await;
    let ada = platform.person("ada", &[]).await;
    let mut open = vec![greeted(&platform, &ada).await.expect("one of somebody's")];
    open.push(stranger(&platform).await.expect("below the bound"));
    open.push(stranger(&platform).await.expect("at the bound"));
    let (status, body) = stranger(&platform).await.err().expect("above it");
    let error = &body["errors"][0];
    assert_eq!((status, &error["extensions"]["code"]), (429, &json!("QUOTA_EXCEEDED")), "{body}");
    assert_eq!(error["message"], "expected at most 3 web sockets open at once from one network address");
    // What is no socket is none of them.
    assert_eq!(platform.data(Some(&ada), "{ me { id } }", Value::Null).await["me"]["id"], ada.id);
    drop(open.pop());
    open.push(once_there_is_room(async || stranger(&platform).await).await);
    assert_eq!(stranger(&platform).await.err().map(|(status, _)| status), Some(429), "and no more than one");
}

#[tokio::test]
async fn however_a_socket_ends_it_counts_no_more() {
    let platform = bounded(1, 1).await;
    let (ada, bob) = (platform.person("ada", &[]).await, platform.person("bob", &[]).await);
    let mut socket = stranger(&platform).await.expect("the only one");
    socket.say(json!({ "type": "connection_init", "payload": { "accessToken": "nonsense" } })).await;
    assert_eq!(socket.closed().await, 4403, "a token that is no good");
    let open = async || stranger(&platform).await;
    let mut socket = once_there_is_room(open).await;
    socket.say(json!({ "type": "nonsense" })).await;
    assert_eq!(socket.closed().await, 4400, "before it was said who it is");
    for message in [Message::Text("nonsense".into()), Message::Close(None)] {
        let mut socket = once_there_is_room(open).await;
        socket.say(json!({ "type": "connection_init", "payload": { "accessToken": ada.token } })).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        socket.say_raw(message).await;
    }
    let mut socket = once_there_is_room(open).await;
    socket.say(json!({ "type": "connection_init", "payload": { "accessToken": bob.token } })).await;
    assert_eq!(socket.hear().await["type"], "connection_ack");
    platform.data(Some(&bob), "mutation { signOut { signedOut } }", json!({})).await;
    assert_eq!(socket.closed().await, 4403, "signed out");
    drop(once_there_is_room(open).await);
    let mut socket = once_there_is_room(open).await;
    socket.say(json!({ "type": "connection_init", "payload": { "accessToken": ada.token } })).await;
    assert_eq!(socket.hear().await["type"], "connection_ack", "of the account, none is counted either");
}
