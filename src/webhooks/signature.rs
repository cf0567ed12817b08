//! Signatures of Standard Webhooks: an HMAC-SHA256 over the message's id, the time, and its body.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;

/// How signatures begin that are made in this way; there may be others beside them.
const VERSION: &str = "v1,";

/// The value of the header `webhook-signature`.
pub(crate) fn sign(secret: &SecretSlice<u8>, id: &str, timestamp: i64, body: &str) -> String {
    format!("{VERSION}{}", STANDARD.encode(mac(secret, id, timestamp, body.as_bytes()).finalize().into_bytes()))
}

/// Whether one of the signatures in a header is by this secret, over an id, a time and a body. They are compared in constant time.
pub(crate) fn is_signed(secret: &SecretSlice<u8>, (id, timestamp): (&str, i64), body: &[u8], signatures: &str) -> bool {
    // While a secret is changed there are two.
    signatures.split(' ').filter_map(|signature| STANDARD.decode(signature.strip_prefix(VERSION)?).ok()).any(|signature| {
        // One of another length is none.
        mac(secret, id, timestamp, body).verify_slice(&signature).is_ok()
    })
}

fn mac(secret: &SecretSlice<u8>, id: &str, timestamp: i64, body: &[u8]) -> Hmac<Sha256> {
    #[allow(clippy::expect_used)]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret()).expect("a key of any length will do");
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    mac
}
