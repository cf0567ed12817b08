//! Every key wrapped anew, in one transaction.

use sqlx::{Connection, PgConnection};

use crate::vault::{
    CredentialsKey, VaultError,
    rows::{Probe, Rewrap, corrupt, credentials_purpose, secret_purpose, signing_purpose, subject_purpose, uuid},
};

/// Keys read and written at once.
const PAGE: i64 = 1000;

/// `None`: the vault has another probe than the old one. Changing the probe first locks out whoever adds keys, and those that
/// came before are seen by what follows.
pub(super) async fn all(connection: &mut PgConnection, old: Probe, new: Probe, rewrap: Rewrap) -> Result<Option<u64>, VaultError> {
    let mut transaction = connection.begin().await?;
    let changed = sqlx::query("UPDATE vault.vault SET probe = $1, master_key = $2 WHERE probe = $3")
        .bind(new.wrapped)
        .bind(new.master_key)
        .bind(old.wrapped)
        .execute(&mut *transaction)
        .await?;
    if changed.rows_affected() == 0 {
        return Ok(None);
    }
    let keys = subjects(&mut transaction, &rewrap).await?
        + secrets(&mut transaction, &rewrap).await?
        + credentials(&mut transaction, &rewrap).await?
        + signing_keys(&mut transaction, &rewrap).await?;
    transaction.commit().await?;
    Ok(Some(keys))
}

async fn subjects(connection: &mut PgConnection, rewrap: &Rewrap) -> Result<u64, VaultError> {
    let (mut keys, mut after) = (0, None::<String>);
    loop {
        // Locked, so that a key that is erased meanwhile does not come back.
        let page = sqlx::query_as::<_, (String, Vec<u8>)>(
            "SELECT subject::text, wrapped FROM vault.subject_keys WHERE wrapped IS NOT NULL AND ($1::text IS NULL OR subject > $1::text::uuid)
             ORDER BY subject LIMIT $2 FOR UPDATE",
        );
        let page = page.bind(&after).bind(PAGE).fetch_all(&mut *connection).await?;
        let Some((last, _)) = page.last() else { return Ok(keys) };
        after = Some(last.clone());
        let (mut subjects, mut all) = (Vec::with_capacity(page.len()), Vec::with_capacity(page.len()));
        for (subject, wrapped) in page {
            all.push(rewrap(&subject_purpose(uuid(&subject, "subject_keys")?), &wrapped)?);
            subjects.push(subject);
        }
        let update = sqlx::query(
            "UPDATE vault.subject_keys AS keys SET wrapped = anew.wrapped
             FROM unnest($1::text[]::uuid[], $2::bytea[]) AS anew (subject, wrapped) WHERE keys.subject = anew.subject",
        );
        keys += update.bind(subjects).bind(all).execute(&mut *connection).await?.rows_affected();
    }
}

async fn secrets(connection: &mut PgConnection, rewrap: &Rewrap) -> Result<u64, VaultError> {
    let all =
        sqlx::query_as::<_, (String, Vec<u8>)>("SELECT name, wrapped FROM vault.secrets FOR UPDATE").fetch_all(&mut *connection).await?;
    let mut keys = 0;
    for (name, wrapped) in all {
        let wrapped = rewrap(&secret_purpose(&name), &wrapped)?;
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
        let wrapped = rewrap(&credentials_purpose(key), &wrapped)?;
        let update = sqlx::query("UPDATE vault.credentials SET wrapped = $1 WHERE id = $2::text::uuid").bind(wrapped).bind(id);
        keys += update.execute(&mut *connection).await?.rows_affected();
    }
    Ok(keys)
}

async fn signing_keys(connection: &mut PgConnection, rewrap: &Rewrap) -> Result<u64, VaultError> {
    let all = sqlx::query_as::<_, (i64, String, Vec<u8>)>("SELECT number, id, wrapped FROM vault.signing_keys FOR UPDATE");
    let mut keys = 0;
    for (number, id, wrapped) in all.fetch_all(&mut *connection).await? {
        let wrapped = rewrap(&signing_purpose(number, &id), &wrapped)?;
        let update = sqlx::query("UPDATE vault.signing_keys SET wrapped = $1 WHERE number = $2").bind(wrapped).bind(number);
        keys += update.execute(&mut *connection).await?.rows_affected();
    }
    Ok(keys)
}
