//! What the read models hold, as one digest per table: equal rows, equal digests, whatever database they are in.

use std::collections::BTreeMap;

use chrono::SubsecRound;
use chrono_tz::Tz;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, Iterable, ModelTrait, sea_query::Value};
use sha2::{Digest, Sha256};

use crate::{read_model::Table, registry, rows};

/// The sum of the SHA-256 of all rows, in hexadecimal, for each table of the read models that is there.
///
/// # Errors
/// The database cannot be read.
pub async fn digest_of_rows(db: &DatabaseConnection) -> Result<BTreeMap<String, String>, DbErr> {
    let mut digests = BTreeMap::new();
    // Which time zone does not matter to the tables.
    for model in registry::read_models(Tz::UTC) {
        digests.extend(model.digests(db).await?);
    }
    Ok(digests)
}

/// That of one table; none if it is not there.
pub(crate) async fn digest_of<T: Table>(db: &DatabaseConnection) -> Result<Option<(String, String)>, DbErr> {
    let name = T::default().table_name().to_owned();
    if !is_there(db, &name).await? {
        return Ok(None);
    }
    let mut sum = [0; 32];
    let mut page = rows::page_after::<T, _>(db, None).await?;
    while let Some(last) = page.last() {
        for row in &page {
            add(&mut sum, &digest_of_row::<T>(row));
        }
        page = rows::page_after::<T, _>(db, Some(last)).await?;
    }
    Ok(Some((name, hex::encode(sum))))
}

async fn is_there(db: &DatabaseConnection, table: &str) -> Result<bool, DbErr> {
    let sql = match db.get_database_backend() {
        sea_orm::DbBackend::Postgres => "SELECT 1 WHERE to_regclass(quote_ident($1)) IS NOT NULL",
        _ => "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1",
    };
    let named = sea_orm::Statement::from_sql_and_values(db.get_database_backend(), sql, [table.into()]);
    Ok(db.query_one_raw(named).await?.is_some())
}

fn digest_of_row<T: Table>(row: &T::Row) -> [u8; 32] {
    let mut hash = Sha256::new();
    for column in <T as EntityTrait>::Column::iter() {
        let text = match row.get(column) {
            // As exact as every database keeps it.
            Value::ChronoDateTimeUtc(Some(at)) => at.trunc_subsecs(6).to_rfc3339(),
            Value::Json(Some(json)) => json.to_string(),
            value => format!("{value:?}"),
        };
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}

/// Adds numbers of 256 bits: a sum does not depend on the order, which differs between databases.
fn add(sum: &mut [u8; 32], other: &[u8; 32]) {
    let mut carry = 0;
    for (digit, other) in sum.iter_mut().zip(other).rev() {
        let [high, low] = (u16::from(*digit) + u16::from(*other) + carry).to_be_bytes();
        (*digit, carry) = (low, u16::from(high));
    }
}
