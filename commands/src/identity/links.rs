//! What links that are mailed prove: that whoever comes with one has read the mail.
//!
//! The token in a link is 65 bytes in base64url: what it is for (1), the account (16), the request (16, drawn anew for each), and an
//! HMAC-SHA256 (32) over `nalabo link v1 ‖ 0 ‖` what precedes it, under a key of the vault. It is made when the mail is sent and kept
//! nowhere; which request is current, and until when, the contact's stream says.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::kernel::AccountId;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;
use uuid::Uuid;

use crate::Fault;

const PURPOSE: &[u8] = b"nalabo link v1\0";
/// Of what is authenticated.
const BODY: usize = 1 + 16 + 16;

/// What a link is for. Stored in mails that are out: never renumbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Purpose {
    Verify = 1,
    Reset = 2,
    ConfirmChange = 3,
    StopChange = 4,
}

/// Makes and reads tokens of links.
pub(super) struct Links {
    key: SecretSlice<u8>,
}

impl Links {
    pub(super) const fn new(key: SecretSlice<u8>) -> Self {
        Self { key }
    }

    /// The token for a request of an account.
    pub(super) fn make(&self, purpose: Purpose, account: AccountId, request: Uuid) -> Result<SecretString, Fault> {
        let body = [&[purpose as u8], account.0.as_bytes().as_slice(), request.as_bytes()].concat();
        let tag = self.mac(&body)?.finalize().into_bytes();
        Ok(URL_SAFE_NO_PAD.encode([body.as_slice(), &tag].concat()).into())
    }

    /// For which account's request a token was made. None if nobody here made it, or for something else.
    pub(super) fn read(&self, purpose: Purpose, token: &SecretString) -> Result<Option<(AccountId, Uuid)>, Fault> {
        // Mail programs and people who copy add blanks.
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token.expose_secret().trim()) else { return Ok(None) };
        let Some((body, tag)) = bytes.split_first_chunk::<BODY>() else { return Ok(None) };
        // In constant time; a tag of another length is none.
        if self.mac(body)?.verify_slice(tag).is_err() || body[0] != purpose as u8 {
            return Ok(None);
        }
        let id = |from: usize| Uuid::from_bytes(*body[from..].first_chunk::<16>().expect("33 bytes"));
        Ok(Some((AccountId(id(1)), id(17))))
    }

    fn mac(&self, body: &[u8]) -> Result<Hmac<Sha256>, Fault> {
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.key.expose_secret());
        let mut mac = mac.map_err(|error| Fault::Outside(format!("the key of links: {error}")))?;
        mac.update(PURPOSE);
        mac.update(body);
        Ok(mac)
    }
}

#[cfg(test)]
mod tests;
