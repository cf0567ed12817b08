//! The contract, kept by a keyring.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;
use uuid::Uuid;

use super::{KEY_LENGTH, Key, Keyring};
use crate::{
    Position,
    vault::{
        CredentialsKey, Family, MasterKey, Rotated, Rotation, SigningKey, Tries, Vault, VaultError,
        rows::{Rows, corrupt, credentials_purpose, signing_purpose, signing_time},
    },
};

const BLIND_INDEX: &str = "blind-index";

#[async_trait::async_trait]
impl<R: Rows> Vault for Keyring<R> {
    async fn seal(&self, subject: Uuid, event_id: Uuid, plaintext: &[u8]) -> Result<String, VaultError> {
        match &*self.find_or_create(subject).await? {
            Key::Live(cipher) => cipher.seal(subject, event_id, plaintext),
            Key::Erased => Err(VaultError::Erased(subject)),
        }
    }

    async fn open(&self, subject: Uuid, sealed: &str) -> Result<Option<SecretSlice<u8>>, VaultError> {
        Ok(self.open_many(&[(subject, sealed)]).await?.pop().flatten())
    }

    async fn open_many(&self, sealed: &[(Uuid, &str)]) -> Result<Vec<Option<SecretSlice<u8>>>, VaultError> {
        let mut subjects: Vec<Uuid> = sealed.iter().map(|(subject, _)| *subject).collect();
        subjects.sort_unstable();
        subjects.dedup();
        let nobody_erases = self.erasing.read().await;
        let keys = self.find(&subjects).await?;
        drop(nobody_erases);
        let open = |&(subject, text): &(Uuid, &str)| match keys.get(&subject).map(AsRef::as_ref) {
            Some(Key::Live(cipher)) => cipher.open(subject, text).map(Some),
            Some(Key::Erased) => Ok(None),
            None => Err(VaultError::NoKey(subject)),
        };
        sealed.iter().map(open).collect()
    }

    async fn erase_subject(&self, subject: Uuid) -> Result<(), VaultError> {
        let nobody_reads = Arc::clone(&self.erasing).write_owned().await;
        let (rows, keys) = (Arc::clone(&self.rows), self.keys.clone());
        // In a task of its own: a caller that goes away leaves no key in the cache.
        let erased = tokio::spawn(async move {
            let erased = rows.erase(subject).await;
            keys.invalidate(&subject).await;
            drop(nobody_reads);
            erased
        });
        erased.await.unwrap_or(Err(VaultError::Unavailable(sqlx::Error::WorkerCrashed)))
    }

    async fn erased(&self, subjects: &[Uuid]) -> Result<Vec<Uuid>, VaultError> {
        let rows = self.rows.keys(subjects).await?;
        Ok(rows.into_iter().filter(|(_, wrapped)| wrapped.is_none()).map(|(subject, _)| subject).collect())
    }

    async fn erasures_applied(&self) -> Result<Position, VaultError> {
        self.rows.erasures_applied().await.map(Position)
    }

    async fn set_erasures_applied(&self, position: Position) -> Result<(), VaultError> {
        self.rows.set_erasures_applied(position.0).await
    }

    async fn rotate_master_key(&self, new: MasterKey) -> Result<Rotated, VaultError> {
        let wrapper = Arc::clone(&self.wrapper);
        // In a task of its own: a caller that goes away leaves nothing half-way.
        let rotated = tokio::spawn(async move { wrapper.rotate(&new).await });
        rotated.await.unwrap_or(Err(VaultError::Unavailable(sqlx::Error::WorkerCrashed)))
    }

    async fn secret(&self, name: &str, len: usize) -> Result<SecretSlice<u8>, VaultError> {
        let secret = self.find_or_create_secret(name, len).await?;
        let has = secret.expose_secret().len();
        if has != len {
            return Err(VaultError::SecretLength { name: name.to_owned(), has, wanted: len });
        }
        Ok(SecretSlice::clone(&secret))
    }

    async fn known_secret(&self, name: &str) -> Result<Option<SecretSlice<u8>>, VaultError> {
        Ok(self.read_secret(name).await?.map(|secret| SecretSlice::clone(&secret)))
    }

    async fn secret_names(&self, prefix: &str) -> Result<Vec<String>, VaultError> {
        self.rows.secret_names(prefix).await
    }

    async fn destroy_secret(&self, name: &str) -> Result<bool, VaultError> {
        let nobody_reads = Arc::clone(&self.erasing).write_owned().await;
        let (rows, secrets, name) = (Arc::clone(&self.rows), self.secrets.clone(), name.to_owned());
        // In a task of its own: a caller that goes away leaves no key in the cache.
        let destroyed = tokio::spawn(async move {
            let destroyed = rows.destroy_secret(&name).await;
            secrets.invalidate(&name).await;
            drop(nobody_reads);
            destroyed
        });
        destroyed.await.unwrap_or(Err(VaultError::Unavailable(sqlx::Error::WorkerCrashed)))
    }

    async fn signing_keys(&self) -> Result<Vec<SigningKey>, VaultError> {
        let masters = self.wrapper.masters().await;
        let mut keys = Vec::new();
        for (number, id, wrapped, signs_from, ends_others_at, nameless_until) in self.rows.signing_keys().await? {
            let secret = self.wrapper.unwrap(&masters, &signing_purpose(number, &id), &wrapped).await?;
            let (signs_from, ends_others_at) = (signing_time(signs_from)?, signing_time(ends_others_at)?);
            let nameless_until = nameless_until.map(signing_time).transpose()?;
            keys.push(SigningKey { number, id, secret, signs_from, ends_others_at, nameless_until });
        }
        Ok(keys)
    }

    async fn add_signing_key(&self, key: &SigningKey) -> Result<bool, VaultError> {
        loop {
            let masters = self.wrapper.masters().await;
            let wrapped = masters.current.cipher.wrap(&signing_purpose(key.number, &key.id), key.secret.expose_secret())?;
            if self.rows.insert_signing_key(key, wrapped, &masters.current.probe.wrapped).await? {
                return Ok(true);
            }
            if !self.wrapper.learn(&masters, None).await? {
                return Ok(false);
            }
        }
    }

    async fn purge_signing_keys(&self, now: DateTime<Utc>, unnamed: &str) -> Result<u64, VaultError> {
        let purged = self.rows.purge_signing_keys(now, unnamed).await?;
        self.secrets.invalidate(unnamed).await;
        Ok(purged)
    }

    async fn blind(&self, purpose: &str, value: &str) -> Result<[u8; 32], VaultError> {
        let key = self.secret(BLIND_INDEX, KEY_LENGTH).await?;
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.expose_secret())
            .map_err(|_| corrupt("blind index", "its key has a wrong length"))?;
        // The length keeps ("ab", "c") apart from ("a", "bc").
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
        mac.update(value.as_bytes());
        Ok(mac.finalize().into_bytes().into())
    }

    async fn refresh_issue(&self, sign_in: Uuid, token_hash: &[u8], expires_at: DateTime<Utc>) -> Result<(), VaultError> {
        self.rows.refresh_issue(sign_in, token_hash, expires_at).await
    }

    async fn refresh_rotate(&self, sign_in: Uuid, rotation: Rotation<'_>) -> Result<bool, VaultError> {
        self.rows.refresh_rotate(sign_in, rotation).await
    }

    async fn refresh_revoke(&self, sign_in: Uuid) -> Result<(), VaultError> {
        self.rows.refresh_revoke(sign_in).await
    }

    async fn refresh_families(&self, sign_ins: &[Uuid]) -> Result<Vec<Family>, VaultError> {
        self.rows.refresh_families(sign_ins).await
    }

    async fn refresh_find(&self, token_hash: &[u8]) -> Result<Option<Family>, VaultError> {
        self.rows.refresh_find(token_hash).await
    }

    async fn purge_refresh_tokens(&self, now: DateTime<Utc>) -> Result<u64, VaultError> {
        self.rows.purge_refresh_tokens(now).await
    }

    async fn tries(&self, key: &[u8]) -> Result<Option<(i64, Tries)>, VaultError> {
        self.rows.tries(key).await
    }

    async fn set_tries(&self, key: &[u8], version: Option<i64>, tries: Tries) -> Result<bool, VaultError> {
        self.rows.set_tries(key, version, tries).await
    }

    async fn purge_tries(&self, now: DateTime<Utc>) -> Result<u64, VaultError> {
        self.rows.purge_tries(now).await
    }

    async fn credentials_keep(&self, key: CredentialsKey, secret: &[u8]) -> Result<(), VaultError> {
        let purpose = credentials_purpose(key);
        loop {
            let masters = self.wrapper.masters().await;
            let wrapped = masters.current.cipher.wrap(&purpose, secret)?;
            if self.rows.insert_credentials(key, wrapped, &masters.current.probe.wrapped).await? {
                return Ok(());
            }
            if !self.wrapper.learn(&masters, None).await? {
                return Err(corrupt(purpose, "they are not kept"));
            }
        }
    }

    async fn credentials_open(&self, key: CredentialsKey) -> Result<Option<SecretSlice<u8>>, VaultError> {
        let masters = self.wrapper.masters().await;
        let Some(wrapped) = self.rows.credentials(key.id).await? else { return Ok(None) };
        self.wrapper.unwrap(&masters, &credentials_purpose(key), &wrapped).await.map(Some)
    }

    async fn credentials_supersede(&self, key: CredentialsKey) -> Result<(), VaultError> {
        self.rows.supersede_credentials(key).await
    }

    async fn credentials_discard(&self, key: CredentialsKey) -> Result<(), VaultError> {
        self.rows.discard_credentials(key.id).await
    }

    async fn credentials_discard_all(&self, owner: Uuid) -> Result<(), VaultError> {
        self.rows.discard_all_credentials(owner).await
    }

    async fn close(&self) {
        self.rows.close().await;
    }
}
