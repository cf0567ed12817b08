//! The key store: what makes personal data readable, in a database of its own with its own backup.
//!
//! Every person (a *subject*) has a data key; erasing it erases the person everywhere, while the history that
//! holds their sealed values still verifies. The vault also keeps the platform's own keys,
//! the digests of refresh tokens, and credentials for what is outside, such as clusters.
//!
//! What every vault does is in `keyring`; `sqlite` and `postgres` have the statements of one database each.

mod cipher;
mod error;
mod keyring;
mod master_key;
mod passing;
mod postgres;
mod records;
mod rows;
mod sqlite;

#[cfg(test)]
pub(crate) mod tests;

pub use error::VaultError;
pub use keyring::Keyring;
pub use master_key::{MasterKey, MasterKeySource};
pub use passing::Passing;
pub use postgres::PostgresVault;
pub use records::{CredentialsKey, Family, Rotated, Rotation, SigningKey, Tries};
pub use secrecy::{ExposeSecret, SecretSlice};
pub use sqlite::SqliteVault;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::Position;

/// Keeps keys and uses them. Shared as `Arc<dyn Vault>`.
#[async_trait::async_trait]
pub trait Vault: Passing + Send + Sync + 'static {
    /// Seals a value of a subject. The first one creates the subject's key, which is on disk before this returns.
    /// The text is bound to the event and the subject and opens wherever it is copied to.
    ///
    /// # Errors
    /// [`VaultError::Erased`] if the subject was erased, or a fault.
    async fn seal(&self, subject: Uuid, event_id: Uuid, plaintext: &[u8]) -> Result<String, VaultError>;

    /// Opens a sealed text; `None` if the subject was erased.
    ///
    /// # Errors
    /// [`VaultError::Malformed`] or [`VaultError::Forged`] if it is no sealed text of this subject,
    /// [`VaultError::NoKey`] if this vault never knew the subject, or a fault.
    async fn open(&self, subject: Uuid, sealed: &str) -> Result<Option<SecretSlice<u8>>, VaultError>;

    /// Opens many at once, with one look-up for all keys; in the same order.
    ///
    /// # Errors
    /// As [`Vault::open`], for the first that fails.
    async fn open_many(&self, sealed: &[(Uuid, &str)]) -> Result<Vec<Option<SecretSlice<u8>>>, VaultError>;

    /// Destroys a subject's key for ever. A tombstone keeps it from being created again. Doing it twice is no change.
    ///
    /// # Errors
    /// [`VaultError::Unfinished`] if a copy of the key may still be in the write-ahead log: try again. Or a fault.
    async fn erase_subject(&self, subject: Uuid) -> Result<(), VaultError>;

    /// Those of the subjects that this vault knows to be erased.
    ///
    /// # Errors
    /// A fault.
    async fn erased(&self, subjects: &[Uuid]) -> Result<Vec<Uuid>, VaultError>;

    /// Up to which position of the journal every erasure has been applied to this vault; 0 in a new one. It is restored
    /// with the keys, so it tells which erasures a restored vault has not seen.
    ///
    /// # Errors
    /// A fault.
    async fn erasures_applied(&self) -> Result<Position, VaultError>;

    /// Remembers up to where erasures have been applied.
    ///
    /// # Errors
    /// A fault.
    async fn set_erasures_applied(&self, position: Position) -> Result<(), VaultError>;

    /// Wraps every key, and credentials, anew under another master key, while the vault is used. Until it is over the vault opens with
    /// both, and then with the new one; other processes that have the vault open ask their [`MasterKeySource`] again. Doing it again
    /// goes on with what was interrupted; if nothing is left to do, no key is counted.
    ///
    /// # Errors
    /// [`VaultError::WrongMasterKey`] if it was changed meanwhile or another one is coming, [`VaultError::Corrupt`] if a key does not
    /// authenticate, which is found before anything is changed; or a fault.
    async fn rotate_master_key(&self, new: MasterKey) -> Result<Rotated, VaultError>;

    /// A key of the platform itself, `len` random bytes, created on first use and then always the same.
    ///
    /// # Errors
    /// [`VaultError::SecretLength`] if it was created with another length, or a fault.
    async fn secret(&self, name: &str, len: usize) -> Result<SecretSlice<u8>, VaultError>;

    /// A key of the platform itself, if there is one: as the database has it, and not as it is remembered, since another process may have
    /// destroyed it.
    ///
    /// # Errors
    /// A fault.
    async fn known_secret(&self, name: &str) -> Result<Option<SecretSlice<u8>>, VaultError>;

    /// The names of the platform's own keys that begin so, in order.
    ///
    /// # Errors
    /// A fault.
    async fn secret_names(&self, prefix: &str) -> Result<Vec<String>, VaultError>;

    /// Destroys a key of the platform itself for ever; whether there was one. There is no tombstone: one that is created under this name
    /// later is another, by which nothing of before is read. Other processes that have used it forget it within a day, and at once where
    /// they ask by [`Vault::known_secret`].
    ///
    /// # Errors
    /// [`VaultError::UnfinishedSecret`] if a copy of the key may still be in the write-ahead log: try again. Or a fault.
    async fn destroy_secret(&self, name: &str) -> Result<bool, VaultError>;

    /// What access tokens are signed with, by number: as the database has them, and not as they are remembered.
    ///
    /// # Errors
    /// [`VaultError::Corrupt`] if one is another's, or a fault.
    async fn signing_keys(&self) -> Result<Vec<SigningKey>, VaultError>;

    /// Adds a key, if none has its number. `false`: somebody else was first.
    ///
    /// # Errors
    /// A fault.
    async fn add_signing_key(&self, key: &SigningKey) -> Result<bool, VaultError>;

    /// Removes keys that are worth nothing at `now`; how many there were. Once the last that tokens did not have to name is among them,
    /// the secret `unnamed` goes as well, which it was made of.
    ///
    /// # Errors
    /// A fault.
    async fn purge_signing_keys(&self, now: DateTime<Utc>, unnamed: &str) -> Result<u64, VaultError>;

    /// A keyed digest (HMAC-SHA256) by which equal values can be found without being known. Its key is never rotated.
    ///
    /// # Errors
    /// A fault.
    async fn blind(&self, purpose: &str, value: &str) -> Result<[u8; 32], VaultError>;

    /// Stores the digest of a sign-in's first refresh token, or of a new one in place of the old.
    ///
    /// # Errors
    /// A fault.
    async fn refresh_issue(&self, sign_in: Uuid, token_hash: &[u8], expires_at: DateTime<Utc>) -> Result<(), VaultError>;

    /// Makes the next generation current, if the expected one still is. `false`: another was first, or the sign-in was revoked.
    ///
    /// # Errors
    /// A fault.
    async fn refresh_rotate(&self, sign_in: Uuid, rotation: Rotation<'_>) -> Result<bool, VaultError>;

    /// Forgets a sign-in's refresh token.
    ///
    /// # Errors
    /// A fault.
    async fn refresh_revoke(&self, sign_in: Uuid) -> Result<(), VaultError>;

    /// What is known of these sign-ins' refresh tokens, in no order. Those that have none, or none any more, are left out; those that
    /// expired may not be.
    ///
    /// # Errors
    /// A fault.
    async fn refresh_families(&self, sign_ins: &[Uuid]) -> Result<Vec<Family>, VaultError>;

    /// The sign-in whose current token has this digest: for tokens of older builds, which do not tell their sign-in.
    ///
    /// # Errors
    /// A fault.
    async fn refresh_find(&self, token_hash: &[u8]) -> Result<Option<Family>, VaultError>;

    /// Removes refresh tokens that expired before `now`; how many there were.
    ///
    /// # Errors
    /// A fault.
    async fn purge_refresh_tokens(&self, now: DateTime<Utc>) -> Result<u64, VaultError>;

    /// What is counted under a key, and its version; none, if nothing is.
    ///
    /// # Errors
    /// A fault.
    async fn tries(&self, key: &[u8]) -> Result<Option<(i64, Tries)>, VaultError>;

    /// Counts under a key, if what is there has this version; `None`: if nothing is there. `false`: somebody else was first.
    ///
    /// # Errors
    /// A fault.
    async fn set_tries(&self, key: &[u8], version: Option<i64>, tries: Tries) -> Result<bool, VaultError>;

    /// Removes what expired before `now`; how much there was.
    ///
    /// # Errors
    /// A fault.
    async fn purge_tries(&self, now: DateTime<Utc>) -> Result<u64, VaultError>;

    /// Seals credentials for something outside, such as a cluster, and keeps them beside those that its owner has already.
    ///
    /// # Errors
    /// A fault.
    async fn credentials_keep(&self, key: CredentialsKey, secret: &[u8]) -> Result<(), VaultError>;

    /// Opens credentials; `None` if they are not there.
    ///
    /// # Errors
    /// [`VaultError::Corrupt`] if they are another's or of another version, or a fault.
    async fn credentials_open(&self, key: CredentialsKey) -> Result<Option<SecretSlice<u8>>, VaultError>;

    /// Forgets all of the owner but these, up to their version. Those of a later version may be on their way in.
    ///
    /// # Errors
    /// A fault.
    async fn credentials_supersede(&self, key: CredentialsKey) -> Result<(), VaultError>;

    /// Forgets credentials.
    ///
    /// # Errors
    /// A fault.
    async fn credentials_discard(&self, key: CredentialsKey) -> Result<(), VaultError>;

    /// Forgets everything of an owner.
    ///
    /// # Errors
    /// A fault.
    async fn credentials_discard_all(&self, owner: Uuid) -> Result<(), VaultError>;

    /// Releases the files.
    async fn close(&self);
}

/// How many subjects are looked up at once.
const REAPPLIED_AT_ONCE: usize = 500;

/// Erases again whom the journal knows to be erased and this vault does not, because it was restored from an older backup;
/// how many there were.
///
/// # Errors
/// As [`Vault::erase_subject`].
pub async fn reapply(vault: &dyn Vault, erased: &[Uuid]) -> Result<u64, VaultError> {
    let mut again = 0;
    for subjects in erased.chunks(REAPPLIED_AT_ONCE) {
        let known: std::collections::HashSet<Uuid> = vault.erased(subjects).await?.into_iter().collect();
        for subject in subjects.iter().filter(|subject| !known.contains(subject)) {
            vault.erase_subject(*subject).await?;
            again += 1;
        }
    }
    Ok(again)
}
