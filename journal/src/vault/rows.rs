//! What a database must be able to do for a vault. It sees nothing but wrapped keys and digests.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{CredentialsKey, VaultError};

/// Wraps a key anew: what it is for, and how it is wrapped now.
pub(super) type Rewrap = Arc<dyn Fn(&str, &[u8]) -> Result<Vec<u8>, VaultError> + Send + Sync>;

/// What a vault knows of its master key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// A known text wrapped by it.
    pub wrapped: Vec<u8>,
    /// Its name; absent where an older build made the vault.
    pub master_key: Option<String>,
}

/// The statements of one database. A write that is given a probe takes effect only while the vault has this one, so that
/// nobody adds a key that is wrapped by a master key of the past.
#[async_trait::async_trait]
pub trait Rows: CredentialsRows + Send + Sync + 'static {
    /// Which database, for messages: never a password.
    fn store(&self) -> &str;

    /// How long what was read of a subject may be used: another process may have erased them. Absent: there is none.
    fn fresh_for(&self) -> Option<Duration>;

    /// Makes `first` the probe of a vault that has none.
    async fn add_probe(&self, first: &Probe) -> Result<(), VaultError>;

    /// The vault's probe, if it has one.
    async fn probe(&self) -> Result<Option<Probe>, VaultError>;

    /// Adds the name of the master key to the probe of a vault that was made without.
    async fn name_master_key(&self, _probe: &Probe) -> Result<(), VaultError> {
        Ok(())
    }

    /// The wrapped keys of these subjects; none for one that was erased. Those never seen are left out.
    async fn keys(&self, subjects: &[Uuid]) -> Result<Vec<(Uuid, Option<Vec<u8>>)>, VaultError>;

    /// Adds a key, unless the subject has one or was erased.
    async fn insert_key(&self, subject: Uuid, wrapped: Vec<u8>, probe: &[u8]) -> Result<(), VaultError>;

    /// Puts a tombstone in the place of the key. In a task of its own.
    async fn erase(&self, subject: Uuid) -> Result<(), VaultError>;

    async fn secret(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError>;

    /// Adds a secret, unless there is one of this name.
    async fn insert_secret(&self, name: &str, wrapped: Vec<u8>, probe: &[u8]) -> Result<(), VaultError>;

    /// Wraps every key anew and changes the probe, in one transaction; how many keys. `None`: the probe is another.
    async fn rewrap(&self, old: &Probe, new: &Probe, rewrap: Rewrap) -> Result<Option<u64>, VaultError>;

    /// Removes what is left of older wrapped keys beside the tables; whether nothing is.
    async fn clean(&self) -> Result<bool, VaultError>;

    async fn erasures_applied(&self) -> Result<i64, VaultError>;

    async fn set_erasures_applied(&self, position: i64) -> Result<(), VaultError>;

    async fn refresh_issue(&self, sign_in: Uuid, token_hash: &[u8], expires_at: DateTime<Utc>) -> Result<(), VaultError>;

    async fn refresh_rotate(&self, sign_in: Uuid, expected: &[u8], new: &[u8], expires_at: DateTime<Utc>) -> Result<bool, VaultError>;

    async fn refresh_revoke(&self, sign_in: Uuid) -> Result<(), VaultError>;

    async fn refresh_find(&self, token_hash: &[u8]) -> Result<Option<(Uuid, DateTime<Utc>)>, VaultError>;

    async fn purge_refresh_tokens(&self, now: DateTime<Utc>) -> Result<u64, VaultError>;

    async fn close(&self);
}

/// The statements about credentials.
#[async_trait::async_trait]
pub trait CredentialsRows {
    async fn credentials(&self, id: Uuid) -> Result<Option<Vec<u8>>, VaultError>;

    /// Adds credentials; whether it did: not, if the vault has another probe.
    async fn insert_credentials(&self, key: CredentialsKey, wrapped: Vec<u8>, probe: &[u8]) -> Result<bool, VaultError>;

    /// Removes all of the owner but these, up to their version.
    async fn supersede_credentials(&self, key: CredentialsKey) -> Result<(), VaultError>;

    async fn discard_credentials(&self, id: Uuid) -> Result<(), VaultError>;

    async fn discard_all_credentials(&self, owner: Uuid) -> Result<(), VaultError>;
}

/// A stored value that is not what a vault writes.
pub(super) fn corrupt(at: impl Into<String>, what: &str) -> VaultError {
    VaultError::Corrupt { at: at.into(), what: what.to_owned() }
}

/// A row of `refresh_tokens`.
pub(super) fn refresh_token(sign_in: &str, expires_at: i64) -> Result<(Uuid, DateTime<Utc>), VaultError> {
    let sign_in = uuid(sign_in, "refresh_tokens")?;
    let expires_at = DateTime::from_timestamp_micros(expires_at).ok_or_else(|| corrupt("refresh_tokens", "no such time"))?;
    Ok((sign_in, expires_at))
}

/// An id that was stored as text.
pub(super) fn uuid(text: &str, at: &str) -> Result<Uuid, VaultError> {
    Uuid::try_parse(text).map_err(|_| corrupt(at, "an id is no UUID"))
}

/// What a subject's key is wrapped for.
pub(super) fn subject_purpose(subject: Uuid) -> String {
    format!("subject {subject}")
}

/// What a named secret is wrapped for.
pub(super) fn secret_purpose(name: &str) -> String {
    format!("secret {name}")
}

/// What credentials are wrapped for: those of one owner and version are no other's.
pub(super) fn credentials_purpose(key: CredentialsKey) -> String {
    format!("credentials {} {} {}", key.owner, key.version, key.id)
}
