//! Connecting: resolve, look at every address, connect to one of those, verify the certificate.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{
    TlsConnector,
    rustls::{CertificateError, ClientConfig, Error as TlsError, pki_types::ServerName},
};
use tower::Service;

use super::{AddressPolicy, stream::Secured};
use crate::unreachable::Unreachable;

/// For resolving, connecting and the handshake together.
const CONNECT: Duration = Duration::from_secs(10);

/// Makes connections to one server.
#[derive(Clone)]
pub(crate) struct Connector {
    policy: AddressPolicy,
    tls: TlsConnector,
}

impl Connector {
    pub(crate) fn new(policy: AddressPolicy, tls: ClientConfig) -> Self {
        Self { policy, tls: TlsConnector::from(Arc::new(tls)) }
    }

    async fn connect(self, uri: Uri) -> Result<TokioIo<Secured<TcpStream>>, Unreachable> {
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let connected = timeout(CONNECT, async {
            let stream = self.reach(&host, uri.port_u16().unwrap_or(443)).await?;
            let name = ServerName::try_from(host.clone()).map_err(|_| Unreachable::Name { host: host.clone() })?;
            self.tls.connect(name, stream).await.map_err(|error| tls_failure(&error))
        });
        let stream = connected.await.map_err(|_| Unreachable::TimedOut { what: "the connection", seconds: CONNECT.as_secs() })??;
        Ok(TokioIo::new(Secured(Box::new(stream))))
    }

    async fn reach(&self, host: &str, port: u16) -> Result<TcpStream, Unreachable> {
        let addresses = match host.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => {
                tokio::net::lookup_host((host, port)).await.map_err(|_| Unreachable::Name { host: host.to_owned() })?.collect::<Vec<_>>()
            }
        };
        // All of them: a name that leads to a forbidden address as well is not to be trusted at all.
        for address in &addresses {
            if let Some(why) = self.policy.refusal(address.ip()) {
                return Err(Unreachable::Refused { host: host.to_owned(), address: address.ip(), why });
            }
        }
        let mut failure = Unreachable::Name { host: host.to_owned() };
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    stream.set_nodelay(true).map_err(|error| Unreachable::Connect { address, kind: error.kind() })?;
                    return Ok(stream);
                }
                Err(error) => failure = Unreachable::Connect { address, kind: error.kind() },
            }
        }
        Err(failure)
    }
}

/// What of the handshake failed, in words of the one who has to mend it.
pub(crate) fn tls_failure(error: &io::Error) -> Unreachable {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>()) else {
        return Unreachable::Handshake { kind: error.kind() };
    };
    Unreachable::Certificate(match tls {
        TlsError::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
            "the server's certificate is not signed by the given certificate authority".to_owned()
        }
        TlsError::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "the server's certificate has expired".to_owned()
        }
        TlsError::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }) => {
            "the server's certificate is not for this host".to_owned()
        }
        TlsError::AlertReceived(alert) => format!("the server refused the handshake: {alert:?}"),
        other => format!("the handshake failed: {other}"),
    })
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Secured<TcpStream>>;
    type Error = Unreachable;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Unreachable>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unreachable>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}
