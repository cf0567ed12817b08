//! Rows put into a table.

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, IdenStatic, Iterable, ModelTrait, PrimaryKeyToColumn, Statement,
    sea_query::Value,
};

use super::{ROWS, VARIABLES, arrays, cut, json, names, table, values_of};
use crate::read_model::Table;

/// Puts rows under keys that have none.
pub(crate) async fn insert<T: Table>(tx: &DatabaseTransaction, rows: &[T::Row]) -> Result<(), DbErr> {
    write::<T>(tx, rows, "").await
}

/// Puts rows in place of those there are under their keys, if there are any.
pub(crate) async fn upsert<T: Table>(tx: &DatabaseTransaction, rows: &[T::Row]) -> Result<(), DbErr> {
    replace::<T>(tx, rows, &[]).await
}

/// Puts rows in place of those there are under their keys, which must have the same in the columns `but`. Of a column that is named
/// in a statement, `SQLite` writes all indexes anew, also where its value stays.
pub(crate) async fn replace<T: Table>(tx: &DatabaseTransaction, rows: &[T::Row], but: &[T::Column]) -> Result<(), DbErr> {
    let is_kept = |column: &T::Column| but.iter().any(|kept| kept.as_str() == column.as_str());
    let values = T::Column::iter().filter(|column| T::PrimaryKey::from_column(*column).is_none() && !is_kept(column));
    let replaced = values.map(|column| format!("\"{0}\" = excluded.\"{0}\"", column.as_str())).collect::<Vec<_>>().join(", ");
    let keys = names(T::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column));
    write::<T>(tx, rows, &format!(" ON CONFLICT ({keys}) DO UPDATE SET {replaced}")).await
}

async fn write<T: Table>(tx: &DatabaseTransaction, rows: &[T::Row], conflict: &str) -> Result<(), DbErr> {
    let into = format!("INSERT INTO {} ({})", table::<T>(), names(T::Column::iter()));
    if tx.get_database_backend() == DbBackend::Postgres {
        for chunk in rows.chunks(ROWS) {
            let (source, values) = source::<T>(chunk)?;
            let sql = format!("{into} {source}{conflict}");
            tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
        }
        return Ok(());
    }
    let width = T::Column::iter().count();
    for chunk in cut(rows, VARIABLES / width) {
        let values = chunk.iter().flat_map(|row| T::Column::iter().map(|column| row.get(column)));
        let sql = format!("{into} {}{conflict}", values_of(chunk.len(), width));
        tx.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
    }
    Ok(())
}

/// What `PostgreSQL` reads the rows from.
fn source<T: Table>(rows: &[T::Row]) -> Result<(String, Vec<Value>), DbErr> {
    let columns = names(T::Column::iter());
    let arrays = arrays::of(T::Column::iter().map(|column| rows.iter().map(|row| row.get(column)).collect()));
    if let Some(arrays) = arrays {
        return Ok((format!("SELECT {columns} FROM unnest({}) AS new ({columns})", arrays::placeholders(arrays.len())), arrays));
    }
    let objects = rows.iter().map(|row| T::Column::iter().map(|column| (column.as_str(), row.get(column))));
    let text: Value = json::array(objects)?.into();
    Ok((format!("SELECT {columns} FROM json_populate_recordset(NULL::{}, CAST($1 AS json))", table::<T>()), vec![text]))
}
