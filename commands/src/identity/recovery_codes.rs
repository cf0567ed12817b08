//! Codes for whoever has lost their telephone: 120 random bits each, so that a plain digest is enough to keep (OWASP ASVS 5.0, 6.5.2).

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::totp::to_base32;

const CODES: usize = 10;
const BYTES: usize = 15;
/// Letters between dashes.
const GROUP: usize = 4;

/// New codes, and what is kept of them.
pub(super) fn make() -> (Vec<SecretString>, BTreeSet<String>) {
    let codes: Vec<SecretString> = (0..CODES).map(|_| grouped(&to_base32(&rand::random::<[u8; BYTES]>()))).collect();
    let digests = codes.iter().map(|code| digest(code.expose_secret())).collect();
    (codes, digests)
}

/// What is kept of a code, however it is written.
pub(super) fn digest(code: &str) -> String {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect();
    URL_SAFE_NO_PAD.encode(Sha256::digest(letters.as_bytes()))
}

fn grouped(code: &SecretString) -> SecretString {
    let letters: Vec<char> = code.expose_secret().chars().collect();
    let groups: Vec<String> = letters.chunks(GROUP).map(|group| group.iter().collect()).collect();
    groups.join("-").into()
}

#[cfg(test)]
mod tests;
