//! What is tried, in a file.

use chrono::{DateTime, Utc};

use super::SqliteRows;
use crate::vault::{
    Tries, VaultError,
    rows::{TriesRow, TriesRows, tries},
};

#[async_trait::async_trait]
impl TriesRows for SqliteRows {
    async fn tries(&self, key: &[u8]) -> Result<Option<(i64, Tries)>, VaultError> {
        let select =
            sqlx::query_as::<_, TriesRow>("SELECT version, count, blocked_until, known_until, expires_at FROM tries WHERE key = ?");
        let row = select.bind(key).fetch_optional(&self.reads).await.map_err(|error| self.fault(error))?;
        row.map(tries).transpose()
    }

    async fn set_tries(&self, key: &[u8], version: Option<i64>, tries: Tries) -> Result<bool, VaultError> {
        let (known_until, micros) = (tries.known_until.map(|time| time.timestamp_micros()), tries.blocked_until.timestamp_micros());
        let expires_at = tries.expires_at.timestamp_micros();
        let set = match version {
            None => sqlx::query(
                "INSERT INTO tries (count, blocked_until, known_until, expires_at, key, version) VALUES (?, ?, ?, ?, ?, 1)
                 ON CONFLICT DO NOTHING",
            ),
            Some(_) => sqlx::query(
                "UPDATE tries SET count = ?, blocked_until = ?, known_until = ?, expires_at = ?, version = version + 1
                 WHERE key = ? AND version = ?",
            ),
        };
        let set = set.bind(tries.count).bind(micros).bind(known_until).bind(expires_at).bind(key.to_vec());
        let set = match version {
            None => set,
            Some(version) => set.bind(version),
        };
        Ok(self.write(set).await? == 1)
    }

    async fn purge_tries(&self, now: DateTime<Utc>) -> Result<u64, VaultError> {
        self.write(sqlx::query("DELETE FROM tries WHERE expires_at < ?").bind(now.timestamp_micros())).await
    }
}
