//! What is tried, in a schema.

use chrono::{DateTime, Utc};

use super::PostgresRows;
use crate::vault::{
    Tries, VaultError,
    rows::{TriesRow, TriesRows, tries},
};

#[async_trait::async_trait]
impl TriesRows for PostgresRows {
    async fn tries(&self, key: &[u8]) -> Result<Option<(i64, Tries)>, VaultError> {
        let select =
            sqlx::query_as::<_, TriesRow>("SELECT version, count, blocked_until, known_until, expires_at FROM vault.tries WHERE key = $1");
        let select = select.bind(key.to_vec());
        let row = self.0.run(|connection| Box::pin(select.fetch_optional(connection))).await?;
        row.map(tries).transpose()
    }

    async fn set_tries(&self, key: &[u8], version: Option<i64>, tries: Tries) -> Result<bool, VaultError> {
        let set = match version {
            None => sqlx::query(
                "INSERT INTO vault.tries (count, blocked_until, known_until, expires_at, key, version) VALUES ($1, $2, $3, $4, $5, 1)
                 ON CONFLICT DO NOTHING",
            ),
            Some(_) => sqlx::query(
                "UPDATE vault.tries SET count = $1, blocked_until = $2, known_until = $3, expires_at = $4, version = version + 1
                 WHERE key = $5 AND version = $6",
            ),
        };
        let set = set
            .bind(tries.count)
            .bind(tries.blocked_until.timestamp_micros())
            .bind(tries.known_until.map(|time| time.timestamp_micros()))
            .bind(tries.expires_at.timestamp_micros())
            .bind(key.to_vec());
        let set = match version {
            None => set,
            Some(version) => set.bind(version),
        };
        Ok(self.0.execute(set).await? == 1)
    }

    async fn purge_tries(&self, now: DateTime<Utc>) -> Result<u64, VaultError> {
        self.0.execute(sqlx::query("DELETE FROM vault.tries WHERE expires_at < $1").bind(now.timestamp_micros())).await
    }
}
