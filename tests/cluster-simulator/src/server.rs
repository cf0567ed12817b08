//! The network's side: TLS on loopback, HTTP/1.1.

use std::{
    net::TcpListener as StdListener,
    sync::{Arc, atomic::Ordering},
};

use axum::{body::Body, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    runtime::Runtime,
};
use tokio_rustls::TlsAcceptor;

use crate::cluster::{Cluster, fingerprint};

mod answers;
mod control;
mod objects;
mod pipeline;

/// Serves until the runtime ends.
pub(crate) fn spawn(runtime: &Runtime, listener: StdListener, cluster: &Arc<Cluster>) -> Result<(), String> {
    let config = cluster.authority.server(&[], Some(cluster.address.ip()))?;
    let acceptor = TlsAcceptor::from(config);
    let guard = runtime.enter();
    let listener = TcpListener::from_std(listener).map_err(|error| error.to_string())?;
    drop(guard);
    runtime.spawn(Arc::clone(cluster).attend());
    let cluster = Arc::clone(cluster);
    runtime.spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                continue;
            };
            if *cluster.reachable.borrow() {
                let _ = stream.set_nodelay(true);
                tokio::spawn(converse(stream, acceptor.clone(), Arc::clone(&cluster)));
            }
        }
    });
    Ok(())
}

/// Answers one client's requests until it goes or the cluster is cut off.
pub(crate) async fn converse(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, acceptor: TlsAcceptor, cluster: Arc<Cluster>) {
    let mut reachable = cluster.reachable.subscribe();
    let Ok(stream) = acceptor.accept(stream).await else { return };
    cluster.connections.fetch_add(1, Ordering::SeqCst);
    let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first()).map(|first| fingerprint(first));
    let serving = Arc::clone(&cluster);
    let service =
        service_fn(move |request: Request<Incoming>| pipeline::respond(Arc::clone(&serving), certificate, request.map(Body::new)));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades();
    tokio::select! {
        _ = connection => {}
        _ = reachable.wait_for(|reachable| !reachable) => {}
    }
    cluster.connections.fetch_sub(1, Ordering::SeqCst);
}
