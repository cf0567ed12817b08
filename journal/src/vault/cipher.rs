//! The forms of what is encrypted, all with XChaCha20-Poly1305 under a random nonce that precedes the ciphertext.
//!
//! - a key under the master key: associated data `nalabo key v1 ‖ 0 ‖ what it is for`
//! - a value under a subject's key: the text `v1.<event id>.<base64url>`, associated data
//!   `nalabo value v1 ‖ 0 ‖ event id (16 bytes) ‖ subject (16 bytes)`

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use secrecy::SecretSlice;
use uuid::Uuid;

use super::VaultError;

const NONCE: usize = 24;

/// Encrypts and authenticates under one key, whose memory is wiped on drop.
#[derive(Clone)]
pub(super) struct Cipher(XChaCha20Poly1305);

impl Cipher {
    /// `None` unless the key has 32 bytes.
    pub(super) fn try_new(key: &[u8]) -> Option<Self> {
        XChaCha20Poly1305::new_from_slice(key).ok().map(Self)
    }

    pub(super) fn wrap(&self, purpose: &str, key: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.encrypt(&key_data(purpose), key)
    }

    /// `None` if it was not wrapped by this key for this purpose.
    pub(super) fn unwrap(&self, purpose: &str, wrapped: &[u8]) -> Option<SecretSlice<u8>> {
        self.decrypt(&key_data(purpose), wrapped)
    }

    pub(super) fn seal(&self, subject: Uuid, event_id: Uuid, plaintext: &[u8]) -> Result<String, VaultError> {
        let sealed = self.encrypt(&value_data(subject, event_id), plaintext)?;
        Ok(format!("v1.{}.{}", event_id.simple(), URL_SAFE_NO_PAD.encode(sealed)))
    }

    pub(super) fn open(&self, subject: Uuid, sealed: &str) -> Result<SecretSlice<u8>, VaultError> {
        let (event_id, bytes) = parse(sealed).ok_or(VaultError::Malformed)?;
        self.decrypt(&value_data(subject, event_id), &bytes).ok_or(VaultError::Forged(subject))
    }

    fn encrypt(&self, data: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0; NONCE];
        rand::fill(&mut nonce);
        let ciphertext = self.0.encrypt(&XNonce::from(nonce), Payload { msg: plaintext, aad: data });
        let ciphertext = ciphertext.map_err(|_| VaultError::Corrupt { at: "encryption".into(), what: "the value is too long".into() })?;
        Ok([nonce.as_slice(), &ciphertext].concat())
    }

    fn decrypt(&self, data: &[u8], bytes: &[u8]) -> Option<SecretSlice<u8>> {
        let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE>()?;
        self.0.decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad: data }).ok().map(SecretSlice::from)
    }
}

fn parse(sealed: &str) -> Option<(Uuid, Vec<u8>)> {
    let (event_id, bytes) = sealed.strip_prefix("v1.")?.split_once('.')?;
    Some((Uuid::try_parse(event_id).ok()?, URL_SAFE_NO_PAD.decode(bytes).ok()?))
}

fn key_data(purpose: &str) -> Vec<u8> {
    [b"nalabo key v1\0", purpose.as_bytes()].concat()
}

fn value_data(subject: Uuid, event_id: Uuid) -> Vec<u8> {
    [b"nalabo value v1\0".as_slice(), event_id.as_bytes(), subject.as_bytes()].concat()
}
