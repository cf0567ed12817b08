//! What the read models hold, as one digest per table: equal rows, equal digests.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, Value};
use sha2::{Digest, Sha256};

/// Rows read at a time.
const ROWS: i64 = 5_000;

/// A SHA-256 in hexadecimal over the rows of each table in the order of their keys; checkpoints are left out.
///
/// # Errors
/// The database cannot be read.
pub async fn digest_of_rows(db: &DatabaseConnection) -> Result<BTreeMap<String, String>, DbErr> {
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('checkpoints') AND name NOT LIKE 'sqlite_%'";
    let mut digests = BTreeMap::new();
    for table in texts(db, tables, []).await? {
        let digest = digest_of_table(db, &table).await?;
        digests.insert(table, digest);
    }
    Ok(digests)
}

async fn digest_of_table(db: &DatabaseConnection, table: &str) -> Result<String, DbErr> {
    let columns = texts(db, "SELECT name FROM pragma_table_info(?) ORDER BY name", [table.into()]).await?;
    let keys = texts(db, "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", [table.into()]).await?;
    let row = columns.iter().map(|column| format!("quote({})", quoted(column))).collect::<Vec<_>>().join(" || ',' || ");
    let order = keys.iter().map(|key| quoted(key)).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT {row} FROM {} ORDER BY {order} LIMIT ? OFFSET ?", quoted(table));
    let mut hash = Sha256::new();
    for page in 0.. {
        let rows = texts(db, &sql, [ROWS.into(), (page * ROWS).into()]).await?;
        for row in &rows {
            hash.update((row.len() as u64).to_be_bytes());
            hash.update(row);
        }
        if i64::try_from(rows.len()).is_ok_and(|count| count < ROWS) {
            break;
        }
    }
    Ok(hex::encode(hash.finalize()))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

async fn texts(db: &DatabaseConnection, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<Vec<String>, DbErr> {
    let rows = db.query_all_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
