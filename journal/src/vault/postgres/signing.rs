//! Keys that sign, in a schema.

use chrono::{DateTime, Utc};

use super::PostgresRows;
use crate::vault::{
    SigningKey, VaultError,
    rows::{SigningRow, SigningRows},
};

#[async_trait::async_trait]
impl SigningRows for PostgresRows {
    async fn signing_keys(&self) -> Result<Vec<SigningRow>, VaultError> {
        let select = sqlx::query_as(
            "SELECT number, id, wrapped, signs_from, ends_others_at, nameless_until FROM vault.signing_keys ORDER BY number",
        );
        self.0.run(|connection| Box::pin(select.fetch_all(connection))).await
    }

    async fn insert_signing_key(&self, key: &SigningKey, wrapped: Vec<u8>, probe: &[u8]) -> Result<bool, VaultError> {
        // Sharing the row waits for a rotation of the master key that begins, and then looks at the probe again.
        let insert = sqlx::query(
            "INSERT INTO vault.signing_keys (number, id, wrapped, signs_from, ends_others_at, nameless_until)
             SELECT $1, $2, $3, $4, $5, $6 FROM vault.vault WHERE probe = $7 FOR SHARE ON CONFLICT DO NOTHING",
        )
        .bind(key.number)
        .bind(key.id.clone())
        .bind(wrapped)
        .bind(key.signs_from.timestamp_micros())
        .bind(key.ends_others_at.timestamp_micros())
        .bind(key.nameless_until.map(|until| until.timestamp_micros()))
        .bind(probe.to_vec());
        Ok(self.0.execute(insert).await? == 1)
    }

    async fn purge_signing_keys(&self, now: DateTime<Utc>, unnamed: &str) -> Result<u64, VaultError> {
        let ended = sqlx::query(
            "DELETE FROM vault.signing_keys WHERE number < (SELECT max(number) FROM vault.signing_keys WHERE ends_others_at <= $1)",
        );
        let purged = self.0.execute(ended.bind(now.timestamp_micros())).await?;
        let unneeded = sqlx::query(
            "DELETE FROM vault.secrets WHERE name = $1 AND EXISTS (SELECT * FROM vault.signing_keys)
             AND NOT EXISTS (SELECT * FROM vault.signing_keys WHERE nameless_until IS NOT NULL)",
        );
        self.0.execute(unneeded.bind(unnamed.to_owned())).await?;
        Ok(purged)
    }
}
