//! Web sockets that do not keep to the protocol.

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio_tungstenite::tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue};

use super::{cases, expanded, is_well, none_differs};
use crate::{
    people::Person,
    site::{PATIENCE, Server, Site},
};

/// Some wait for seconds until they are closed.
const AT_ONCE: usize = 6;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Case {
    name: String,
    /// Of the request to open it, where they are other than usual; null for those that are not there.
    #[serde(default)]
    headers: Map<String, Value>,
    /// Whether it is said who is there before anything else.
    #[serde(default)]
    greeted: bool,
    /// What is said: texts, objects, or bytes as numbers.
    #[serde(default)]
    send: Vec<Value>,
    /// The types of what is told, with ids and codes behind them; `?` for any. Where it is not closed, what comes later is not waited for.
    #[serde(default)]
    told: Vec<String>,
    /// The status that refuses to open it.
    refused: Option<u16>,
    /// The code that it is closed with.
    closed: Option<u16>,
}

fn message(said: &Value, token: &str) -> Message {
    match said {
        Value::String(text) => Message::text(expanded(text).replace("<token>", token)),
        Value::Array(bytes) => {
            Message::binary(bytes.iter().map(|byte| u8::try_from(byte.as_u64().expect("a byte")).expect("a byte")).collect::<Vec<_>>())
        }
        other => Message::text(expanded(&other.to_string()).replace("<token>", token)),
    }
}

/// What a message is, and of which operation.
fn named(message: &Value) -> String {
    let kind = message["type"].as_str().unwrap_or_default();
    let code = message["payload"][0]["extensions"]["code"].as_str();
    [Some(kind), message["id"].as_str(), code].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Where what happens differs from what must.
async fn spoken(server: &Server, token: &str, case: &Case) -> Result<(), String> {
    let mut request = format!("ws://{}/graphql/ws", server.address).into_client_request().expect("a request");
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("graphql-transport-ws"));
    for (name, value) in &case.headers {
        let name = name.parse::<reqwest::header::HeaderName>().expect("a name");
        match value.as_str() {
            Some(value) => drop(request.headers_mut().insert(name, value.parse().expect("a value"))),
            None => drop(request.headers_mut().remove(name)),
        }
    }
    let mut socket = match tokio_tungstenite::connect_async(request).await {
        Ok((socket, _)) if case.refused.is_none() => socket,
        Ok(_) => return Err("it was opened".into()),
        Err(Error::Http(response)) if Some(response.status().as_u16()) == case.refused => return Ok(()),
        Err(error) => return Err(error.to_string()),
    };
    let greeting = format!("{{\"type\":\"connection_init\",\"payload\":{{\"accessToken\":\"{token}\"}}}}");
    let greeting = case.greeted.then(|| Message::text(greeting));
    for message in greeting.into_iter().chain(case.send.iter().map(|said| message(said, token))) {
        // It may have been closed by then.
        let _ = socket.send(message).await;
    }
    let mut told = Vec::new();
    let expected = case.told.len() + usize::from(case.greeted);
    let closed = loop {
        if case.closed.is_none() && told.len() == expected {
            break None;
        }
        match tokio::time::timeout(PATIENCE, socket.next()).await.map_err(|_| format!("nothing more after {told:?}"))? {
            Some(Ok(Message::Text(text))) => told.push(named(&serde_json::from_str(&text).map_err(|error| error.to_string())?)),
            Some(Ok(Message::Close(frame))) => break frame.map(|frame| u16::from(frame.code)),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error.to_string()),
            None => return Err("it ended without a farewell".into()),
        }
    };
    let greeted: Vec<String> = case.greeted.then(|| "connection_ack".to_owned()).into_iter().chain(case.told.iter().cloned()).collect();
    // What was told before it was closed depends on who was faster.
    // Several operations at once are answered in any order.
    let in_order = !greeted.iter().any(|expected| expected == "?");
    let as_expected = if in_order { told == greeted } else { greeted.iter().all(|expected| expected == "?" || told.contains(expected)) };
    let same = case.closed.is_some() && case.told.is_empty() || told.len() == greeted.len() && as_expected;
    if closed != case.closed || !same { Err(format!("{closed:?} after {told:?}")) } else { Ok(()) }
}

#[tokio::test]
async fn sockets_are_served_and_closed_as_the_corpus_says() {
    let site = Site::new();
    let server = site.serve();
    let kit = Person::register(&server, "kit").await;
    let cases = cases::<Case>("sockets", 60);
    let spoken = cases
        .iter()
        .map(|case| async { spoken(&server, &kit.tokens.access, case).await.err().map(|what| format!("{}: {what}", case.name)) });
    let findings: Vec<Option<String>> = futures_util::stream::iter(spoken).buffer_unordered(AT_ONCE).collect().await;
    let findings: Vec<String> = findings.into_iter().flatten().collect();
    none_differs(&findings);
    is_well(&server).await;
    let (_, metrics) = server.client().get("/metrics").await.expect("an answer");
    assert!(metrics.contains("nalabo_sockets"), "{metrics}");
    server.stop();
}
