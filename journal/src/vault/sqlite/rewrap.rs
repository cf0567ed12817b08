//! Keys wrapped anew, each page of them in a transaction.

use std::path::Path;

use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};

use super::fault;
use crate::vault::{
    CredentialsKey, VaultError,
    rows::{Rewrap, credentials_purpose, secret_purpose, signing_purpose, subject_purpose, uuid},
};

/// Keys of people in one transaction.
const PAGE: i64 = 1000;

pub(super) async fn subjects(
    pool: &SqlitePool,
    path: &Path,
    after: Option<String>,
    rewrap: &Rewrap,
) -> Result<(u64, Option<String>), VaultError> {
    let fault = |error| fault(error, path);
    let mut transaction: Transaction<'_, Sqlite> = pool.begin_with("BEGIN IMMEDIATE").await.map_err(fault)?;
    let page = sqlx::query_as::<_, (String, Vec<u8>)>(
        "SELECT subject, wrapped FROM subject_keys WHERE wrapped IS NOT NULL AND subject > ? ORDER BY subject LIMIT ?",
    );
    let page = page.bind(after.unwrap_or_default()).bind(PAGE).fetch_all(&mut *transaction).await.map_err(fault)?;
    let last = page.last().map(|(subject, _)| subject.clone());
    let mut keys = 0;
    for (subject, wrapped) in page {
        let Some(wrapped) = rewrap(&subject_purpose(uuid(&subject, "subject_keys")?), &wrapped)? else { continue };
        let update = sqlx::query("UPDATE subject_keys SET wrapped = ? WHERE subject = ?").bind(wrapped).bind(subject);
        keys += update.execute(&mut *transaction).await.map_err(fault)?.rows_affected();
    }
    transaction.commit().await.map_err(fault)?;
    Ok((keys, last))
}

pub(super) async fn others(pool: &SqlitePool, path: &Path, rewrap: &Rewrap) -> Result<u64, VaultError> {
    let fault = |error| fault(error, path);
    let mut transaction: Transaction<'_, Sqlite> = pool.begin_with("BEGIN IMMEDIATE").await.map_err(fault)?;
    let keys = secrets(&mut transaction, path, rewrap).await?
        + credentials(&mut transaction, path, rewrap).await?
        + signing_keys(&mut transaction, path, rewrap).await?;
    transaction.commit().await.map_err(fault)?;
    Ok(keys)
}

async fn secrets(connection: &mut SqliteConnection, path: &Path, rewrap: &Rewrap) -> Result<u64, VaultError> {
    let fault = |error| fault(error, path);
    let all = sqlx::query_as::<_, (String, Vec<u8>)>("SELECT name, wrapped FROM secrets").fetch_all(&mut *connection).await;
    let mut keys = 0;
    for (name, wrapped) in all.map_err(fault)? {
        let Some(wrapped) = rewrap(&secret_purpose(&name), &wrapped)? else { continue };
        let update = sqlx::query("UPDATE secrets SET wrapped = ? WHERE name = ?").bind(wrapped).bind(name);
        keys += update.execute(&mut *connection).await.map_err(fault)?.rows_affected();
    }
    Ok(keys)
}

async fn credentials(connection: &mut SqliteConnection, path: &Path, rewrap: &Rewrap) -> Result<u64, VaultError> {
    let fault = |error| fault(error, path);
    let all = sqlx::query_as::<_, (String, String, u32, Vec<u8>)>("SELECT id, owner, version, wrapped FROM credentials");
    let mut keys = 0;
    for (id, owner, version, wrapped) in all.fetch_all(&mut *connection).await.map_err(fault)? {
        let key = CredentialsKey { owner: uuid(&owner, "credentials")?, version, id: uuid(&id, "credentials")? };
        let Some(wrapped) = rewrap(&credentials_purpose(key), &wrapped)? else { continue };
        let update = sqlx::query("UPDATE credentials SET wrapped = ? WHERE id = ?").bind(wrapped).bind(id);
        keys += update.execute(&mut *connection).await.map_err(fault)?.rows_affected();
    }
    Ok(keys)
}

async fn signing_keys(connection: &mut SqliteConnection, path: &Path, rewrap: &Rewrap) -> Result<u64, VaultError> {
    let fault = |error| fault(error, path);
    let all = sqlx::query_as::<_, (i64, String, Vec<u8>)>("SELECT number, id, wrapped FROM signing_keys").fetch_all(&mut *connection).await;
    let mut keys = 0;
    for (number, id, wrapped) in all.map_err(fault)? {
        let Some(wrapped) = rewrap(&signing_purpose(number, &id), &wrapped)? else { continue };
        let update = sqlx::query("UPDATE signing_keys SET wrapped = ? WHERE number = ?").bind(wrapped).bind(number);
        keys += update.execute(&mut *connection).await.map_err(fault)?.rows_affected();
    }
    Ok(keys)
}
