//! What is kept for a while for one who comes back for it, once: half of what somebody does in two steps.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretSlice};

use super::{
    Keyring, VaultError,
    cipher::Cipher,
    rows::{Rows, corrupt},
};

/// Under which all of it is sealed.
const SECRET: &str = "passing";

/// Keeps what is taken away once. A part of every [`Vault`](super::Vault).
#[async_trait::async_trait]
pub trait Passing: Send + Sync + 'static {
    /// Seals something and keeps it under a key until then. What is there under the key stays there.
    ///
    /// # Errors
    /// A fault.
    async fn passing_keep(&self, key: &[u8], value: &[u8], expires_at: DateTime<Utc>) -> Result<(), VaultError>;

    /// Takes it away: of several who come for it, one gets it. `None`: it is not there, or has expired by now.
    ///
    /// # Errors
    /// [`VaultError::Corrupt`] if it is another's, or a fault.
    async fn passing_take(&self, key: &[u8], now: DateTime<Utc>) -> Result<Option<SecretSlice<u8>>, VaultError>;

    /// Removes what expired before `now`; how much there was.
    ///
    /// # Errors
    /// A fault.
    async fn purge_passing(&self, now: DateTime<Utc>) -> Result<u64, VaultError>;
}

#[async_trait::async_trait]
impl<R: Rows> Passing for Keyring<R> {
    async fn passing_keep(&self, key: &[u8], value: &[u8], expires_at: DateTime<Utc>) -> Result<(), VaultError> {
        let sealed = self.passing_cipher().await?.wrap(&purpose(key), value)?;
        self.rows.insert_passing(key, sealed, expires_at).await
    }

    async fn passing_take(&self, key: &[u8], now: DateTime<Utc>) -> Result<Option<SecretSlice<u8>>, VaultError> {
        let Some(sealed) = self.rows.take_passing(key, now).await? else { return Ok(None) };
        let opened = self.passing_cipher().await?.unwrap(&purpose(key), &sealed);
        opened.ok_or_else(|| corrupt("passing", "it does not authenticate")).map(Some)
    }

    async fn purge_passing(&self, now: DateTime<Utc>) -> Result<u64, VaultError> {
        self.rows.purge_passing(now).await
    }
}

impl<R: Rows> Keyring<R> {
    async fn passing_cipher(&self) -> Result<Cipher, VaultError> {
        let secret = self.find_or_create_secret(SECRET, super::keyring::KEY_LENGTH).await?;
        Cipher::try_new(secret.expose_secret()).ok_or_else(|| corrupt("passing", "its key has a wrong length"))
    }
}

/// What it is sealed for, so that no row can take another's place.
fn purpose(key: &[u8]) -> String {
    key.iter().fold(String::from("passing "), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // To a string, which does not fail.
        text
    })
}
