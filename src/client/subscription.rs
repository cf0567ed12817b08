//! A subscription over `graphql-transport-ws`, on a web socket of its own.

use std::{net::SocketAddr, time::Duration};

use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::{ClientError, socket::Socket};

/// How long the server may take to welcome a client.
const PATIENCE: Duration = Duration::from_secs(30);

/// A subscription. Dropping it ends it.
pub struct Subscription {
    socket: Socket,
}

impl Subscription {
    pub(super) async fn open(address: SocketAddr, token: Option<&str>, query: &str, variables: Value) -> Result<Self, ClientError> {
        let mut this =
            Self { socket: Socket::connect(address, "/graphql/ws", &[("sec-websocket-protocol", "graphql-transport-ws")]).await? };
        this.say(&json!({ "type": "connection_init", "payload": { "accessToken": token } })).await?;
        let welcome = timeout(PATIENCE, this.hear()).await.map_err(|_| ClientError::Silent("connection_ack".into()))??;
        if welcome["type"] != "connection_ack" {
            return Err(ClientError::Protocol(welcome.to_string()));
        }
        this.say(&json!({ "type": "subscribe", "id": "1", "payload": { "query": query, "variables": variables } })).await?;
        Ok(this)
    }

    /// The data of the next answer; nothing after the last. Waits as long as it takes.
    ///
    /// # Errors
    /// The server closed the socket, or answered with errors.
    pub async fn next(&mut self) -> Result<Option<Value>, ClientError> {
        loop {
            let mut message = self.hear().await?;
            match message["type"].as_str() {
                Some("next") if message["payload"]["errors"].is_array() => {
                    return Err(ClientError::Answered(message["payload"]["errors"].take()));
                }
                Some("next") => return Ok(Some(message["payload"]["data"].take())),
                Some("error") => return Err(ClientError::Answered(message["payload"].take())),
                Some("complete") => return Ok(None),
                Some("ping") => self.say(&json!({ "type": "pong" })).await?,
                Some("pong") => {}
                _ => return Err(ClientError::Protocol(message.to_string())),
            }
        }
    }

    /// The first of the next answers of which `wanted` finds something; `what` names it should none come in time.
    ///
    /// # Errors
    /// As [`Self::next`], and [`ClientError::Silent`] after `patience`, or if there are no more answers.
    pub async fn until<T>(
        &mut self,
        what: &str,
        patience: Duration,
        mut wanted: impl FnMut(&Value) -> Option<T>,
    ) -> Result<T, ClientError> {
        let silent = || ClientError::Silent(what.into());
        let waiting = async {
            while let Some(data) = self.next().await? {
                if let Some(found) = wanted(&data) {
                    return Ok(found);
                }
            }
            Err(silent())
        };
        timeout(patience, waiting).await.unwrap_or_else(|_| Err(silent()))
    }

    async fn say(&mut self, message: &Value) -> Result<(), ClientError> {
        self.socket.send(Message::text(message.to_string())).await
    }

    async fn hear(&mut self) -> Result<Value, ClientError> {
        let message = self.socket.receive().await?;
        let text = message.to_text().map_err(|_| ClientError::Protocol("bytes where text was expected".into()))?;
        serde_json::from_str(text).map_err(|error| ClientError::Protocol(error.to_string()))
    }
}
