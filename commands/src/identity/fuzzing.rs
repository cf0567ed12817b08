//! What the fuzzer asks; its corpus is asked with the tests.

use std::sync::{Arc, LazyLock};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, crypto};
use secrecy::SecretString;

use super::{
    check_in_codes::CheckInCodes,
    links::{Links, Purpose},
    refresh_tokens::{Presented, RefreshTokens},
    signing_keys::Ring,
    tokens::{TokenSettings, Tokens},
};
use journal::vault::SigningKey;

/// Whatever reads tokens, with keys of its own.
struct Readers {
    access: Arc<Tokens>,
    codes: CheckInCodes,
    refresh: RefreshTokens,
    links: Links,
}

static READERS: LazyLock<Readers> = LazyLock::new(|| {
    let settings = TokenSettings::default();
    let (lifetimes, now) = ((settings.refresh_lifetime, settings.longest_sign_in), chrono::Utc::now());
    let access = Arc::new(Tokens::new(settings));
    let key =
        SigningKey { number: 1, id: "key".into(), secret: vec![7; 32].into(), signs_from: now, ends_others_at: now, nameless_until: None };
    access.follow(Ring::try_new(&[key]).expect("a seed of 32 bytes"));
    let codes = CheckInCodes::new(Arc::clone(&access));
    Readers { access, codes, refresh: RefreshTokens::new(vec![8; 32].into(), lifetimes), links: Links::new(vec![9; 32].into()) }
});

/// Reads a token of any kind as it comes, and one whose header and claims, a line each, our key has signed.
///
/// # Panics
/// One is taken that was not made here.
pub fn read_tokens(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(!is_taken(text), "a token was taken that nobody made");
    }
    is_taken_if_signed(data);
}

/// Old refresh tokens are random: whether they are ours, the vault tells.
fn is_taken(text: &str) -> bool {
    let Readers { access, codes, refresh, links } = &*READERS;
    let token = SecretString::from(text);
    let purposes =
        [Purpose::Verify, Purpose::Reset, Purpose::ConfirmChange, Purpose::StopChange, Purpose::RevertChange, Purpose::AllowChange];
    access.verify(text).is_ok()
        || codes.read(&token).is_some()
        || matches!(refresh.read(&token).expect("a key"), Some(Presented::Of { .. }))
        || purposes.into_iter().any(|purpose| links.read(purpose, &token).expect("a key").is_some())
}

/// As an access token, or as a code at the door: never as both.
fn is_taken_if_signed(data: &[u8]) -> bool {
    let (ring, mut lines) = (READERS.access.ring(), data.splitn(2, |byte| *byte == b'\n'));
    let mut part = || URL_SAFE_NO_PAD.encode(lines.next().unwrap_or_default());
    let body = format!("{}.{}", part(), part());
    let key = &ring.signing(chrono::Utc::now()).expect("a key that signs").signing;
    let signature = crypto::sign(body.as_bytes(), key, Algorithm::EdDSA).expect("a signature");
    let token = format!("{body}.{signature}");
    let (is_access, is_code) = (READERS.access.verify(&token).is_ok(), READERS.codes.read(&token.into()).is_some());
    assert!(!(is_access && is_code), "one token was taken for two things");
    is_access || is_code
}

#[cfg(test)]
mod tests;
