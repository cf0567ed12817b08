//! What links that are mailed prove: that whoever comes with one has read the mail.
//!
//! The token in a link is 65 bytes in base64url: what it is for (1), the account (16), the request (16, drawn anew for each), and an
//! HMAC-SHA256 (32) over `nalabo link v1 ‖ 0 ‖` what precedes it, under a key of the vault. It is made when the mail is sent and kept
//! nowhere; which request is current, and until when, the contact's stream says.

use domain::kernel::AccountId;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use uuid::Uuid;

use super::authentic::Authentic;
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
    RevertChange = 5,
    /// At the old address, as [`Self::ConfirmChange`] at the new one.
    AllowChange = 6,
}

/// Makes and reads tokens of links.
pub(super) struct Links {
    tokens: Authentic,
}

impl Links {
    pub(super) const fn new(key: SecretSlice<u8>) -> Self {
        Self { tokens: Authentic::new(key, PURPOSE) }
    }

    /// The token for a request of an account.
    pub(super) fn make(&self, purpose: Purpose, account: AccountId, request: Uuid) -> Result<SecretString, Fault> {
        let body = [&[purpose as u8], account.0.as_bytes().as_slice(), request.as_bytes()].concat();
        Ok(self.tokens.token(&body)?.into())
    }

    /// For which account's request a token was made. None if nobody here made it, or for something else.
    pub(super) fn read(&self, purpose: Purpose, token: &SecretString) -> Result<Option<(AccountId, Uuid)>, Fault> {
        // Mail programs and people who copy add blanks.
        let body = self.tokens.body::<BODY>(token.expose_secret().trim())?;
        let Some(body) = body.filter(|body| body[0] == purpose as u8) else { return Ok(None) };
        let id = |from: usize| Uuid::from_bytes(*body[from..].first_chunk::<16>().expect("33 bytes"));
        Ok(Some((AccountId(id(1)), id(17))))
    }
}

#[cfg(test)]
mod tests;
