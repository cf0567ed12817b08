//! The messages of `graphql-transport-ws`.

use async_graphql::{Response, ServerError};
use axum::extract::ws::{Message, WebSocket};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{super::request::Wire, End};

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum FromClient {
    ConnectionInit {
        #[serde(default)]
        payload: Option<Value>,
    },
    Ping {},
    Pong {},
    Subscribe {
        id: String,
        payload: Wire,
    },
    Complete {
        id: String,
    },
}

/// What it is told.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ToClient {
    ConnectionAck,
    Pong,
    Next { id: String, payload: Box<Response> },
    Error { id: String, payload: Vec<ServerError> },
    Complete { id: String },
}

/// The client's next message.
pub(super) async fn receive(socket: &mut WebSocket, limit: usize) -> Result<FromClient, End> {
    loop {
        match socket.recv().await {
            Some(Ok(Message::Text(text))) if text.len() > limit => {
                return Err(End::close(1009, format!("expected messages of at most {limit} bytes")));
            }
            Some(Ok(Message::Text(text))) => {
                return serde_json::from_str(&text).map_err(|error| malformed(&error.to_string()));
            }
            Some(Ok(Message::Binary(_))) => return Err(malformed("expected text")),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(End::Gone),
        }
    }
}

/// Tells the client something; waits as long as it does not listen.
pub(super) async fn send(socket: &mut WebSocket, message: &ToClient) -> Result<(), End> {
    let text = serde_json::to_string(message).map_err(|error| {
        tracing::error!(%error, "a message is not JSON");
        End::close(1011, "internal error")
    })?;
    socket.send(Message::Text(text.into())).await.map_err(|_| End::Gone)
}

/// A reason must fit into a frame of 125 bytes.
fn malformed(what: &str) -> End {
    let mut reason = format!("malformed message: {what}");
    reason.truncate(reason.floor_char_boundary(120));
    End::close(4400, reason)
}
