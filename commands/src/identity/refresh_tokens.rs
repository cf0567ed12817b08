//! Refresh tokens: authentic, so that one that was used up long ago is still known for what it is (RFC 9700, section 4.14.2).
//!
//! A token is 72 bytes in base64url: the sign-in (16), its generation (8, big-endian), random bytes (16), and an HMAC-SHA256 (32) over
//! `nalabo refresh v1 ‖ 0 ‖` what precedes it, under a key of the vault. Nothing of it is stored but a counter, and a digest for builds
//! that knew no other. Which generation is current, the vault's row says: any number of tokens may be of one generation.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use domain::kernel::SignInId;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::authentic::Authentic;
use crate::Fault;

const PURPOSE: &[u8] = b"nalabo refresh v1\0";
/// Of what is authenticated.
const BODY: usize = 16 + 8 + 16;
/// Random bytes of a token of older builds, which tell nothing.
const OLD: usize = 32;

/// Makes and reads refresh tokens.
pub(super) struct RefreshTokens {
    tokens: Authentic,
    pub(super) lifetime: TimeDelta,
    /// From when the sign-in was opened.
    pub(super) longest: TimeDelta,
}

/// A refresh token for its owner, and the digest that is kept.
pub(super) struct RefreshToken {
    pub(super) token: SecretString,
    pub(super) digest: [u8; 32],
}

/// What a token says of itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Presented {
    /// We made it.
    Of { sign_in: SignInId, generation: i64 },
    /// An older build may have made it, and would have kept this digest.
    Old([u8; 32]),
}

impl RefreshTokens {
    pub(super) const fn new(key: SecretSlice<u8>, (lifetime, longest): (TimeDelta, TimeDelta)) -> Self {
        Self { tokens: Authentic::new(key, PURPOSE), lifetime, longest }
    }

    /// One more token of a generation.
    pub(super) fn make(&self, sign_in: SignInId, generation: i64) -> Result<RefreshToken, Fault> {
        let random: [u8; 16] = rand::random();
        let body = [sign_in.0.as_bytes().as_slice(), &generation.to_be_bytes(), &random].concat();
        let token = self.tokens.token(&body)?;
        Ok(RefreshToken { digest: digest(&token), token: token.into() })
    }

    /// None if nobody here made it.
    pub(super) fn read(&self, token: &SecretString) -> Result<Option<Presented>, Fault> {
        let token = token.expose_secret();
        if URL_SAFE_NO_PAD.decode(token).is_ok_and(|bytes| bytes.len() == OLD) {
            return Ok(Some(Presented::Old(digest(token))));
        }
        let Some(body) = self.tokens.body::<BODY>(token)? else { return Ok(None) };
        let (sign_in, rest) = body.split_first_chunk::<16>().expect("40 bytes");
        let generation = rest.first_chunk::<8>().expect("24 bytes");
        Ok(Some(Presented::Of { sign_in: SignInId(Uuid::from_bytes(*sign_in)), generation: i64::from_be_bytes(*generation) }))
    }
}

/// What is kept of a refresh token. There is enough chance in it, so a plain digest cannot be searched.
fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests;
