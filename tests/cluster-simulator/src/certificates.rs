//! A certificate authority that is made at the start and gone at the end.

use base64::{Engine, engine::general_purpose::STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SanType,
};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::WebPkiClientVerifier,
};
use std::{fmt, net::IpAddr, sync::Arc};

/// Signs the server's certificate and those of clients.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authority")
    }
}

/// A certificate with its key.
pub(crate) struct Issued {
    pub(crate) certificate: rcgen::Certificate,
    pub(crate) key: KeyPair,
}

impl Authority {
    pub(crate) fn new() -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "simulated-kubernetes");
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        Ok(Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate()?)? })
    }

    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    fn issue(&self, mut params: CertificateParams, name: &str, usage: ExtendedKeyUsagePurpose) -> Result<Issued, rcgen::Error> {
        params.distinguished_name.push(DnType::CommonName, name);
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate()?;
        Ok(Issued { certificate: params.signed_by(&key, &self.issuer)?, key })
    }

    pub(crate) fn client(&self, name: &str, groups: &[String]) -> Result<Issued, rcgen::Error> {
        let mut params = CertificateParams::new(Vec::new())?;
        for group in groups {
            params.distinguished_name.push(DnType::OrganizationName, group.as_str());
        }
        self.issue(params, name, ExtendedKeyUsagePurpose::ClientAuth)
    }

    /// For a server that has these names too, and maybe an address: asks clients for certificates, and does not insist.
    pub(crate) fn server(&self, names: &[String], address: Option<IpAddr>) -> Result<Arc<ServerConfig>, String> {
        let told = |error: &dyn fmt::Display| error.to_string();
        let all: Vec<String> =
            ["localhost", "kubernetes.default.svc"].map(str::to_owned).into_iter().chain(names.iter().cloned()).collect();
        let mut params = CertificateParams::new(all).map_err(|e| told(&e))?;
        params.subject_alt_names.extend(address.map(SanType::IpAddress));
        let issued = self.issue(params, "kube-apiserver", ExtendedKeyUsagePurpose::ServerAuth).map_err(|e| told(&e))?;
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).map_err(|e| told(&e))?;
        let provider = Arc::new(ring::default_provider());
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let clients = clients.allow_unauthenticated().build().map_err(|e| told(&e))?;
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(|e| told(&e))?;
        let key = PrivateKeyDer::try_from(issued.key.serialize_der())?;
        let chain: Vec<CertificateDer<'static>> = vec![issued.certificate.der().clone()];
        let mut config = builder.with_client_cert_verifier(clients).with_single_cert(chain, key).map_err(|e| told(&e))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// A kubeconfig with these credentials.
    pub(crate) fn kubeconfig(&self, url: &str, credentials: &[(&str, &str)]) -> String {
        let ca = STANDARD.encode(self.pem());
        let user = credentials.iter().map(|(name, value)| format!("    {name}: {value}\n")).collect::<Vec<_>>().concat();
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: simulated\nclusters:\n- name: simulated\n  cluster:\n    server: {url}\n    \
             certificate-authority-data: {ca}\ncontexts:\n- name: simulated\n  context:\n    cluster: simulated\n    user: simulated\n\
             users:\n- name: simulated\n  user:\n{user}"
        )
    }
}
