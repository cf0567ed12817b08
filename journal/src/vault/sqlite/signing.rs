//! Keys that sign, in a file.

use chrono::{DateTime, Utc};

use super::SqliteRows;
use crate::vault::{
    SigningKey, VaultError,
    rows::{SigningRow, SigningRows},
};

#[async_trait::async_trait]
impl SigningRows for SqliteRows {
    async fn signing_keys(&self) -> Result<Vec<SigningRow>, VaultError> {
        let select =
            sqlx::query_as("SELECT number, id, wrapped, signs_from, ends_others_at, nameless_until FROM signing_keys ORDER BY number");
        select.fetch_all(&self.reads).await.map_err(|error| self.fault(error))
    }

    async fn insert_signing_key(&self, key: &SigningKey, wrapped: Vec<u8>, probe: &[u8]) -> Result<bool, VaultError> {
        let insert = sqlx::query(
            "INSERT INTO signing_keys (number, id, wrapped, signs_from, ends_others_at, nameless_until)
             SELECT ?, ?, ?, ?, ?, ? FROM vault WHERE probe = ? ON CONFLICT DO NOTHING",
        )
        .bind(key.number)
        .bind(key.id.clone())
        .bind(wrapped)
        .bind(key.signs_from.timestamp_micros())
        .bind(key.ends_others_at.timestamp_micros())
        .bind(key.nameless_until.map(|until| until.timestamp_micros()))
        .bind(probe.to_vec());
        Ok(self.write(insert).await? == 1)
    }

    async fn purge_signing_keys(&self, now: DateTime<Utc>, unnamed: &str) -> Result<u64, VaultError> {
        let ended = "DELETE FROM signing_keys WHERE number < (SELECT max(number) FROM signing_keys WHERE ends_others_at <= ?)";
        let purged = self.write(sqlx::query(ended).bind(now.timestamp_micros())).await?;
        let unneeded = sqlx::query(
            "DELETE FROM secrets WHERE name = ? AND EXISTS (SELECT * FROM signing_keys)
             AND NOT EXISTS (SELECT * FROM signing_keys WHERE nameless_until IS NOT NULL)",
        );
        if purged + self.write(unneeded.bind(unnamed.to_owned())).await? > 0 {
            self.checkpoint().await?;
        }
        Ok(purged)
    }
}
