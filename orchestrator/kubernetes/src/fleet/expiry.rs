//! When credentials stop to be good, where they say so.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::kernel::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject};

/// Tokens that Kubernetes makes are JSON Web Tokens, with the end in `exp` (RFC 7519).
pub(super) fn of_token(token: &SecretString) -> Option<Timestamp> {
    let claims = token.expose_secret().split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    Timestamp::from_timestamp(claims["exp"].as_i64()?, 0)
}

/// `notAfter` (RFC 5280) of the first certificate in PEM, which is our own.
pub(super) fn of_certificate(pem: &str) -> Option<Timestamp> {
    let own = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    let (_, certificate) = x509_parser::parse_x509_certificate(&own).ok()?;
    Timestamp::from_timestamp(certificate.validity().not_after.timestamp(), 0)
}
