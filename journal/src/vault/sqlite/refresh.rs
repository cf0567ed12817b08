//! Refresh tokens in a file.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, Sqlite};
use uuid::Uuid;

use super::{KEYS_PER_QUERY, SqliteRows};
use crate::vault::{
    Family, Rotation, VaultError,
    rows::{FamilyRow, RefreshRows, family},
};

const SELECT: &str = "SELECT sign_in, generation, rotated_at, expires_at FROM refresh_tokens WHERE ";

#[async_trait::async_trait]
impl RefreshRows for SqliteRows {
    async fn refresh_issue(&self, sign_in: Uuid, token_hash: &[u8], expires_at: DateTime<Utc>) -> Result<(), VaultError> {
        let issue = sqlx::query(
            "INSERT INTO refresh_tokens (sign_in, token_hash, generation, expires_at) VALUES (?, ?, 1, ?)
             ON CONFLICT (sign_in) DO UPDATE
             SET token_hash = excluded.token_hash, generation = generation + 1, expires_at = excluded.expires_at",
        );
        self.write(issue.bind(sign_in.to_string()).bind(token_hash.to_vec()).bind(expires_at.timestamp_micros())).await.map(drop)
    }

    async fn refresh_rotate(&self, sign_in: Uuid, rotation: Rotation<'_>) -> Result<bool, VaultError> {
        let rotate = sqlx::query(
            "UPDATE refresh_tokens SET token_hash = ?, generation = generation + 1, rotated_at = ?, expires_at = ?
             WHERE sign_in = ? AND generation = ?",
        )
        .bind(rotation.token_hash.to_vec())
        .bind(rotation.at.timestamp_micros())
        .bind(rotation.expires_at.timestamp_micros())
        .bind(sign_in.to_string())
        .bind(rotation.expected);
        Ok(self.write(rotate).await? == 1)
    }

    async fn refresh_revoke(&self, sign_in: Uuid) -> Result<(), VaultError> {
        self.write(sqlx::query("DELETE FROM refresh_tokens WHERE sign_in = ?").bind(sign_in.to_string())).await.map(drop)
    }

    async fn refresh_families(&self, sign_ins: &[Uuid]) -> Result<Vec<Family>, VaultError> {
        let mut families = Vec::with_capacity(sign_ins.len());
        for some in sign_ins.chunks(KEYS_PER_QUERY) {
            let mut select = QueryBuilder::<Sqlite>::new(SELECT);
            select.push("sign_in IN (");
            let mut list = select.separated(", ");
            for sign_in in some {
                list.push_bind(sign_in.to_string());
            }
            select.push(")");
            let rows: Vec<FamilyRow> = select.build_query_as().fetch_all(&self.reads).await.map_err(|error| self.fault(error))?;
            families.extend(rows);
        }
        families.into_iter().map(family).collect()
    }

    async fn refresh_find(&self, token_hash: &[u8]) -> Result<Option<Family>, VaultError> {
        let select =
            sqlx::query_as::<_, FamilyRow>("SELECT sign_in, generation, rotated_at, expires_at FROM refresh_tokens WHERE token_hash = ?");
        let row = select.bind(token_hash).fetch_optional(&self.reads).await.map_err(|error| self.fault(error))?;
        row.map(family).transpose()
    }

    async fn purge_refresh_tokens(&self, now: DateTime<Utc>) -> Result<u64, VaultError> {
        self.write(sqlx::query("DELETE FROM refresh_tokens WHERE expires_at < ?").bind(now.timestamp_micros())).await
    }
}
