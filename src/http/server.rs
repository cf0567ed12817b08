//! The server's side of connections: how many there may be, how long a peer may take to say what it wants, how they end.
//! What is spoken is HTTP/1.1, in the clear or encrypted; HTTP/2 is for what stands before the server.

use std::{
    convert::Infallible,
    io::ErrorKind,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request, response::Response};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::Sleep,
};

use super::tls::Tls;
use crate::node::turned;

/// How long a peer may take over the head of a request, and keep a connection open between two requests.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same where few places are left.
const HURRY: Duration = Duration::from_secs(2);
/// How long a peer may take none of what it is sent.
const STALL: Duration = Duration::from_secs(20);
/// How long a peer may be silent until its system is asked whether it is still there, again and again.
const SILENCE: Duration = Duration::from_mins(1);
/// Between two such questions.
const AGAIN: Duration = Duration::from_secs(10);
/// The head of a request may have so many bytes.
const HEAD: usize = 64 << 10;
/// Between two tries to accept a connection while the system has no room for one.
const PAUSE: Duration = Duration::from_millis(500);

/// Serves until told to stop, then lets the requests end that have begun. Dropping the future cuts them off. Sockets
/// count as connections for as long as they are open, but their ends are not waited for.
pub(crate) async fn serve(listener: TcpListener, app: Router, tls: Option<Tls>, at_once: usize, stop: watch::Receiver<bool>) {
    let places = Places::new(at_once);
    let mut connections = JoinSet::new();
    loop {
        let (connection, peer) = tokio::select! {
            accepted = places.accept(&listener) => accepted,
            () = turned(stop.clone()) => break,
        };
        while connections.try_join_next().is_some() {}
        let peer = Peer { address: peer, encrypted: tls.is_some(), patience: places.patience() };
        connections.spawn(attend(connection, peer, app.clone(), tls.clone(), stop.clone()));
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Said with requests that came encrypted.
#[derive(Clone, Copy)]
pub(super) struct Encrypted;

/// The other side of a connection.
#[derive(Clone, Copy)]
struct Peer {
    address: SocketAddr,
    encrypted: bool,
    patience: Duration,
}

/// Agrees on how to talk, where that is to be encrypted, and answers.
async fn attend(connection: Connection, peer: Peer, app: Router, tls: Option<Tls>, stop: watch::Receiver<bool>) {
    let Some(tls) = tls else { return converse(connection, peer, app, stop).await };
    let encrypted = tokio::select! {
        encrypted = tls.encrypted(connection, peer.patience) => encrypted,
        () = turned(stop.clone()) => return,
    };
    if let Some(encrypted) = encrypted {
        converse(encrypted, peer, app, stop).await;
    }
}

/// Answers one peer's requests.
async fn converse<C>(connection: C, peer: Peer, app: Router, stop: watch::Receiver<bool>)
where
    C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let app = TowerToHyperService::new(app);
    let service = service_fn(move |request| answer(&app, peer, request));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(peer.patience).max_buf_size(HEAD);
    let mut requests = pin!(http.serve_connection(TokioIo::new(connection), service).with_upgrades());
    let ended = tokio::select! {
        ended = requests.as_mut() => ended,
        () = turned(stop) => {
            requests.as_mut().graceful_shutdown();
            requests.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

fn answer(
    app: &TowerToHyperService<Router>,
    peer: Peer,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response, Infallible>> + Send + use<> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer.address));
    if peer.encrypted {
        request.extensions_mut().insert(Encrypted);
    }
    app.call(request)
}

/// The places for connections.
struct Places {
    all: usize,
    free: Arc<Semaphore>,
}

impl Places {
    /// As many as asked for, but not so many that files could no longer be opened.
    fn new(asked: usize) -> Self {
        let most = descriptors().map_or(asked, |all| all - all / 4);
        if most < asked {
            tracing::warn!(asked, most, "this process may not open enough files for so many connections (ulimit -n)");
        }
        let all = asked.min(most).max(1);
        Self { all, free: Arc::new(Semaphore::new(all)) }
    }

    /// The next connection, once there is a place for it.
    async fn accept(&self, listener: &TcpListener) -> (Connection, SocketAddr) {
        let place = Arc::clone(&self.free).acquire_owned().await.expect("the semaphore is never closed");
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => return (Connection::new(stream, place), peer),
                Err(error) if is_the_peers(error.kind()) => {}
                Err(error) => {
                    tracing::warn!(%error, "no connection can be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// For the one that was just accepted.
    fn patience(&self) -> Duration {
        if self.free.available_permits() < self.all / 4 { HURRY } else { PATIENCE }
    }
}

/// Whether a connection came to nothing because of its peer, which says nothing about the next one.
const fn is_the_peers(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionAborted | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset)
}

/// How many files this process may have open.
fn descriptors() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next()?.parse().ok())
}

/// A connection with its place, which is free again when the connection is closed, whatever it became.
struct Connection {
    stream: TcpStream,
    /// Runs while the peer takes nothing.
    stall: Option<Pin<Box<Sleep>>>,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    fn new(stream: TcpStream, place: OwnedSemaphorePermit) -> Self {
        // Only speed depends on it.
        let _ = stream.set_nodelay(true);
        // Who went away without a word would otherwise have an open socket for as long as nothing is sent to them.
        if let Err(error) = SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(SILENCE).with_interval(AGAIN)) {
            tracing::debug!(%error, "a connection is not looked after");
        }
        metrics::gauge!("nalabo_connections").increment(1.0);
        Self { stream, stall: None, _place: place }
    }

    /// Waits for the peer to take what it is sent, but not for ever.
    fn bounded<T>(&mut self, context: &mut Context<'_>, sent: Poll<std::io::Result<T>>) -> Poll<std::io::Result<T>> {
        if sent.is_ready() {
            self.stall = None;
            return sent;
        }
        let stall = self.stall.get_or_insert_with(|| Box::pin(tokio::time::sleep(STALL)));
        stall.as_mut().poll(context).map(|()| Err(ErrorKind::TimedOut.into()))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        metrics::gauge!("nalabo_connections").decrement(1.0);
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.bounded(context, sent)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.bounded(context, sent)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
