//! Codes that go with the time (RFC 6238): HMAC-SHA-1 over the number of 30 seconds since 1970, six digits (RFC 4226, section 5.3).

use data_encoding::BASE32_NOPAD;
use domain::kernel::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha1::Sha1;

/// Seconds of a step.
const STEP: i64 = 30;
/// Clocks may differ by one step (RFC 6238, section 5.2).
const SKEW: i64 = 1;
/// 160 bits (RFC 4226, section 4, R6).
const SEED: usize = 20;
const DIGITS: usize = 6;
/// All but the unreserved characters of RFC 3986.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A new seed.
pub(super) fn seed() -> SecretSlice<u8> {
    rand::random::<[u8; SEED]>().to_vec().into()
}

/// Which step a code is of, if it is a right one by now. It is compared in constant time.
pub(super) fn step_of(seed: &SecretSlice<u8>, code: &str, now: Timestamp) -> Option<i64> {
    let current = now.timestamp().div_euclid(STEP);
    let right = |step: &i64| {
        let expected = code_at(seed, *step);
        let differing = expected.bytes().zip(code.bytes()).fold(0, |all, (one, other)| all | (one ^ other));
        code.len() == DIGITS && differing == 0
    };
    (current - SKEW..=current + SKEW).rfind(right)
}

fn code_at(seed: &SecretSlice<u8>, step: i64) -> String {
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(seed.expose_secret()).expect("a key of any length will do");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 0xf);
    let number = u32::from_be_bytes([hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// In base32, as programs for the telephone take it.
pub(super) fn to_base32(bytes: &[u8]) -> SecretString {
    BASE32_NOPAD.encode(bytes).into()
}

/// None if it is not base32 without padding.
pub(super) fn from_base32(text: &str) -> Option<SecretSlice<u8>> {
    BASE32_NOPAD.decode(text.as_bytes()).ok().map(Into::into)
}

/// What a program for the telephone reads from a picture (the Key Uri Format of Google Authenticator).
pub(super) fn uri(issuer: &str, email: &str, seed: &SecretString) -> SecretString {
    let [issuer, email] = [issuer, email].map(|text| utf8_percent_encode(text, ESCAPED));
    let secret = seed.expose_secret();
    format!("otpauth://totp/{issuer}:{email}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP}").into()
}

#[cfg(test)]
mod tests;
