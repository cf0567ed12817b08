//! What is taken away once, in a file.

use chrono::{DateTime, Utc};

use super::SqliteRows;
use crate::vault::{VaultError, rows::PassingRows};

#[async_trait::async_trait]
impl PassingRows for SqliteRows {
    async fn insert_passing(&self, key: &[u8], sealed: Vec<u8>, expires_at: DateTime<Utc>) -> Result<(), VaultError> {
        let insert = sqlx::query("INSERT INTO passing (key, sealed, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
        self.write(insert.bind(key.to_vec()).bind(sealed).bind(expires_at.timestamp_micros())).await.map(drop)
    }

    async fn take_passing(&self, key: &[u8], now: DateTime<Utc>) -> Result<Option<Vec<u8>>, VaultError> {
        let (pool, key) = (self.writes.clone(), key.to_vec());
        // In a task of its own, as every write: a caller that goes away leaves no statement half-way.
        let taken = tokio::spawn(async move {
            let take = sqlx::query_as::<_, (Vec<u8>, i64)>("DELETE FROM passing WHERE key = ? RETURNING sealed, expires_at");
            take.bind(key).fetch_optional(&pool).await
        });
        let taken = taken.await.unwrap_or(Err(sqlx::Error::WorkerCrashed)).map_err(|error| self.fault(error))?;
        Ok(taken.filter(|(_, expires_at)| now.timestamp_micros() < *expires_at).map(|(sealed, _)| sealed))
    }

    async fn purge_passing(&self, now: DateTime<Utc>) -> Result<u64, VaultError> {
        self.write(sqlx::query("DELETE FROM passing WHERE expires_at < ?").bind(now.timestamp_micros())).await
    }
}
