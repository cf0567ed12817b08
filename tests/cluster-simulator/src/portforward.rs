//! Ports of pods, over a web socket with the subprotocol `v4.channel.k8s.io`: two channels for each port, one for its bytes and one
//! for what is wrong with it, each of which begins with the port's number.
//!
//! No container runs here, so that nobody listens at any port, except for the control plane of a vCluster (`vcluster.rs`).

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    body::Body,
    extract::{
        FromRequestParts,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{Response, request::Parts},
};
use futures_util::{SinkExt, StreamExt, stream::SplitStream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf, split},
    sync::mpsc,
};

use crate::{
    cluster::Cluster,
    failure::{Answer, Failure},
    read,
    target::Target,
};

const CHUNK: usize = 16 << 10;
/// Messages that wait for the client.
const WAITING: usize = 32;

/// A channel, and what goes over it; nothing once its port is closed.
type Part = (u8, Option<Vec<u8>>);

/// Forwards ports of a pod until the client or the pod goes, or one of the ports is closed.
///
/// # Errors
/// 400 for a request that is no web socket or names no port, and for a pod that does not run; 404 for an unknown pod.
pub(crate) async fn upgrade(cluster: &Arc<Cluster>, target: &Target, head: &mut Parts) -> Answer<Response<Body>> {
    let pod = cluster.locked(|store| read::get(store, target))?;
    if pod["status"]["phase"] != "Running" {
        let phase = pod["status"]["phase"].as_str().unwrap_or_default();
        return Err(Failure::bad_request(format!("unable to forward port because pod is not running. Current status={phase}")));
    }
    let ports = target.query.all("ports");
    let ports: Result<Vec<u16>, _> = ports.iter().flat_map(|ports| ports.split(',')).map(str::parse).collect();
    let ports = ports.ok().filter(|ports| !ports.is_empty() && ports.len() < 100);
    let ports = ports.ok_or_else(|| Failure::bad_request("query parameter \"ports\" is required"))?;
    let upgrade = WebSocketUpgrade::from_request_parts(head, &()).await;
    let upgrade =
        upgrade.map_err(|_| Failure::bad_request("unable to upgrade: a web socket is expected"))?.protocols(["v4.channel.k8s.io"]);
    if upgrade.selected_protocol().is_none() {
        return Err(Failure::bad_request("unable to upgrade: expected v4.channel.k8s.io"));
    }
    let uid = pod["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
    let cluster = Arc::clone(cluster);
    Ok(upgrade.on_upgrade(move |socket| async move {
        let _counted = Counted::new(&cluster.tunnels);
        let mut reachable = cluster.reachable.subscribe();
        tokio::select! {
            () = forward(socket, &cluster, &uid, &ports) => {}
            // Without a word.
            _ = reachable.wait_for(|reachable| !reachable) => {}
        }
    }))
}

/// Counts a connection as open until it is dropped.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn forward(socket: WebSocket, cluster: &Arc<Cluster>, pod: &str, ports: &[u16]) {
    let (mut sink, stream) = socket.split();
    let (sender, mut said) = mpsc::channel::<Part>(WAITING);
    let mut writers = Vec::new();
    for (channel, port) in (0_u8..).step_by(2).zip(ports) {
        for channel in [channel, channel + 1] {
            let _ = sink.send(message(channel, &port.to_le_bytes())).await;
        }
        if let Some(connected) = cluster.vclusters.connect(pod, *port) {
            let (reader, writer) = split(connected);
            tokio::spawn(copy(reader, channel, sender.clone()));
            writers.push(Some(writer));
        } else {
            let why = format!("error forwarding port {port} to pod {pod}, uid : failed to dial {port}: connection refused");
            let _ = sink.send(message(channel + 1, why.as_bytes())).await;
            let _ = sender.try_send((channel, None));
            writers.push(None);
        }
    }
    let sending = async {
        while let Some((channel, Some(bytes))) = said.recv().await {
            if sink.send(message(channel, &bytes)).await.is_err() {
                return;
            }
        }
        let _ = sink.send(Message::Close(None)).await;
    };
    tokio::select! {
        () = sending => {}
        () = receive(stream, writers) => {}
    }
}

fn message(channel: u8, bytes: &[u8]) -> Message {
    Message::Binary([&[channel], bytes].concat().into())
}

/// What the pod says.
async fn copy(mut reader: ReadHalf<DuplexStream>, channel: u8, sender: mpsc::Sender<Part>) {
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = reader.read(&mut buffer).await.unwrap_or_default();
        let part = Some(buffer[..read].to_vec()).filter(|part| !part.is_empty());
        let is_last = part.is_none();
        if sender.send((channel, part)).await.is_err() || is_last {
            return;
        }
    }
}

/// What the client says, until it goes.
async fn receive(mut stream: SplitStream<WebSocket>, mut writers: Vec<Option<WriteHalf<DuplexStream>>>) {
    while let Some(Ok(message)) = stream.next().await {
        let bytes = match message {
            Message::Binary(bytes) => bytes,
            Message::Close(_) => return,
            _ => continue,
        };
        let Some((channel, bytes)) = bytes.split_first() else { continue };
        let writer = writers.get_mut(usize::from(channel / 2)).filter(|_| channel.is_multiple_of(2));
        if let Some(writer) = writer.and_then(Option::as_mut)
            && writer.write_all(bytes).await.is_err()
        {
            return;
        }
    }
}
