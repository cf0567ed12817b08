//! What is taken away once, in a schema.

use chrono::{DateTime, Utc};

use super::PostgresRows;
use crate::vault::{VaultError, rows::PassingRows};

#[async_trait::async_trait]
impl PassingRows for PostgresRows {
    async fn insert_passing(&self, key: &[u8], sealed: Vec<u8>, expires_at: DateTime<Utc>) -> Result<(), VaultError> {
        let insert = sqlx::query("INSERT INTO vault.passing (key, sealed, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
        self.0.execute(insert.bind(key.to_vec()).bind(sealed).bind(expires_at.timestamp_micros())).await.map(drop)
    }

    async fn take_passing(&self, key: &[u8], now: DateTime<Utc>) -> Result<Option<Vec<u8>>, VaultError> {
        let take = sqlx::query_as::<_, (Vec<u8>, i64)>("DELETE FROM vault.passing WHERE key = $1 RETURNING sealed, expires_at");
        let take = take.bind(key.to_vec());
        let taken = self.0.run(|connection| Box::pin(take.fetch_optional(connection))).await?;
        Ok(taken.filter(|(_, expires_at)| now.timestamp_micros() < *expires_at).map(|(sealed, _)| sealed))
    }

    async fn purge_passing(&self, now: DateTime<Utc>) -> Result<u64, VaultError> {
        self.0.execute(sqlx::query("DELETE FROM vault.passing WHERE expires_at < $1").bind(now.timestamp_micros())).await
    }
}
