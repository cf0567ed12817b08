//! Connecting to a vCluster's API server through a forwarded port. What it is connected with is read anew each time: a control plane
//! that begins again has another authority, and what was forwarded may have broken off.

use std::{
    io,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::Duration,
};

use domain::kernel::EnvironmentId;
use http::Uri;
use hyper_util::rt::TokioIo;
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, Client, api::Portforwarder};
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, pki_types::ServerName},
};
use tower::Service;

use super::kubeconfig;
use crate::{
    client::tls,
    connection::Credential,
    desired::{CONTROL_PLANE, VCLUSTER_PORT, learner_namespace, vcluster_host},
    failure::describe,
    guard::{Secured, tls_failure},
    kubeconfig as config,
    unreachable::Unreachable,
};

/// For the credentials, the port and the handshake together.
const CONNECT: Duration = Duration::from_secs(20);

/// Makes connections to one vCluster's API server.
#[derive(Clone)]
pub(super) struct Tunnel {
    host: Client,
    environment: EnvironmentId,
    /// For all vClusters of the host.
    places: Arc<Semaphore>,
    /// Of the first connection. Another has other objects under the same versions.
    authority: Arc<OnceLock<String>>,
}

impl Tunnel {
    pub(super) fn new(host: Client, environment: EnvironmentId, places: Arc<Semaphore>) -> Self {
        Self { host, environment, places, authority: Arc::default() }
    }

    async fn connect(self) -> Result<TokioIo<Secured<Forwarded>>, Unreachable> {
        let connected = timeout(CONNECT, self.open()).await;
        connected.map_err(|_| Unreachable::TimedOut { what: "the connection", seconds: CONNECT.as_secs() })?
    }

    async fn open(self) -> Result<TokioIo<Secured<Forwarded>>, Unreachable> {
        let closed = |error: &kube::Error| Unreachable::NoTunnel(describe(error));
        let place = self.places.try_acquire_owned().map_err(|_| Unreachable::Busy)?;
        let config = kubeconfig(&self.host, self.environment).await.map_err(|error| closed(&error))?;
        let (tls, authority) = trust(&config.ok_or(Unreachable::NotReady)?)?;
        if *self.authority.get_or_init(|| authority.clone()) != authority {
            return Err(Unreachable::BeganAgain);
        }
        let pods = Api::<Pod>::namespaced(self.host, &learner_namespace(self.environment));
        let mut ports = pods.portforward(CONTROL_PLANE, &[VCLUSTER_PORT]).await.map_err(|error| closed(&error))?;
        let stream = ports.take_stream(VCLUSTER_PORT).ok_or_else(|| Unreachable::NoTunnel("the port is not forwarded".to_owned()))?;
        let forwarded = Forwarded { stream, ports, _place: place };
        // The certificate must be this vCluster's, wherever the port leads.
        let host = vcluster_host(self.environment);
        let name = ServerName::try_from(host.clone()).map_err(|_| Unreachable::Name { host })?;
        let stream = TlsConnector::from(Arc::new(tls)).connect(name, forwarded).await.map_err(|error| tls_failure(&error))?;
        Ok(TokioIo::new(Secured(Box::new(stream))))
    }
}

/// Trust in the vCluster's own authority alone, and its learner's certificate; and that authority. The address in the kubeconfig is
/// of no use here.
fn trust(kubeconfig: &SecretString) -> Result<(ClientConfig, String), Unreachable> {
    let unusable = |why: &str| Unreachable::Certificate(format!("the vCluster's kubeconfig cannot be used: {why}"));
    let connection = config::read(kubeconfig.expose_secret(), None).map_err(|error| unusable(&error.to_string()))?;
    let authority = connection.ca().ok_or_else(|| unusable("expected the authority of its certificate"))?;
    if !matches!(connection.credential(), Credential::ClientCertificate { .. }) {
        return Err(unusable("expected a client certificate"));
    }
    let tls = tls(&connection).map_err(|error| unusable(&error.to_string()))?;
    Ok((tls, authority.to_owned()))
}

impl Service<Uri> for Tunnel {
    type Response = TokioIo<Secured<Forwarded>>;
    type Error = Unreachable;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Unreachable>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unreachable>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        Box::pin(self.clone().connect())
    }
}

/// A port that is forwarded until this is dropped.
pub(super) struct Forwarded {
    stream: DuplexStream,
    ports: Portforwarder,
    _place: OwnedSemaphorePermit,
}

impl Drop for Forwarded {
    fn drop(&mut self) {
        self.ports.abort();
    }
}

impl AsyncRead for Forwarded {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Forwarded {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
