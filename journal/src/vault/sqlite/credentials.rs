//! Credentials in a file.

use uuid::Uuid;

use super::SqliteRows;
use crate::vault::{CredentialsKey, VaultError, rows::CredentialsRows};

impl SqliteRows {
    /// Runs a removal, and empties the write-ahead log of what was removed, as far as nobody reads it.
    async fn remove(&self, removal: sqlx::query::Query<'static, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>) -> Result<(), VaultError> {
        if self.write(removal).await? > 0 {
            self.checkpoint().await?;
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl CredentialsRows for SqliteRows {
    async fn credentials(&self, id: Uuid) -> Result<Option<Vec<u8>>, VaultError> {
        let select = sqlx::query_scalar("SELECT wrapped FROM credentials WHERE id = ?").bind(id.to_string());
        select.fetch_optional(&self.reads).await.map_err(|error| self.fault(error))
    }

    async fn insert_credentials(&self, key: CredentialsKey, wrapped: Vec<u8>, probe: &[u8]) -> Result<bool, VaultError> {
        let insert = sqlx::query("INSERT INTO credentials (id, owner, version, wrapped) SELECT ?, ?, ?, ? FROM vault WHERE probe = ?")
            .bind(key.id.to_string())
            .bind(key.owner.to_string())
            .bind(key.version)
            .bind(wrapped)
            .bind(probe.to_vec());
        Ok(self.write(insert).await? == 1)
    }

    async fn supersede_credentials(&self, key: CredentialsKey) -> Result<(), VaultError> {
        let delete = sqlx::query("DELETE FROM credentials WHERE owner = ? AND version <= ? AND id <> ?");
        self.remove(delete.bind(key.owner.to_string()).bind(key.version).bind(key.id.to_string())).await
    }

    async fn discard_credentials(&self, id: Uuid) -> Result<(), VaultError> {
        self.remove(sqlx::query("DELETE FROM credentials WHERE id = ?").bind(id.to_string())).await
    }

    async fn discard_all_credentials(&self, owner: Uuid) -> Result<(), VaultError> {
        self.remove(sqlx::query("DELETE FROM credentials WHERE owner = ?").bind(owner.to_string())).await
    }
}
