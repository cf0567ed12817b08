//! Web sockets, whatever is said on them.

use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue, protocol::CloseFrame},
};

use super::ClientError;

/// How long the server may take to let somebody in.
const PATIENCE: Duration = Duration::from_secs(30);
const NO_STATUS: u16 = 1005;
const ABNORMAL: u16 = 1006;

/// A web socket.
pub(super) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Connects with a path, and headers besides those of the protocol.
    pub(super) async fn connect(address: SocketAddr, path: &str, headers: &[(&'static str, &str)]) -> Result<Self, ClientError> {
        let mut request = format!("ws://{address}{path}").into_client_request().map_err(fault)?;
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).map_err(|_| ClientError::Protocol(format!("{name}: not a value of a header")))?;
            request.headers_mut().insert(*name, value);
        }
        let connected = timeout(PATIENCE, tokio_tungstenite::connect_async(request)).await;
        let connected = connected.map_err(|_| ClientError::Silent("a web socket".into()))?;
        connected.map(|(socket, _)| Self(socket)).map_err(fault)
    }

    pub(super) async fn send(&mut self, message: Message) -> Result<(), ClientError> {
        self.0.send(message).await.map_err(fault)
    }

    /// The next text or bytes.
    pub(super) async fn receive(&mut self) -> Result<Message, ClientError> {
        loop {
            match self.0.next().await {
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => return Ok(message),
                Some(Ok(Message::Close(frame))) => {
                    // Answers the other side's farewell; it may have hung up already.
                    let _ = self.0.flush().await;
                    return Err(closed(frame));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(fault(error)),
                None => return Err(ClientError::Closed { code: ABNORMAL, reason: String::new() }),
            }
        }
    }
}

fn closed(frame: Option<CloseFrame>) -> ClientError {
    match frame {
        Some(frame) => ClientError::Closed { code: frame.code.into(), reason: frame.reason.to_string() },
        None => ClientError::Closed { code: NO_STATUS, reason: String::new() },
    }
}

fn fault(error: Error) -> ClientError {
    match error {
        Error::Http(response) => {
            let body = response.body().as_deref().map(String::from_utf8_lossy).unwrap_or_default().into_owned();
            ClientError::Refused { status: response.status().as_u16(), body }
        }
        Error::ConnectionClosed | Error::AlreadyClosed => ClientError::Closed { code: ABNORMAL, reason: String::new() },
        error => ClientError::Socket(Box::new(error)),
    }
}
