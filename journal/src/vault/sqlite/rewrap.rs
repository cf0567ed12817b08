//! Every key wrapped anew, in one transaction.

use std::path::Path;

use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};

use super::fault;
use crate::vault::{
    CredentialsKey, VaultError,
    rows::{Probe, Rewrap, credentials_purpose, secret_purpose, signing_purpose, subject_purpose, uuid},
};

/// Keys read at once.
const PAGE: i64 = 1000;

/// `None`: the vault has another probe than the old one.
pub(super) async fn all(pool: &SqlitePool, path: &Path, old: &Probe, new: &Probe, rewrap: &Rewrap) -> Result<Option<u64>, VaultError> {
    let fault = |error| fault(error, path);
    let mut transaction: Transaction<'_, Sqlite> = pool.begin_with("BEGIN IMMEDIATE").await.map_err(fault)?;
    let changed = sqlx::query("UPDATE vault SET probe = ?, master_key = ? WHERE probe = ?")
        .bind(&new.wrapped)
        .bind(&new.master_key)
        .bind(&old.wrapped)
        .execute(&mut *transaction)
        .await;
    if changed.map_err(fault)?.rows_affected() == 0 {
        return Ok(None);
    }
    let keys = subjects(&mut transaction, path, rewrap).await?
        + secrets(&mut transaction, path, rewrap).await?
        + credentials(&mut transaction, path, rewrap).await?
        + signing_keys(&mut transaction, path, rewrap).await?;
    transaction.commit().await.map_err(fault)?;
    Ok(Some(keys))
}

async fn subjects(connection: &mut SqliteConnection, path: &Path, rewrap: &Rewrap) -> Result<u64, VaultError> {
    let fault = |error| fault(error, path);
    let (mut keys, mut after) = (0, String::new());
    loop {
        let page = sqlx::query_as::<_, (String, Vec<u8>)>(
            "SELECT subject, wrapped FROM subject_keys WHERE wrapped IS NOT NULL AND subject > ? ORDER BY subject LIMIT ?",
        );
        let page = page.bind(&after).bind(PAGE).fetch_all(&mut *connection).await.map_err(fault)?;
        let Some((last, _)) = page.last() else { return Ok(keys) };
        after.clone_from(last);
        for (subject, wrapped) in page {
            let wrapped = rewrap(&subject_purpose(uuid(&subject, "subject_keys")?), &wrapped)?;
            let update = sqlx::query("UPDATE subject_keys SET wrapped = ? WHERE subject = ?").bind(wrapped).bind(subject);
            keys += update.execute(&mut *connection).await.map_err(fault)?.rows_affected();
        }
    }
}

async fn secrets(connection: &mut SqliteConnection, path: &Path, rewrap: &Rewrap) -> Result<u64, VaultError> {
    let fault = |error| fault(error, path);
    let all = sqlx::query_as::<_, (String, Vec<u8>)>("SELECT name, wrapped FROM secrets").fetch_all(&mut *connection).await;
    let mut keys = 0;
    for (name, wrapped) in all.map_err(fault)? {
        let wrapped = rewrap(&secret_purpose(&name), &wrapped)?;
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
        let wrapped = rewrap(&credentials_purpose(key), &wrapped)?;
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
        let wrapped = rewrap(&signing_purpose(number, &id), &wrapped)?;
        let update = sqlx::query("UPDATE signing_keys SET wrapped = ? WHERE number = ?").bind(wrapped).bind(number);
        keys += update.execute(&mut *connection).await.map_err(fault)?.rows_affected();
    }
    Ok(keys)
}
