//! HTTPS by our own listener: TLS 1.2 and 1.3. Certificates are renewed while the server runs, so the files are looked at again and
//! again; what cannot be used does not replace what can.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
    time::{interval, timeout},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::{CryptoProvider, ring},
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
    server::TlsStream,
};

use crate::{config::TlsConfig, node::turned};

/// How often it is looked whether there is a new certificate.
const LOOK: Duration = Duration::from_secs(2);

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot read {path}: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path}: expected {expected} in PEM: {reason}")]
    Malformed { path: PathBuf, expected: &'static str, reason: String },
    #[error("{certificate} cannot be used with {key}: {reason}")]
    Unusable { certificate: PathBuf, key: PathBuf, reason: String },
}

/// A certificate and its key, as they are by now.
#[derive(Clone, Debug)]
pub(crate) struct Tls {
    acceptor: Acceptor,
    certificates: Arc<Certificates>,
}

#[derive(Clone)]
struct Acceptor(TlsAcceptor);

impl std::fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Acceptor")
    }
}

#[derive(Debug)]
struct Certificates {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// Both files, as they were read.
struct Files {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Files {
    fn digest(&self) -> [u8; 32] {
        Sha256::new().chain_update(Sha256::digest(&self.certificate)).chain_update(&self.key).finalize().into()
    }
}

impl Tls {
    /// With the files that are configured; none, if there are none.
    ///
    /// # Errors
    /// They cannot be read, or not be used.
    pub(crate) fn open(config: &TlsConfig) -> Result<Option<Self>, TlsError> {
        let (Some(certificate), Some(key)) = (&config.certificate, &config.key) else { return Ok(None) };
        let provider = Arc::new(ring::default_provider());
        let current = RwLock::new(usable(certificate, key, &read(certificate, key)?, &provider)?);
        let certificates = Arc::new(Certificates { certificate: certificate.clone(), key: key.clone(), current });
        let unusable = |error: tokio_rustls::rustls::Error| TlsError::Unusable {
            certificate: certificate.clone(),
            key: key.clone(),
            reason: error.to_string(),
        };
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(unusable)?;
        let mut server = builder.with_no_client_auth().with_cert_resolver(Arc::clone(&certificates) as _);
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Some(Self { acceptor: Acceptor(TlsAcceptor::from(Arc::new(server))), certificates }))
    }

    /// Takes new files when they come, until it is told to stop.
    pub(crate) async fn follow(self, stop: watch::Receiver<bool>) {
        let mut looks = interval(LOOK);
        // What was there at the start is looked at once more, and does no harm.
        let mut seen = Seen::Nothing;
        loop {
            tokio::select! {
                _ = looks.tick() => {}
                () = turned(stop.clone()) => return,
            }
            let certificates = Arc::clone(&self.certificates);
            let looked = tokio::task::spawn_blocking(move || certificates.look(seen)).await;
            seen = looked.unwrap_or(seen);
        }
    }

    /// The encrypted connection; none, if the peer does not speak TLS, or takes longer than that.
    pub(super) async fn encrypted<C>(&self, connection: C, patience: Duration) -> Option<TlsStream<C>>
    where
        C: AsyncRead + AsyncWrite + Unpin,
    {
        match timeout(patience, self.acceptor.0.accept(connection)).await {
            Ok(Ok(encrypted)) => Some(encrypted),
            Ok(Err(error)) => {
                tracing::debug!(%error, "a connection was not encrypted");
                None
            }
            Err(_) => None,
        }
    }
}

/// What is known of the files.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Nothing,
    Unreadable,
    /// By the digest of what they held.
    Files([u8; 32]),
}

impl Certificates {
    /// Takes what is new. What cannot be used is told of once.
    fn look(&self, seen: Seen) -> Seen {
        let kept = |error: TlsError| tracing::warn!(%error, "a new certificate cannot be used; the one before stays in use");
        let files = match read(&self.certificate, &self.key) {
            Ok(files) => files,
            Err(error) => {
                if seen != Seen::Unreadable {
                    kept(error);
                }
                return Seen::Unreadable;
            }
        };
        let now = Seen::Files(files.digest());
        if seen == now {
            return now;
        }
        match usable(&self.certificate, &self.key, &files, &ring::default_provider()) {
            Ok(new) => {
                let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
                if current.cert != new.cert {
                    tracing::info!(certificate = %self.certificate.display(), "a new certificate is in use");
                }
                *current = new;
            }
            Err(error) => kept(error),
        }
        now
    }
}

fn read(certificate: &Path, key: &Path) -> Result<Files, TlsError> {
    let read = |path: &Path| std::fs::read(path).map_err(|source| TlsError::Unreadable { path: path.to_owned(), source });
    Ok(Files { certificate: read(certificate)?, key: read(key)? })
}

fn usable(certificate: &Path, key: &Path, files: &Files, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, TlsError> {
    let malformed = |path: &Path, expected, reason: String| TlsError::Malformed { path: path.to_owned(), expected, reason };
    let chain = CertificateDer::pem_slice_iter(&files.certificate).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|error| malformed(certificate, "certificates", error.to_string()))?;
    if chain.is_empty() {
        return Err(malformed(certificate, "certificates", "there are none".into()));
    }
    // What is wrong with a key is not told in detail: it is secret.
    let secret = PrivateKeyDer::from_pem_slice(&files.key).map_err(|_| malformed(key, "a private key", "there is none".into()))?;
    let unusable = |reason: String| TlsError::Unusable { certificate: certificate.to_owned(), key: key.to_owned(), reason };
    let used = CertifiedKey::from_der(chain, secret, provider).map_err(|error| unusable(error.to_string()))?;
    // Parses it: what is no certificate would fail with each connection.
    used.end_entity_cert().map_err(|error| unusable(error.to_string()))?;
    Ok(Arc::new(used))
}
