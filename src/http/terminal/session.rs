//! One open terminal, from its first byte to the reason it closes for.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use graphql::Counted;
use orchestrator::{
    driver::{Terminal, TerminalInput, TerminalSize},
    tickets::Grant,
};
use serde::Deserialize;
use tokio::{sync::watch, time::Instant};

use super::super::Shared;

/// How often it is looked up whether the sign-in is still open.
const WATCH: Duration = Duration::from_secs(2);
/// How long a peer may take to take a message before it counts as gone.
const SEND: Duration = Duration::from_secs(10);

/// Why a terminal closes, as the client is told.
enum End {
    Shell,
    SignedOut,
    Idle,
    Shutdown,
    Malformed,
    Gone,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Control {
    resize: Size,
}

#[derive(Deserialize)]
struct Size {
    columns: u16,
    rows: u16,
}

/// Shows operators one more open socket for as long as it lives.
struct Shown;

impl Shown {
    fn new() -> Self {
        metrics::gauge!("nalabo_sockets", "kind" => "terminal").increment(1.0);
        Self
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        metrics::gauge!("nalabo_sockets", "kind" => "terminal").decrement(1.0);
    }
}

/// Passes bytes both ways until the shell, the learner, the sign-in or the server ends. So long the socket counts.
pub(super) async fn run(shared: Arc<Shared>, grant: Grant, terminal: Terminal, socket: WebSocket, _counted: [Counted; 2]) {
    let _shown = Shown::new();
    let (mut sink, mut incoming) = socket.split();
    let Terminal { mut output, input } = terminal;
    let mut shutdown = shared.options.shutdown.clone();
    let mut watch = tokio::time::interval(WATCH);
    let idle = shared.services.idle;
    let mut silent_until = Instant::now() + idle;
    let end = loop {
        tokio::select! {
            () = turned(&mut shutdown) => break End::Shutdown,
            _ = watch.tick() => if !still_signed_in(&shared, grant).await { break End::SignedOut },
            () = tokio::time::sleep_until(silent_until) => break End::Idle,
            bytes = output.recv() => {
                let Some(bytes) = bytes else { break End::Shell };
                silent_until = Instant::now() + idle;
                if !send(&mut sink, Message::Binary(bytes.into())).await { break End::Gone }
            }
            message = incoming.next() => {
                silent_until = Instant::now() + idle;
                let typed = match message {
                    Some(Ok(Message::Binary(bytes))) => TerminalInput::Bytes(bytes.to_vec()),
                    Some(Ok(Message::Text(text))) => match size(&text) {
                        Some(size) => TerminalInput::Resize(size),
                        None => break End::Malformed,
                    },
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => break End::Gone,
                };
                if input.send(typed).await.is_err() { break End::Shell }
            }
        }
    };
    close(&mut sink, &end).await;
}

/// Waits for the server to be told to stop.
async fn turned(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await; // An error means that the server is gone.
}

fn size(text: &str) -> Option<TerminalSize> {
    let Size { columns, rows } = serde_json::from_str::<Control>(text).ok()?.resize;
    let sane = (1..=1000).contains(&columns) && (1..=1000).contains(&rows);
    sane.then_some(TerminalSize { columns, rows })
}

/// A fault is no sign-out: it is looked up again soon.
async fn still_signed_in(shared: &Shared, grant: Grant) -> bool {
    !matches!(shared.services.commands.identity.standing(grant.account, grant.sign_in).await, Ok(None))
}

async fn send(sink: &mut SplitSink<WebSocket, Message>, message: Message) -> bool {
    matches!(tokio::time::timeout(SEND, sink.send(message)).await, Ok(Ok(())))
}

async fn close(sink: &mut SplitSink<WebSocket, Message>, end: &End) {
    let (code, reason) = match end {
        End::Shell => (1000, "the shell has ended"),
        End::SignedOut => (4403, "signed out"),
        End::Idle => (4408, "idle for too long"),
        End::Shutdown => (1001, "the server is shutting down"),
        End::Malformed => (4400, "expected binary frames, or {\"resize\":{\"columns\":1-1000,\"rows\":1-1000}}"),
        End::Gone => return,
    };
    send(sink, Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
}
