//! Tokens that prove that they were made here: base64url of a body of a fixed length and an HMAC-SHA256 (32 bytes) over the purpose and the
//! body, under a key of the vault.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;

use crate::Fault;

/// Makes and reads tokens for one purpose.
pub(crate) struct Authentic {
    key: SecretSlice<u8>,
    /// Ends with a zero byte, so that no purpose is the beginning of another.
    purpose: &'static [u8],
}

impl Authentic {
    pub(crate) const fn new(key: SecretSlice<u8>, purpose: &'static [u8]) -> Self {
        Self { key, purpose }
    }

    /// The token that carries a body.
    pub(crate) fn token(&self, body: &[u8]) -> Result<String, Fault> {
        let tag = self.mac(body)?.finalize().into_bytes();
        Ok(URL_SAFE_NO_PAD.encode([body, &tag].concat()))
    }

    /// The body of a token; none if nobody here made it for this.
    pub(crate) fn body<const N: usize>(&self, token: &str) -> Result<Option<[u8; N]>, Fault> {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return Ok(None) };
        let Some((body, tag)) = bytes.split_first_chunk::<N>() else { return Ok(None) };
        // In constant time; a tag of another length is none.
        Ok(self.mac(body)?.verify_slice(tag).is_ok().then_some(*body))
    }

    fn mac(&self, body: &[u8]) -> Result<Hmac<Sha256>, Fault> {
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.key.expose_secret());
        let mut mac = mac.map_err(|error| Fault::Outside(format!("a key of tokens: {error}")))?;
        mac.update(self.purpose);
        mac.update(body);
        Ok(mac)
    }
}
