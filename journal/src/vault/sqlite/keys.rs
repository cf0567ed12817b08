//! Keys of subjects and of the platform: found, created, erased.

use std::{collections::HashMap, sync::Arc};

use chrono::Utc;
use secrecy::{ExposeSecret, SecretSlice};
use sqlx::{Row, SqlitePool};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{KEY_LENGTH, SqliteVault};
use crate::vault::{VaultError, cipher::Cipher};

/// Keys looked up by one statement.
const KEYS_PER_QUERY: usize = 500;

/// What is known of a subject.
pub(super) enum Key {
    Live(Cipher),
    Erased,
}

impl SqliteVault {
    /// What is known of these subjects; those without a key are left out.
    pub(super) async fn find(&self, subjects: &[Uuid]) -> Result<HashMap<Uuid, Arc<Key>>, VaultError> {
        let _no_erasure = self.erasing.read().await;
        let mut found = HashMap::with_capacity(subjects.len());
        let mut missing = Vec::new();
        for &subject in subjects {
            match self.keys.get(&subject).await {
                Some(key) => drop(found.insert(subject, key)),
                None => missing.push(subject),
            }
        }
        for subjects in missing.chunks(KEYS_PER_QUERY) {
            let mut query = sqlx::QueryBuilder::new("SELECT subject, wrapped FROM subject_keys WHERE subject IN (");
            let mut list = query.separated(", ");
            for subject in subjects {
                list.push_bind(subject.to_string());
            }
            let rows = query.push(")").build().persistent(false).fetch_all(&self.reads).await.map_err(|e| self.fault(e))?;
            for row in rows {
                let text: String = row.try_get("subject")?;
                let subject = Uuid::try_parse(&text).map_err(|_| Self::corrupt("subject_keys", "a subject is no UUID"))?;
                let key = Arc::new(self.unwrap_key(subject, row.try_get("wrapped")?)?);
                self.keys.insert(subject, key.clone()).await;
                found.insert(subject, key);
            }
        }
        Ok(found)
    }

    fn unwrap_key(&self, subject: Uuid, wrapped: Option<Vec<u8>>) -> Result<Key, VaultError> {
        let Some(wrapped) = wrapped else { return Ok(Key::Erased) };
        let key = self.master.unwrap(&subject_purpose(subject), &wrapped);
        key.and_then(|key| Cipher::try_new(key.expose_secret()))
            .map(Key::Live)
            .ok_or_else(|| Self::corrupt(format!("subject {subject}"), "its key does not authenticate"))
    }

    /// The subject's key, created if there is none. Of several that create it at once, one wins.
    pub(super) async fn find_or_create(&self, subject: Uuid) -> Result<Arc<Key>, VaultError> {
        if let Some(key) = self.find(&[subject]).await?.remove(&subject) {
            return Ok(key);
        }
        let wrapped = self.new_key(&subject_purpose(subject), KEY_LENGTH)?;
        let insert = sqlx::query("INSERT INTO subject_keys (subject, wrapped) VALUES (?, ?) ON CONFLICT DO NOTHING");
        self.write(insert.bind(subject.to_string()).bind(wrapped)).await?;
        self.find(&[subject]).await?.remove(&subject).ok_or(VaultError::NoKey(subject))
    }

    fn new_key(&self, purpose: &str, len: usize) -> Result<Vec<u8>, VaultError> {
        let mut key = Zeroizing::new(vec![0; len]);
        rand::fill(key.as_mut_slice());
        self.master.wrap(purpose, &key)
    }

    async fn find_secret(&self, name: &str) -> Result<Option<Arc<SecretSlice<u8>>>, VaultError> {
        if let Some(secret) = self.secrets.get(name).await {
            return Ok(Some(secret));
        }
        let wrapped: Option<Vec<u8>> = sqlx::query_scalar("SELECT wrapped FROM secrets WHERE name = ?")
            .bind(name)
            .fetch_optional(&self.reads)
            .await
            .map_err(|e| self.fault(e))?;
        let Some(wrapped) = wrapped else { return Ok(None) };
        let secret = self.master.unwrap(&secret_purpose(name), &wrapped);
        let secret = Arc::new(secret.ok_or_else(|| Self::corrupt(format!("secret {name}"), "it does not authenticate"))?);
        self.secrets.insert(name.to_owned(), secret.clone()).await;
        Ok(Some(secret))
    }

    /// The named secret, created if there is none. Of several that create it at once, one wins.
    pub(super) async fn find_or_create_secret(&self, name: &str, len: usize) -> Result<Arc<SecretSlice<u8>>, VaultError> {
        if let Some(secret) = self.find_secret(name).await? {
            return Ok(secret);
        }
        let wrapped = self.new_key(&secret_purpose(name), len)?;
        let insert = sqlx::query("INSERT INTO secrets (name, wrapped) VALUES (?, ?) ON CONFLICT DO NOTHING");
        self.write(insert.bind(name.to_owned()).bind(wrapped)).await?;
        self.find_secret(name).await?.ok_or_else(|| Self::corrupt(format!("secret {name}"), "it is gone"))
    }
}

/// Erases, then empties the write-ahead log, where an older copy of the page would outlive the key.
pub(super) async fn erase(pool: &SqlitePool, subject: Uuid) -> Result<bool, sqlx::Error> {
    sqlx::query(
        "INSERT INTO subject_keys (subject, erased_at) VALUES (?, ?)
         ON CONFLICT (subject) DO UPDATE SET wrapped = NULL, erased_at = excluded.erased_at WHERE wrapped IS NOT NULL",
    )
    .bind(subject.to_string())
    .bind(Utc::now().timestamp_micros())
    .execute(pool)
    .await?;
    let busy: i64 = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(pool).await?.try_get(0)?;
    Ok(busy == 0)
}

fn subject_purpose(subject: Uuid) -> String {
    format!("subject {subject}")
}

fn secret_purpose(name: &str) -> String {
    format!("secret {name}")
}
