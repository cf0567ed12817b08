//! The kube client over a transport of our own: guarded connections, a bounded number of requests at once, a bounded rate,
//! bounded answers, time-outs, no redirects, and a second try where the server asked for one.

mod body;
mod pace;
mod transport;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Uri};
use http_body_util::Full;
use hyper_util::{
    client::legacy::{self, connect::Connect},
    rt::TokioExecutor,
};
use secrecy::ExposeSecret;
use tokio::sync::Semaphore;
use tokio_rustls::rustls::{
    ClientConfig, ConfigBuilder, RootCertStore,
    client::WantsClientCert,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    version::{TLS12, TLS13},
};

use self::{pace::Pace, transport::Transport};
use crate::{
    connection::{Connection, ConnectionError, Credential},
    guard::{AddressPolicy, Connector},
};

/// How a cluster is spoken to.
#[derive(Clone, Copy, Debug)]
pub struct ClientOptions {
    /// Which addresses may be connected to.
    pub addresses: AddressPolicy,
    /// Requests under way at once; watches, logs and terminals aside.
    pub concurrency: usize,
    /// Requests begun per second.
    pub per_second: NonZeroU32,
    /// For an answer to begin, and again for it to end.
    pub timeout: Duration,
    /// Bytes of an answer.
    pub largest_answer: usize,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            addresses: AddressPolicy::default(),
            concurrency: 64,
            per_second: NonZeroU32::new(500).unwrap_or(NonZeroU32::MIN),
            timeout: Duration::from_secs(30),
            largest_answer: 16 << 20,
        }
    }
}

/// A client of the cluster.
///
/// # Errors
/// Names the field of the connection that cannot be used.
pub fn client(connection: &Connection, options: &ClientOptions) -> Result<kube::Client, ConnectionError> {
    let connector = Connector::new(options.addresses, tls(connection)?);
    let namespace = connection.namespace.clone().unwrap_or_else(|| "default".to_owned());
    Ok(over(connector, connection.server.clone(), authorization(&connection.credential)?, options, namespace))
}

/// A client over connections that somebody else makes; `options` say nothing about these.
pub(crate) fn over<C>(
    connector: C,
    server: Uri,
    authorization: Option<HeaderValue>,
    options: &ClientOptions,
    namespace: String,
) -> kube::Client
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let http = legacy::Client::builder(TokioExecutor::new())
        .pool_idle_timeout(Duration::from_secs(30))
        .pool_timer(hyper_util::rt::TokioTimer::new())
        .build::<_, Full<Bytes>>(connector);
    let transport = Transport {
        http,
        server,
        authorization,
        places: Arc::new(Semaphore::new(options.concurrency)),
        pace: Arc::new(Pace::new(options.per_second)),
        timeout: options.timeout,
        largest: options.largest_answer,
    };
    let service = tower::service_fn(move |request| {
        let transport = transport.clone();
        async move { transport.send(request).await }
    });
    kube::Client::new(service, namespace)
}

fn authorization(credential: &Credential) -> Result<Option<HeaderValue>, ConnectionError> {
    let Credential::Token(token) = credential else { return Ok(None) };
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
        .ok()
        .filter(|_| !token.expose_secret().is_empty())
        .ok_or_else(|| ConnectionError::new("token", "expected a token on one line"))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// Trust in the given certificate authority alone, and our own certificate if there is one.
pub(crate) fn tls(connection: &Connection) -> Result<ClientConfig, ConnectionError> {
    authorization(&connection.credential)?;
    let builder = tls_with(roots(connection.ca.as_deref())?)?;
    let Credential::ClientCertificate { certificate, key } = &connection.credential else {
        return Ok(builder.with_no_client_auth());
    };
    let chain = certificates("client-certificate-data", certificate)?;
    let key = PrivateKeyDer::from_pem_slice(key.expose_secret().as_bytes())
        .map_err(|_| ConnectionError::new("client-key-data", "expected a private key in PEM"))?;
    builder.with_client_auth_cert(chain, key).map_err(|_| ConnectionError::new("client-key-data", "expected the certificate's own key"))
}

/// Trust in these authorities.
pub(crate) fn tls_with(roots: RootCertStore) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, ConnectionError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_protocol_versions(&[&TLS13, &TLS12]).map_err(|_| ConnectionError::new("server", "TLS cannot be set up"))?;
    Ok(builder.with_root_certificates(roots))
}

pub(crate) fn roots(ca: Option<&str>) -> Result<RootCertStore, ConnectionError> {
    let field = "certificate-authority-data";
    let mut roots = RootCertStore::empty();
    match ca {
        Some(pem) => {
            for certificate in certificates(field, pem)? {
                roots.add(certificate).map_err(|_| ConnectionError::new(field, "expected X.509 certificates"))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    Ok(roots)
}

fn certificates(field: &str, pem: &str) -> Result<Vec<CertificateDer<'static>>, ConnectionError> {
    let expected = || ConnectionError::new(field, "expected certificates in PEM");
    let found = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>().map_err(|_| expected())?;
    if found.is_empty() { Err(expected()) } else { Ok(found) }
}
