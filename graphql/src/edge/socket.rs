//! Subscriptions by web socket, in the protocol `graphql-transport-ws`.

mod conversation;
mod ending;
mod greeting;
mod messages;
mod operations;

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{
        Request, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket, rejection::WebSocketUpgradeRejection},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{Api, circumstances::Circumstances, origin, refusal::Refusal};
use crate::{failure::Failure, sockets::Counted};

const PROTOCOL: &str = "graphql-transport-ws";
/// How long a client may take to close its side.
const CLOSING: Duration = Duration::from_secs(5);

/// How a socket ends.
#[derive(Debug)]
enum End {
    /// With a code and a reason for the client.
    Close(u16, String),
    /// The client is gone.
    Gone,
}

impl End {
    fn close(code: u16, reason: impl Into<String>) -> Self {
        Self::Close(code, reason.into())
    }
}

/// Turns a request into a web socket.
pub(super) async fn upgrade(
    State(api): State<Arc<Api>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let circumstances = Circumstances::of(&parts);
    let refuse = |status, message: String| Refusal::bad(status, message).of(circumstances.correlation).into_response();
    if let Err(failure) = api.count(&circumstances) {
        return Refusal::from(failure).of(circumstances.correlation).into_response();
    }
    if !origin::is_allowed(&parts.headers, &api.options.origins) {
        return refuse(StatusCode::FORBIDDEN, "origin: pages from there may not connect".into());
    }
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade.protocols([PROTOCOL]),
        Err(rejection) => return refuse(rejection.status(), rejection.body_text()),
    };
    if upgrade.selected_protocol().is_none() {
        return refuse(StatusCode::BAD_REQUEST, format!("sec-websocket-protocol: expected {PROTOCOL}"));
    }
    let counted = match api.options.sockets.address(circumstances.address) {
        Ok(counted) => counted,
        Err(too_many) => return Refusal::from(Failure::from(too_many)).of(circumstances.correlation).into_response(),
    };
    // Larger than what is taken, so that what is a little too large can be told so.
    let most = api.options.limits.message * 4;
    upgrade.max_message_size(most).max_frame_size(most).on_upgrade(|socket| hold(api, socket, circumstances, counted))
}

async fn hold(api: Arc<Api>, mut socket: WebSocket, circumstances: Circumstances, _of_address: Counted) {
    let _shown = Shown::new();
    let end = match greeting::greet(&api, &mut socket, &circumstances).await {
        Ok((guest, _of_account)) => conversation::hold(&api, &mut socket, &circumstances, guest).await,
        Err(end) => end,
    };
    if let End::Close(code, reason) = end {
        // Whoever does not take the news within that time is not there.
        let _ = tokio::time::timeout(CLOSING, close(socket, code, reason)).await;
    }
}

async fn close(mut socket: WebSocket, code: u16, reason: String) {
    let frame = CloseFrame { code, reason: reason.into() };
    if socket.send(Message::Close(Some(frame))).await.is_ok() {
        while let Some(Ok(_)) = socket.recv().await {}
    }
}

/// One more socket that operators see, until it is dropped.
struct Shown(metrics::Gauge);

impl Shown {
    fn new() -> Self {
        let gauge = metrics::gauge!("nalabo_sockets", "kind" => "graphql");
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
