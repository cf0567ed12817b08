//! Refresh tokens in a schema.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::PostgresRows;
use crate::vault::{
    Family, Rotation, VaultError,
    rows::{FamilyRow, RefreshRows, family},
};

#[async_trait::async_trait]
impl RefreshRows for PostgresRows {
    async fn refresh_issue(&self, sign_in: Uuid, token_hash: &[u8], expires_at: DateTime<Utc>) -> Result<(), VaultError> {
        let issue = sqlx::query(
            "INSERT INTO vault.refresh_tokens AS tokens (sign_in, token_hash, generation, expires_at) VALUES ($1::text::uuid, $2, 1, $3)
             ON CONFLICT (sign_in) DO UPDATE
             SET token_hash = excluded.token_hash, generation = tokens.generation + 1, expires_at = excluded.expires_at",
        );
        self.0.execute(issue.bind(sign_in.to_string()).bind(token_hash.to_vec()).bind(expires_at.timestamp_micros())).await.map(drop)
    }

    async fn refresh_rotate(&self, sign_in: Uuid, rotation: Rotation<'_>) -> Result<bool, VaultError> {
        let rotate = sqlx::query(
            "UPDATE vault.refresh_tokens SET token_hash = $1, generation = generation + 1, rotated_at = $2, expires_at = $3
             WHERE sign_in = $4::text::uuid AND generation = $5",
        )
        .bind(rotation.token_hash.to_vec())
        .bind(rotation.at.timestamp_micros())
        .bind(rotation.expires_at.timestamp_micros())
        .bind(sign_in.to_string())
        .bind(rotation.expected);
        Ok(self.0.execute(rotate).await? == 1)
    }

    async fn refresh_revoke(&self, sign_in: Uuid) -> Result<(), VaultError> {
        let revoke = sqlx::query("DELETE FROM vault.refresh_tokens WHERE sign_in = $1::text::uuid").bind(sign_in.to_string());
        self.0.execute(revoke).await.map(drop)
    }

    async fn refresh_families(&self, sign_ins: &[Uuid]) -> Result<Vec<Family>, VaultError> {
        let sign_ins: Vec<String> = sign_ins.iter().map(Uuid::to_string).collect();
        let select = sqlx::query_as::<_, FamilyRow>(
            "SELECT sign_in::text, generation, rotated_at, expires_at FROM vault.refresh_tokens WHERE sign_in = ANY ($1::text[]::uuid[])",
        );
        let rows = self.0.run(|connection| Box::pin(select.bind(sign_ins).fetch_all(connection))).await?;
        rows.into_iter().map(family).collect()
    }

    async fn refresh_find(&self, token_hash: &[u8]) -> Result<Option<Family>, VaultError> {
        let select = sqlx::query_as::<_, FamilyRow>(
            "SELECT sign_in::text, generation, rotated_at, expires_at FROM vault.refresh_tokens WHERE token_hash = $1",
        );
        let select = select.bind(token_hash.to_vec());
        let row = self.0.run(|connection| Box::pin(select.fetch_optional(connection))).await?;
        row.map(family).transpose()
    }

    async fn purge_refresh_tokens(&self, now: DateTime<Utc>) -> Result<u64, VaultError> {
        let purge = sqlx::query("DELETE FROM vault.refresh_tokens WHERE expires_at < $1").bind(now.timestamp_micros());
        self.0.execute(purge).await
    }
}
