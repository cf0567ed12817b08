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

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::Utc;
use futures_util::FutureExt;
use uuid::Uuid;

use self::connections::{Connections, PATIENCE};
use super::{
    Keyring, MasterKeySource, VaultError,
    rows::{Probe, Probes, ProbesRow, Rewrap, Rows, uuid},
};
use crate::batches::Batches;

/// How long what was read of a person is used. With the time a statement may take it stays under five seconds.
const FRESH_FOR: Duration = Duration::from_secs(4);
/// How long a page of keys may take to be wrapped anew.
const REWRAP: Duration = Duration::from_secs(30);

/// A vault in the schema `vault` of a database. Use [`PostgresVault::init`].
pub type PostgresVault = Keyring<PostgresRows>;

/// What a vault keeps in a schema.
pub struct PostgresRows(Connections, OneKey);

/// Keys of single subjects, of which many are read at once.
type OneKey = Batches<Uuid, Result<Option<KeyRow>, VaultError>>;
/// A subject, and its key as it is wrapped; none, if the subject was erased.
type KeyRow = (Uuid, Option<Vec<u8>>);

impl PostgresRows {
    fn on(connections: Connections) -> Self {
        let reads = connections.clone();
        let one = Batches::new(PATIENCE, move |subjects| one_key_each(reads.clone(), subjects).boxed());
        Self(connections, one)
    }
}

impl PostgresVault {
    /// Opens the vault in the schema `vault` of the database at `url`, and creates the schema if there is none.
    ///
    /// # Errors
    /// [`VaultError::WrongMasterKey`], [`VaultError::Address`] or [`VaultError::Schema`] if it cannot be used, or a fault.
    pub async fn init(url: &str, master_keys: impl MasterKeySource) -> Result<Self, VaultError> {
        let rows = PostgresRows::on(Connections::init(url).await?);
        Self::open(rows, Arc::new(master_keys)).await
    }

    /// Looks at a vault that exists. Nothing is made or changed: what is there can be read, and everything else fails.
    ///
    /// # Errors
    /// As [`PostgresVault::init`].
    pub async fn look(url: &str, master_keys: impl MasterKeySource) -> Result<Self, VaultError> {
        let rows = PostgresRows::on(Connections::look(url).await?);
        Self::open_to_look(rows, Arc::new(master_keys)).await
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

    async fn probes(&self) -> Result<Option<Probes>, VaultError> {
        let select = sqlx::query_as::<_, ProbesRow>("SELECT probe, master_key, before_probe, before_master_key FROM vault.vault");
        let row = self.0.run(|connection| Box::pin(select.fetch_optional(connection))).await?;
        Ok(row.map(Probes::from))
    }

    async fn keys(&self, subjects: &[Uuid]) -> Result<Vec<KeyRow>, VaultError> {
        match subjects {
            &[subject] => {
                let key = self.1.get(subject).await.unwrap_or(Err(VaultError::Unavailable(sqlx::Error::PoolTimedOut)))?;
                Ok(key.into_iter().collect())
            }
            _ => keys(&self.0, subjects).await,
        }
    }

    async fn insert_key(&self, subject: Uuid, wrapped: Vec<u8>, probe: &[u8]) -> Result<(), VaultError> {
        // Sharing the row waits for a rotation that begins, and then looks at the probe again.
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
            "INSERT INTO vault.secrets (name, wrapped)
             SELECT $1, $2 FROM vault.vault WHERE probe = $3 FOR SHARE ON CONFLICT DO NOTHING",
        );
        self.0.execute(insert.bind(name.to_owned()).bind(wrapped).bind(probe.to_vec())).await.map(drop)
    }

    async fn secret_names(&self, prefix: &str) -> Result<Vec<String>, VaultError> {
        let names = sqlx::query_scalar("SELECT name FROM vault.secrets WHERE starts_with(name, $1) ORDER BY name COLLATE \"C\"");
        let names = names.bind(prefix.to_owned());
        self.0.run(|connection| Box::pin(names.fetch_all(connection))).await
    }

    async fn destroy_secret(&self, name: &str) -> Result<bool, VaultError> {
        let destroy = sqlx::query("DELETE FROM vault.secrets WHERE name = $1").bind(name.to_owned());
        Ok(self.0.execute(destroy).await? > 0)
    }

    async fn begin_rewrap(&self, current: &Probe, next: &Probe) -> Result<bool, VaultError> {
        // It waits for whoever adds a key and shares the row: all of these are seen by what follows.
        let begin = sqlx::query(
            "UPDATE vault.vault SET before_probe = probe, before_master_key = master_key, probe = $1, master_key = $2
             WHERE probe = $3 AND before_probe IS NULL",
        );
        let begin = begin.bind(next.wrapped.clone()).bind(next.master_key.clone()).bind(current.wrapped.clone());
        Ok(self.0.execute(begin).await? == 1)
    }

    async fn rewrap_subjects(&self, after: Option<String>, rewrap: Rewrap) -> Result<(u64, Option<String>), VaultError> {
        self.0.run_for(REWRAP, |connection| Box::pin(rewrap::subjects(connection, after, rewrap))).await
    }

    async fn rewrap_others(&self, rewrap: Rewrap) -> Result<u64, VaultError> {
        self.0.run_for(REWRAP, |connection| Box::pin(rewrap::others(connection, rewrap))).await
    }

    async fn end_rewrap(&self, current: &Probe) -> Result<bool, VaultError> {
        let end = sqlx::query(
            "UPDATE vault.vault SET before_probe = NULL, before_master_key = NULL WHERE probe = $1 AND before_probe IS NOT NULL",
        );
        Ok(self.0.execute(end.bind(current.wrapped.clone())).await? == 1)
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

async fn keys(connections: &Connections, subjects: &[Uuid]) -> Result<Vec<KeyRow>, VaultError> {
    let subjects: Vec<String> = subjects.iter().map(Uuid::to_string).collect();
    let select = sqlx::query_as::<_, (String, Option<Vec<u8>>)>(
        "SELECT subject::text, wrapped FROM vault.subject_keys WHERE subject = ANY ($1::text[]::uuid[])",
    );
    let rows = connections.run(|connection| Box::pin(select.bind(subjects).fetch_all(connection))).await?;
    rows.into_iter().map(|(subject, wrapped)| Ok((uuid(&subject, "subject_keys")?, wrapped))).collect()
}

async fn one_key_each(connections: Connections, subjects: Vec<Uuid>) -> Vec<Result<Option<KeyRow>, VaultError>> {
    match keys(&connections, &subjects).await {
        Ok(rows) => {
            let found: HashMap<Uuid, Option<Vec<u8>>> = rows.into_iter().collect();
            subjects.iter().map(|subject| Ok(found.get(subject).map(|wrapped| (*subject, wrapped.clone())))).collect()
        }
        Err(error) => subjects.iter().map(|_| Err(error.same())).collect(),
    }
}
