//! The vault in the schema `vault` of a `PostgreSQL` database, for any number of processes.
//!
//! What was read of a person is used for [`FRESH_FOR`] at the most, so an erasure by another process is felt within five
//! seconds. A destroyed key leaves dead rows, write-ahead log and backups of the database behind, all wrapped by the master
//! key: they become worthless when that is rotated and the old one destroyed.

mod connections;
mod credentials;
mod passing;
mod refresh;
mod rewrap;
mod signing;
mod tries;

use std::time::Duration;

use chrono::Utc;
use uuid::Uuid;

use self::connections::Connections;
use super::{
    Keyring, MasterKey, VaultError,
    rows::{Probe, Rewrap, Rows, uuid},
};

/// How long what was read of a person is used. With the time a statement may take it stays under five seconds.
const FRESH_FOR: Duration = Duration::from_secs(4);
/// How long all keys may take to be wrapped anew.
const ROTATION: Duration = Duration::from_mins(30);

/// A vault in the schema `vault` of a database. Use [`PostgresVault::init`].
pub type PostgresVault = Keyring<PostgresRows>;

/// What a vault keeps in a schema.
pub struct PostgresRows(Connections);

impl PostgresVault {
    /// Opens the vault in the schema `vault` of the database at `url`, and creates the schema if there is none.
    ///
    /// # Errors
    /// [`VaultError::WrongMasterKey`], [`VaultError::Address`] or [`VaultError::Schema`] if it cannot be used, or a fault.
    pub async fn init(url: &str, master_key: MasterKey) -> Result<Self, VaultError> {
        let rows = PostgresRows(Connections::init(url).await?);
        Self::open(rows, &master_key).await
    }

    /// Looks at a vault that exists. Nothing is made or changed: what is there can be read, and everything else fails.
    ///
    /// # Errors
    /// As [`PostgresVault::init`].
    pub async fn look(url: &str, master_key: MasterKey) -> Result<Self, VaultError> {
        let rows = PostgresRows(Connections::look(url).await?);
        Self::open_to_look(rows, &master_key).await
    }
}

#[async_trait::async_trait]
impl Rows for PostgresRows {
    fn store(&self) -> &str {
        self.0.store()
    }

    fn fresh_for(&self) -> Option<Duration> {
        Some(FRESH_FOR)
    }

    async fn add_probe(&self, first: &Probe) -> Result<(), VaultError> {
        let insert = sqlx::query("INSERT INTO vault.vault (id, probe, master_key) VALUES (1, $1, $2) ON CONFLICT DO NOTHING");
        self.0.execute(insert.bind(first.wrapped.clone()).bind(first.master_key.clone())).await.map(drop)
    }

    async fn probe(&self) -> Result<Option<Probe>, VaultError> {
        let select = sqlx::query_as("SELECT probe, master_key FROM vault.vault");
        let probe = self.0.run(|connection| Box::pin(select.fetch_optional(connection))).await?;
        Ok(probe.map(|(wrapped, master_key)| Probe { wrapped, master_key }))
    }

    async fn keys(&self, subjects: &[Uuid]) -> Result<Vec<(Uuid, Option<Vec<u8>>)>, VaultError> {
        let subjects: Vec<String> = subjects.iter().map(Uuid::to_string).collect();
        let select = sqlx::query_as::<_, (String, Option<Vec<u8>>)>(
            "SELECT subject::text, wrapped FROM vault.subject_keys WHERE subject = ANY ($1::text[]::uuid[])",
        );
        let rows = self.0.run(|connection| Box::pin(select.bind(subjects).fetch_all(connection))).await?;
        rows.into_iter().map(|(subject, wrapped)| Ok((uuid(&subject, "subject_keys")?, wrapped))).collect()
    }

    async fn insert_key(&self, subject: Uuid, wrapped: Vec<u8>, probe: &[u8]) -> Result<(), VaultError> {
        // Sharing the row waits for a rotation that is under way, and then looks at the probe again.
        let insert = sqlx::query(
            "INSERT INTO vault.subject_keys (subject, wrapped)
             SELECT $1::text::uuid, $2 FROM vault.vault WHERE probe = $3 FOR SHARE ON CONFLICT DO NOTHING",
        );
        self.0.execute(insert.bind(subject.to_string()).bind(wrapped).bind(probe.to_vec())).await.map(drop)
    }

    async fn erase(&self, subject: Uuid) -> Result<(), VaultError> {
        let erase = sqlx::query(
            "INSERT INTO vault.subject_keys AS keys (subject, erased_at) VALUES ($1::text::uuid, $2)
             ON CONFLICT (subject) DO UPDATE SET wrapped = NULL, erased_at = excluded.erased_at WHERE keys.wrapped IS NOT NULL",
        );
        self.0.execute(erase.bind(subject.to_string()).bind(Utc::now().timestamp_micros())).await.map(drop)
    }

    async fn secret(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        let select = sqlx::query_scalar("SELECT wrapped FROM vault.secrets WHERE name = $1").bind(name.to_owned());
        self.0.run(|connection| Box::pin(select.fetch_optional(connection))).await
    }

    async fn insert_secret(&self, name: &str, wrapped: Vec<u8>, probe: &[u8]) -> Result<(), VaultError> {
        let insert = sqlx::query(
            "INSERT INTO vault.secrets (name, wrapped) SELECT $1, $2 FROM vault.vault WHERE probe = $3 FOR SHARE ON CONFLICT DO NOTHING",
        );
        self.0.execute(insert.bind(name.to_owned()).bind(wrapped).bind(probe.to_vec())).await.map(drop)
    }

    async fn rewrap(&self, old: &Probe, new: &Probe, rewrap: Rewrap) -> Result<Option<u64>, VaultError> {
        let (old, new) = (old.clone(), new.clone());
        self.0.run_for(ROTATION, |connection| Box::pin(rewrap::all(connection, old, new, rewrap))).await
    }

    async fn clean(&self) -> Result<bool, VaultError> {
        Ok(false)
    }

    async fn erasures_applied(&self) -> Result<i64, VaultError> {
        let select = sqlx::query_scalar("SELECT erasures_applied FROM vault.vault");
        self.0.run(|connection| Box::pin(select.fetch_one(connection))).await
    }

    async fn set_erasures_applied(&self, position: i64) -> Result<(), VaultError> {
        self.0.execute(sqlx::query("UPDATE vault.vault SET erasures_applied = $1").bind(position)).await.map(drop)
    }

    async fn close(&self) {
        self.0.close().await;
    }
}
