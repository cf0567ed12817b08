//! Many web sockets of one caller.

use nalabo::client::{ClientError, Terminal};
use serde_json::{Value, json};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{self, client::IntoClientRequest},
};

use crate::{
    authoring::{checked, publish},
    lesson::Lesson,
    people::Person,
    site::{Server, Site},
    waiting::until,
};

const TRUSTED: (&str, &str) = ("NALABO_TRUSTED_PROXIES", "[\"127.0.0.1\"]");
const BOARD: &str = "subscription { leaderboardChanged { totalCount } }";

type Stream = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// A socket that a proxy opens for an address, or the status and the code of why there is none.
async fn from(server: &Server, address: &str, path: &str, protocol: &str) -> Result<Stream, (u16, String)> {
    let mut request = format!("ws://{}{path}", server.address).into_client_request().expect("a request");
    for (name, value) in [("sec-websocket-protocol", protocol), ("x-forwarded-for", address)] {
        request.headers_mut().insert(name, value.parse().expect("a header"));
    }
    match tokio_tungstenite::connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(response)) => {
            let body: Value = serde_json::from_slice(response.body().as_deref().expect("a body")).expect("JSON");
            let code = if body["errors"].is_array() { &body["errors"][0]["extensions"]["code"] } else { &body["error"]["code"] };
            Err((response.status().as_u16(), code.as_str().expect("a code").to_owned()))
        }
        Err(error) => panic!("expected an answer instead of {error}"),
    }
}

async fn listening(server: &Server, address: &str) -> Result<Stream, (u16, String)> {
    from(server, address, "/graphql/ws", "graphql-transport-ws").await
}

/// A terminal, once there is room for it.
async fn terminal(lesson: &Lesson, environment: &str) -> Terminal {
    let mut opened = None;
    let open = async || match lesson.terminal(environment).await {
        Ok(terminal) => {
            opened = Some(terminal);
            None
        }
        Err(error) => Some(error.to_string()),
    };
    until("room for a terminal", open, Option::is_none).await;
    opened.expect("a terminal")
}

fn too_many() -> (u16, String) {
    (429, "QUOTA_EXCEEDED".to_owned())
}

#[tokio::test]
async fn an_address_is_the_clients_and_not_the_proxys() {
    let site = Site::new();
    let server = site.serve_with(&[TRUSTED, ("NALABO_SOCKETS__ADDRESS_AT_ONCE", "2")]);
    let first = listening(&server, "198.51.100.1").await.expect("below the bound");
    let _second = listening(&server, "1.1.1.1, 198.51.100.1").await.expect("at the bound");
    assert_eq!(listening(&server, "198.51.100.1").await.err(), Some(too_many()));
    let _other = listening(&server, "198.51.100.2").await.expect("another");
    let _six = [listening(&server, "2001:db8::1").await.expect("a network"), listening(&server, "2001:db8::2").await.expect("the same")];
    assert_eq!(listening(&server, "2001:db8::3").await.err(), Some(too_many()), "of IPv6 the network counts");
    let _elsewhere = listening(&server, "2001:db8:0:1::3").await.expect("another network");
    let (_, metrics) = server.client().get("/metrics").await.expect("an answer");
    assert!(metrics.contains("nalabo_sockets_refused_total{by=\"address\"} 2"), "{metrics}");
    drop(first);
    until("room for another", async || listening(&server, "198.51.100.1").await.is_ok(), |is_open| *is_open).await;
    server.stop();
}

#[tokio::test]
async fn terminals_and_subscriptions_count_together() {
    let site = Site::new();
    let server = site.serve_with(&[TRUSTED, ("NALABO_SOCKETS__ACCOUNT_AT_ONCE", "2"), ("NALABO_SOCKETS__ADDRESS_AT_ONCE", "3")]);
    let author = Person::with_role(&server, "author", "author").await;
    let workshop = publish(&author, "free", checked(&[("done", "test -e done")])).await;
    let kit = Person::register(&server, "kit").await;
    let lesson = Lesson::start(&kit, &workshop).await;
    let environment = lesson.environment().await;
    let shell = terminal(&lesson, &environment).await;
    let mut board = kit.client.subscribe(BOARD, Value::Null).await.expect("at the bound");
    board.next().await.expect("told").expect("the board");
    let refused = |result: Result<(), ClientError>| match result.expect_err("above the bound") {
        ClientError::Refused { status, body } => {
            let body: Value = serde_json::from_str(&body).expect("JSON");
            assert_eq!((status, &body["error"]["code"]), (429, &json!("QUOTA_EXCEEDED")), "{body}");
            assert_eq!(body["error"]["message"], "expected at most 2 web sockets open at once by one account");
        }
        error => panic!("expected a refusal instead of {error}"),
    };
    refused(lesson.terminal(&environment).await.map(drop));
    let closed = kit.client.subscribe(BOARD, Value::Null).await.map(drop).expect_err("above the bound");
    assert_eq!(closed.close_code(), Some(1013), "{closed}");
    // That which was closed counts by its address until the server has seen that it is gone.
    until("room for another's", async || author.client.subscribe(BOARD, Value::Null).await.is_ok(), |is_open| *is_open).await;
    drop(shell);
    let _again = terminal(&lesson, &environment).await;
    // By the account, once those that were closed do not count for the address any more.
    let refusal = async || match lesson.terminal(&environment).await.map(drop).expect_err("above the bound") {
        ClientError::Refused { status, body } => (status, body),
        error => panic!("expected a refusal instead of {error}"),
    };
    until("a refusal by the account", refusal, |(status, body)| *status == 429 && body.contains("by one account")).await;
    drop(board);

    // A ticket of whose address has too many is not used up by that.
    let there = "198.51.100.1";
    let held = [listening(&server, there).await, listening(&server, there).await, listening(&server, there).await]
        .map(|held| held.expect("below the bound"));
    let ticket = async || {
        let (ticket, path) = lesson.ticket(&environment).await;
        let protocol = format!("nalabo-terminal, {ticket}");
        let refused = from(&server, there, &path, &protocol).await.err();
        (refused, from(&server, "198.51.100.2", &path, &protocol).await.err())
    };
    let opened = until("a ticket that is good", ticket, |(_, elsewhere)| elsewhere.is_none()).await;
    assert_eq!(opened.0, Some(too_many()));
    drop(held);
    server.stop();
}
