//! Keys wrapped anew, each page of them in a transaction.

use sqlx::{Connection, PgConnection};

use crate::vault::{
    CredentialsKey, VaultError,
    rows::{Rewrap, corrupt, credentials_purpose, secret_purpose, signing_purpose, subject_purpose, uuid},
};

/// Keys of people in one transaction.
const PAGE: i64 = 1000;

pub(super) async fn subjects(
    connection: &mut PgConnection,
    after: Option<String>,
    rewrap: Rewrap,
) -> Result<(u64, Option<String>), VaultError> {
    let mut transaction = connection.begin().await?;
    // Locked, so that a key that is erased meanwhile does not come back.
    let page = sqlx::query_as::<_, (String, Vec<u8>)>(
        "SELECT subject::text, wrapped FROM vault.subject_keys WHERE wrapped IS NOT NULL AND ($1::text IS NULL OR subject > $1::text::uuid)
         ORDER BY subject LIMIT $2 FOR UPDATE",
    );
    let page = page.bind(after).bind(PAGE).fetch_all(&mut *transaction).await?;
    let last = page.last().map(|(subject, _)| subject.clone());
    let (mut subjects, mut all) = (Vec::with_capacity(page.len()), Vec::with_capacity(page.len()));
    for (subject, wrapped) in page {
        if let Some(wrapped) = rewrap(&subject_purpose(uuid(&subject, "subject_keys")?), &wrapped)? {
            all.push(wrapped);
            subjects.push(subject);
        }
    }
    let update = sqlx::query(
        "UPDATE vault.subject_keys AS keys SET wrapped = anew.wrapped
         FROM unnest($1::text[]::uuid[], $2::bytea[]) AS anew (subject, wrapped) WHERE keys.subject = anew.subject",
    );
    let keys = update.bind(subjects).bind(all).execute(&mut *transaction).await?.rows_affected();
    transaction.commit().await?;
    Ok((keys, last))
}

pub(super) async fn others(connection: &mut PgConnection, rewrap: Rewrap) -> Result<u64, VaultError> {
    let mut transaction = connection.begin().await?;
    let keys = secrets(&mut transaction, &rewrap).await?
        + credentials(&mut transaction, &rewrap).await?
        + signing_keys(&mut transaction, &rewrap).await?;
    transaction.commit().await?;
    Ok(keys)
}

async fn secrets(connection: &mut PgConnection, rewrap: &Rewrap) -> Result<u64, VaultError> {
    let all =
        sqlx::query_as::<_, (String, Vec<u8>)>("SELECT name, wrapped FROM vault.secrets FOR UPDATE").fetch_all(&mut *connection).await?;
    let mut keys = 0;
    for (name, wrapped) in all {
        let Some(wrapped) = rewrap(&secret_purpose(&name), &wrapped)? else { continue };
        let update = sqlx::query("UPDATE vault.secrets SET wrapped = $1 WHERE name = $2").bind(wrapped).bind(name);
        keys += update.execute(&mut *connection).await?.rows_affected();
    }
    Ok(keys)
}

async fn credentials(connection: &mut PgConnection, rewrap: &Rewrap) -> Result<u64, VaultError> {
    let all = sqlx::query_as::<_, (String, String, i64, Vec<u8>)>(
        "SELECT id::text, owner::text, version, wrapped FROM vault.credentials FOR UPDATE",
    );
    let mut keys = 0;
    for (id, owner, version, wrapped) in all.fetch_all(&mut *connection).await? {
        let version = u32::try_from(version).map_err(|_| corrupt("credentials", "a version is no number of 32 bits"))?;
        let key = CredentialsKey { owner: uuid(&owner, "credentials")?, version, id: uuid(&id, "credentials")? };
        let Some(wrapped) = rewrap(&credentials_purpose(key), &wrapped)? else { continue };
        let update = sqlx::query("UPDATE vault.credentials SET wrapped = $1 WHERE id = $2::text::uuid").bind(wrapped).bind(id);
        keys += update.execute(&mut *connection).await?.rows_affected();
    }
    Ok(keys)
}

async fn signing_keys(connection: &mut PgConnection, rewrap: &Rewrap) -> Result<u64, VaultError> {
    let all = sqlx::query_as::<_, (i64, String, Vec<u8>)>("SELECT number, id, wrapped FROM vault.signing_keys FOR UPDATE");
    let mut keys = 0;
    for (number, id, wrapped) in all.fetch_all(&mut *connection).await? {
        let Some(wrapped) = rewrap(&signing_purpose(number, &id), &wrapped)? else { continue };
        let update = sqlx::query("UPDATE vault.signing_keys SET wrapped = $1 WHERE number = $2").bind(wrapped).bind(number);
        keys += update.execute(&mut *connection).await?.rows_affected();
    }
    Ok(keys)
}
