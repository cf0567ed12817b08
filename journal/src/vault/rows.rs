//! What a database must be able to do for a vault. It sees nothing but wrapped keys and digests.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{CredentialsKey, Family, Rotation, SigningKey, Tries, VaultError};

/// Wraps a key anew: what it is for, and how it is wrapped now. `None`: it is to stay as it is.
pub(super) type Rewrap = Arc<dyn Fn(&str, &[u8]) -> Result<Option<Vec<u8>>, VaultError> + Send + Sync>;

/// What a vault knows of its master keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probes {
    /// Of the one by which keys are wrapped from now on.
    pub current: Probe,
    /// Of the one before, while keys of that one are wrapped anew.
    pub before: Option<Probe>,
}

/// The row of `vault`: probe and name of the current master key, and of the one before. A build that does not know of the latter adds
/// nothing under it.
pub(super) type ProbesRow = (Vec<u8>, Option<String>, Option<Vec<u8>>, Option<String>);

impl From<ProbesRow> for Probes {
    fn from((wrapped, master_key, before, before_master_key): ProbesRow) -> Self {
        let before = before.map(|wrapped| Probe { wrapped, master_key: before_master_key });
        Self { current: Probe { wrapped, master_key }, before }
    }
}

/// What a vault knows of a master key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// A known text wrapped by it.
    pub wrapped: Vec<u8>,
    /// Its name; absent where an older build made the vault.
    pub master_key: Option<String>,
}

/// The statements of one database. A write that is given a probe takes effect only while keys are wrapped by the master key of this
/// one, so that nobody adds a key that is wrapped by a master key of the past.
#[async_trait::async_trait]
pub trait Rows: CredentialsRows + PassingRows + RefreshRows + SigningRows + TriesRows + Send + Sync + 'static {
    /// Which database, for messages: never a password.
    fn store(&self) -> &str;

    /// How long what was read of a subject may be used: another process may have erased them. Absent: there is none.
    fn fresh_for(&self) -> Option<Duration>;

    /// Makes `first` the probe of a vault that has none.
    async fn add_probe(&self, first: &Probe) -> Result<(), VaultError>;

    /// The vault's probes, if it has one.
    async fn probes(&self) -> Result<Option<Probes>, VaultError>;

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

    /// The names of secrets that begin so, in order.
    async fn secret_names(&self, prefix: &str) -> Result<Vec<String>, VaultError>;

    /// Removes a secret; whether there was one. In a task of its own.
    async fn destroy_secret(&self, name: &str) -> Result<bool, VaultError>;

    /// Makes the next master key the current one, and this the one before, if it is the current one and there is none before it; whether
    /// it did.
    async fn begin_rewrap(&self, current: &Probe, next: &Probe) -> Result<bool, VaultError>;

    /// Wraps people's keys anew, from after this person on as many as go into one transaction: how many it were, and the last person
    /// that was looked at, if there was one.
    async fn rewrap_subjects(&self, after: Option<String>, rewrap: Rewrap) -> Result<(u64, Option<String>), VaultError>;

    /// Wraps all other keys anew, in one transaction; how many it were.
    async fn rewrap_others(&self, rewrap: Rewrap) -> Result<u64, VaultError>;

    /// Forgets the master key before this one. `false`: the current one is another, or there is none before it.
    async fn end_rewrap(&self, current: &Probe) -> Result<bool, VaultError>;

    /// Removes what is left of older wrapped keys beside the tables; whether nothing is.
    async fn clean(&self) -> Result<bool, VaultError>;

    async fn erasures_applied(&self) -> Result<i64, VaultError>;

    async fn set_erasures_applied(&self, position: i64) -> Result<(), VaultError>;

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

/// The statements about refresh tokens.
#[async_trait::async_trait]
pub trait RefreshRows {
    async fn refresh_issue(&self, sign_in: Uuid, token_hash: &[u8], expires_at: DateTime<Utc>) -> Result<(), VaultError>;

    async fn refresh_rotate(&self, sign_in: Uuid, rotation: Rotation<'_>) -> Result<bool, VaultError>;

    async fn refresh_revoke(&self, sign_in: Uuid) -> Result<(), VaultError>;

    async fn refresh_families(&self, sign_ins: &[Uuid]) -> Result<Vec<Family>, VaultError>;

    async fn refresh_find(&self, token_hash: &[u8]) -> Result<Option<Family>, VaultError>;

    async fn purge_refresh_tokens(&self, now: DateTime<Utc>) -> Result<u64, VaultError>;
}

/// The statements about keys that sign.
#[async_trait::async_trait]
pub trait SigningRows {
    /// By number.
    async fn signing_keys(&self) -> Result<Vec<SigningRow>, VaultError>;

    /// Adds a key, unless there is one of its number; whether it did: not, if the vault has another probe.
    async fn insert_signing_key(&self, key: &SigningKey, wrapped: Vec<u8>, probe: &[u8]) -> Result<bool, VaultError>;

    /// Removes those that are worth nothing by now, and the secret if none is left that may go unnamed.
    async fn purge_signing_keys(&self, now: DateTime<Utc>, unnamed: &str) -> Result<u64, VaultError>;
}

/// The statements about what is tried.
#[async_trait::async_trait]
pub trait TriesRows {
    async fn tries(&self, key: &[u8]) -> Result<Option<(i64, Tries)>, VaultError>;

    async fn set_tries(&self, key: &[u8], version: Option<i64>, tries: Tries) -> Result<bool, VaultError>;

    async fn purge_tries(&self, now: DateTime<Utc>) -> Result<u64, VaultError>;
}

/// The statements about what is taken away once.
#[async_trait::async_trait]
pub trait PassingRows {
    async fn insert_passing(&self, key: &[u8], sealed: Vec<u8>, expires_at: DateTime<Utc>) -> Result<(), VaultError>;

    async fn take_passing(&self, key: &[u8], now: DateTime<Utc>) -> Result<Option<Vec<u8>>, VaultError>;

    async fn purge_passing(&self, now: DateTime<Utc>) -> Result<u64, VaultError>;
}

/// A stored value that is not what a vault writes.
pub(super) fn corrupt(at: impl Into<String>, what: &str) -> VaultError {
    VaultError::Corrupt { at: at.into(), what: what.to_owned() }
}

/// A row of `refresh_tokens`: sign-in, generation, when that became current, when it expires.
pub(super) type FamilyRow = (String, i64, Option<i64>, i64);

pub(super) fn family((sign_in, generation, rotated_at, expires_at): FamilyRow) -> Result<Family, VaultError> {
    let time = |micros| DateTime::from_timestamp_micros(micros).ok_or_else(|| corrupt("refresh_tokens", "no such time"));
    Ok(Family {
        sign_in: uuid(&sign_in, "refresh_tokens")?,
        generation,
        rotated_at: rotated_at.map(time).transpose()?,
        expires_at: time(expires_at)?,
    })
}

/// A row of `tries`: version, count, blocked and known until, expiry.
pub(super) type TriesRow = (i64, i64, i64, Option<i64>, i64);

pub(super) fn tries((version, count, blocked_until, known_until, expires_at): TriesRow) -> Result<(i64, Tries), VaultError> {
    let time = |micros| DateTime::from_timestamp_micros(micros).ok_or_else(|| corrupt("tries", "no such time"));
    let known_until = known_until.map(time).transpose()?;
    Ok((version, Tries { count, blocked_until: time(blocked_until)?, known_until, expires_at: time(expires_at)? }))
}

/// A row of `signing_keys`: number, id, the wrapped key, from when it signs and others end, until when it may go unnamed.
pub(super) type SigningRow = (i64, String, Vec<u8>, i64, i64, Option<i64>);

/// A time that is stored with a signing key.
pub(super) fn signing_time(micros: i64) -> Result<DateTime<Utc>, VaultError> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| corrupt("signing_keys", "no such time"))
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

/// What a key that signs is wrapped for: one key is not put in another's place.
pub(super) fn signing_purpose(number: i64, id: &str) -> String {
    format!("signing key {number} {id}")
}
