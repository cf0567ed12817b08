//! Tickets in the wrong hands, and terminals that are no good.

use std::time::Duration;

use chrono::{DateTime, Utc};
use nalabo::client::ClientError;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{self, client::IntoClientRequest};

use crate::{
    authoring::{checked, publish},
    lesson::Lesson,
    people::{Person, text},
    site::{PATIENCE, Server, Site},
};

async fn author_and_workshop(server: &Server) -> String {
    let author = Person::with_role(server, "author", "author").await;
    publish(&author, "free", checked(&[("done", "test -e done")])).await
}

fn refused(result: Result<impl Sized, ClientError>) -> (u16, Value) {
    match result.err().expect("it is to be refused") {
        ClientError::Refused { status, body } => {
            let mut body: Value = serde_json::from_str(&body).unwrap_or_else(|_| panic!("expected JSON instead of {body}"));
            (status, body["error"]["code"].take())
        }
        error => panic!("expected a refusal instead of {error}"),
    }
}

#[tokio::test]
async fn a_ticket_opens_one_terminal_of_one_environment_once_from_one_origin() {
    let site = Site::new();
    let server = site.serve();
    let workshop = author_and_workshop(&server).await;
    let (kit, eve) = (Person::register(&server, "kit").await, Person::register(&server, "eve").await);
    let (mine, hers) = (Lesson::start(&kit, &workshop).await, Lesson::start(&eve, &workshop).await);
    let (my_place, her_place) = (mine.environment().await, hers.environment().await);
    let eve_asks = eve.declined("terminalTicketIssue", json!({ "environmentId": my_place }), "ticket").await;
    assert_eq!(eve_asks, ["NOT_FOUND"]);

    let (ticket, path) = mine.ticket(&my_place).await;
    let (_, her_path) = hers.ticket(&her_place).await;
    assert_eq!(refused(kit.client.terminal(&path, "").await).0, 401);
    assert_eq!(refused(kit.client.terminal(&path, "nonsense").await), (401, "TICKET_INVALID".into()));
    assert_eq!(refused(kit.client.terminal_from(&path, &ticket, "https://evil.example.org").await), (403, "ORIGIN_FORBIDDEN".into()));
    // A page of another origin has not used it up.
    let terminal = kit.client.terminal_from(&path, &ticket, &format!("http://{}", server.address)).await.expect("let in");
    assert_eq!(refused(kit.client.terminal(&path, &ticket).await), (401, "TICKET_INVALID".into()));
    drop(terminal);
    let (ticket, _) = mine.ticket(&my_place).await;
    assert_eq!(refused(kit.client.terminal(&her_path, &ticket).await), (401, "TICKET_INVALID".into()));
    assert_eq!(
        refused(kit.client.terminal(&path, &ticket).await),
        (401, "TICKET_INVALID".into()),
        "a ticket shown at the wrong door is used up"
    );

    // As a browser does it that keeps tickets out of addresses.
    let (ticket, _) = mine.ticket(&my_place).await;
    let (status, _) = kit.client.get(&path).await.expect("an answer");
    assert_eq!(status, 426, "only web sockets");
    with_protocol(&server, &path, &ticket).await;

    // Whoever says who they are must be the one it is for.
    let (ticket, _) = mine.ticket(&my_place).await;
    assert_eq!(as_somebody(&server, &path, &ticket, &eve).await, Some(401));
    assert_eq!(as_somebody(&server, &path, &ticket, &kit).await, Some(401), "it is used up");
    let (ticket, _) = mine.ticket(&my_place).await;
    assert_eq!(as_somebody(&server, &path, &ticket, &kit).await, None);

    let old = kit.mutate("terminalTicketIssue", json!({ "environmentId": my_place }), "ticket expiresAt").await;
    let until: DateTime<Utc> = text(&old["expiresAt"]).parse().expect("an instant");
    while Utc::now() < until {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(refused(kit.client.terminal(&path, &text(&old["ticket"])).await), (401, "TICKET_INVALID".into()), "too old");

    let (late, _) = mine.ticket(&my_place).await;
    kit.mutate("sessionAbandon", json!({ "sessionId": mine.session }), "session { status }").await;
    mine.gone().await;
    assert_eq!(refused(kit.client.terminal(&path, &late).await), (409, "ENVIRONMENT_NOT_READY".into()));
    assert_eq!(kit.declined("terminalTicketIssue", json!({ "environmentId": my_place }), "ticket").await, ["WRONG_STATE"]);
}

/// The status of the refusal, if there is one.
async fn as_somebody(server: &Server, path: &str, ticket: &str, person: &Person) -> Option<u16> {
    let mut request = format!("ws://{}{path}?ticket={ticket}", server.address).into_client_request().expect("a request");
    let token = format!("Bearer {}", person.tokens.access).parse().expect("a header");
    request.headers_mut().insert("authorization", token);
    match tokio_tungstenite::connect_async(request).await {
        Ok(_) => None,
        Err(tungstenite::Error::Http(response)) => Some(response.status().as_u16()),
        Err(error) => panic!("expected an answer instead of {error}"),
    }
}

async fn with_protocol(server: &Server, path: &str, ticket: &str) {
    let mut request = format!("ws://{}{path}", server.address).into_client_request().expect("a request");
    let protocols = format!("nalabo-terminal, {ticket}").parse().expect("a header");
    request.headers_mut().insert("sec-websocket-protocol", protocols);
    let (_, response) = tokio_tungstenite::connect_async(request).await.expect("let in");
    assert_eq!(response.headers()["sec-websocket-protocol"], "nalabo-terminal");
}

#[tokio::test]
async fn a_terminal_takes_sizes_and_bytes_and_closes_on_anything_else() {
    let site = Site::new();
    let server = site.serve();
    let workshop = author_and_workshop(&server).await;
    let kit = Person::register(&server, "kit").await;
    let lesson = Lesson::start(&kit, &workshop).await;
    let environment = lesson.environment().await;
    let mut shell = lesson.shell(&environment).await;
    assert!(shell.run("stty size").await.expect("typed").contains("48 160"));
    // The shell hears of a new size a moment later than it is told.
    shell.terminal().resize(100, 30).await.expect("told");
    shell.run("until [ \"$(stty size)\" = '30 100' ]; do sleep 0.1; done").await.expect("it has the new size");
    shell.terminal().resize(0, 0).await.expect("told");
    assert_eq!(end_of(shell.terminal()).await, Some(4400));

    let mut shell = lesson.shell(&environment).await;
    shell.terminal().send(b"exit\r").await.expect("typed");
    assert_eq!(end_of(shell.terminal()).await, Some(1000));
    let data = kit.query("query($id: ID!) { session(id: $id) { environment { state } } }", json!({ "id": lesson.session })).await;
    assert_eq!(text(&data["session"]["environment"]["state"]), "READY", "it outlives its shells");
}

async fn end_of(terminal: &mut nalabo::client::Terminal) -> Option<u16> {
    let end = async {
        loop {
            if let Err(end) = terminal.receive().await {
                return end.close_code();
            }
        }
    };
    tokio::time::timeout(PATIENCE, end).await.expect("the terminal ends")
}
