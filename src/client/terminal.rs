//! A terminal over a web socket.

use std::net::SocketAddr;

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::{ClientError, socket::Socket};

/// A terminal. Dropping it hangs up.
pub struct Terminal {
    socket: Socket,
}

impl Terminal {
    pub(super) async fn open(address: SocketAddr, path: &str, ticket: &str, origin: Option<&str>) -> Result<Self, ClientError> {
        let origin: Vec<_> = origin.map(|origin| ("origin", origin)).into_iter().collect();
        Ok(Self { socket: Socket::connect(address, &format!("{path}?ticket={ticket}"), &origin).await? })
    }

    /// Types something.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), ClientError> {
        self.socket.send(Message::binary(bytes.to_vec())).await
    }

    /// Tells the size of the window, in characters.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn resize(&mut self, columns: u16, rows: u16) -> Result<(), ClientError> {
        self.socket.send(Message::text(json!({ "resize": { "columns": columns, "rows": rows } }).to_string())).await
    }

    /// What is printed next. Waits as long as it takes.
    ///
    /// # Errors
    /// [`ClientError::Closed`] when the shell has ended or the server ends the connection.
    pub async fn receive(&mut self) -> Result<Vec<u8>, ClientError> {
        Ok(self.socket.receive().await?.into_data().to_vec())
    }
}
