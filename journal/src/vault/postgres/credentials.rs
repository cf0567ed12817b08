//! Credentials in a schema.

use uuid::Uuid;

use super::PostgresRows;
use crate::vault::{CredentialsKey, VaultError, rows::CredentialsRows};

#[async_trait::async_trait]
impl CredentialsRows for PostgresRows {
    async fn credentials(&self, id: Uuid) -> Result<Option<Vec<u8>>, VaultError> {
        let select = sqlx::query_scalar("SELECT wrapped FROM vault.credentials WHERE id = $1::text::uuid").bind(id.to_string());
        self.0.run(|connection| Box::pin(select.fetch_optional(connection))).await
    }

    async fn insert_credentials(&self, key: CredentialsKey, wrapped: Vec<u8>, probe: &[u8]) -> Result<bool, VaultError> {
        // Sharing the row waits for a rotation that begins, and then looks at the probe again.
        let insert = sqlx::query(
            "INSERT INTO vault.credentials (id, owner, version, wrapped)
             SELECT $1::text::uuid, $2::text::uuid, $3, $4 FROM vault.vault WHERE probe = $5 FOR SHARE",
        )
        .bind(key.id.to_string())
        .bind(key.owner.to_string())
        .bind(i64::from(key.version))
        .bind(wrapped)
        .bind(probe.to_vec());
        Ok(self.0.execute(insert).await? == 1)
    }

    async fn supersede_credentials(&self, key: CredentialsKey) -> Result<(), VaultError> {
        let delete = sqlx::query("DELETE FROM vault.credentials WHERE owner = $1::text::uuid AND version <= $2 AND id <> $3::text::uuid");
        self.0.execute(delete.bind(key.owner.to_string()).bind(i64::from(key.version)).bind(key.id.to_string())).await.map(drop)
    }

    async fn discard_credentials(&self, id: Uuid) -> Result<(), VaultError> {
        let delete = sqlx::query("DELETE FROM vault.credentials WHERE id = $1::text::uuid").bind(id.to_string());
        self.0.execute(delete).await.map(drop)
    }

    async fn discard_all_credentials(&self, owner: Uuid) -> Result<(), VaultError> {
        let delete = sqlx::query("DELETE FROM vault.credentials WHERE owner = $1::text::uuid").bind(owner.to_string());
        self.0.execute(delete).await.map(drop)
    }
}
