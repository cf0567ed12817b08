//! Rows of any table in bulk: load by keys, upsert, delete. In a file by statements with many values; on `PostgreSQL` by one
//! statement with an array for each column, or, where a column may be empty, with one JSON text of all rows.

mod arrays;
mod json;

use std::collections::BTreeMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, IdenStatic, IntoActiveModel, Iterable, ModelTrait,
    PrimaryKeyToColumn, QueryFilter, Schema, Statement,
    sea_query::{
        Asterisk, ColumnType, Expr, ExprTrait, FromValueTuple, IndexCreateStatement, IntoValueTuple, OnConflict, Query, SqliteQueryBuilder,
        Value,
    },
};

use crate::read_model::Table;

/// Bound values in one statement; `SQLite` takes 32 766.
const VARIABLES: usize = 16_000;
/// Rows in one statement on `PostgreSQL`.
const ROWS: usize = 20_000;

/// The key of a row.
pub(crate) fn key<T: Table>(row: &T::Row) -> T::Key {
    T::Key::from_value_tuple(row.get_primary_key_value())
}

/// Makes the table, without indexes.
pub(crate) async fn create<T: Table>(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    let schema = Schema::new(tx.get_database_backend());
    match tx.get_database_backend() {
        DbBackend::Sqlite => tx.execute_unprepared(&in_a_file::<T>()).await.map(drop),
        // Rows that change find room beside the old ones, so that the key's index need not change.
        _ => tx.execute(schema.create_table_from_entity(T::default()).if_not_exists().extra("WITH (fillfactor = 80)")).await.map(drop),
    }
}

/// Makes the indexes that queries need, where they are not there.
pub(crate) async fn index<T: Table>(tx: &DatabaseTransaction, indexes: &[IndexCreateStatement]) -> Result<(), DbErr> {
    let schema = Schema::new(tx.get_database_backend());
    for index in schema.create_index_from_entity(T::default()).iter_mut().map(|index| &*index.if_not_exists()).chain(indexes) {
        tx.execute(index).await?;
    }
    if tx.get_database_backend() == DbBackend::Postgres {
        // Queries come next: a plan made before the server has looked at so many new rows by itself walks whole tables.
        tx.execute_unprepared(&format!("ANALYZE \"{}\"", T::default().table_name())).await?;
    }
    Ok(())
}

/// Rows that are not long live in the tree of their key, so that a write touches one tree less.
fn in_a_file<T: Table>() -> String {
    let table = Schema::new(DbBackend::Sqlite).create_table_from_entity(T::default()).if_not_exists().to_string(SqliteQueryBuilder);
    let is_long = T::Column::iter().any(|column| matches!(column.def().get_column_type(), ColumnType::Json | ColumnType::JsonBinary));
    if is_long { table } else { format!("{table} WITHOUT ROWID") }
}

/// What the table looks like: a column added or taken away makes another shape.
pub(crate) fn shape<T: Table>() -> String {
    in_a_file::<T>()
}

pub(crate) async fn discard<T: Table>(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    T::delete_many().exec(tx).await.map(drop)
}

/// The rows there are under `keys`.
pub(crate) async fn load<T: Table, C: ConnectionTrait>(tx: &C, keys: &[T::Key]) -> Result<BTreeMap<T::Key, T::Row>, DbErr> {
    let mut rows = BTreeMap::new();
    for chunk in cut(keys, keys_per_statement::<T>(tx.get_database_backend())) {
        let found = T::find().filter(among::<T>(tx.get_database_backend(), chunk)?).all(tx).await?;
        rows.extend(found.into_iter().map(|row| (key::<T>(&row), row)));
    }
    Ok(rows)
}

pub(crate) async fn upsert<T: Table>(tx: &DatabaseTransaction, rows: Vec<T::Row>) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        return upsert_at_once::<T>(tx, &rows).await;
    }
    let keys = || T::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
    let values = T::Column::iter().filter(|column| T::PrimaryKey::from_column(*column).is_none());
    let replace = OnConflict::columns(keys()).update_columns(values).to_owned();
    for chunk in cut(&rows, VARIABLES / T::Column::iter().count()) {
        T::insert_many(chunk.iter().cloned().map(IntoActiveModel::into_active_model))
            .on_conflict(replace.clone())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

async fn upsert_at_once<T: Table>(tx: &DatabaseTransaction, rows: &[T::Row]) -> Result<(), DbErr> {
    let quoted = |column: T::Column| format!("\"{}\"", column.as_str());
    let columns = T::Column::iter().map(quoted).collect::<Vec<_>>().join(", ");
    let keys = T::PrimaryKey::iter().map(|part| quoted(part.into_column())).collect::<Vec<_>>().join(", ");
    let values = T::Column::iter().filter(|column| T::PrimaryKey::from_column(*column).is_none());
    let replaced = values.map(|column| format!("{0} = EXCLUDED.{0}", quoted(column))).collect::<Vec<_>>().join(", ");
    let table = format!("\"{}\"", T::default().table_name());
    let insert = |rows: String| {
        format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM {rows} ON CONFLICT ({keys}) DO UPDATE SET {replaced}")
    };
    for chunk in rows.chunks(ROWS) {
        let arrays = arrays::of(T::Column::iter().map(|column| chunk.iter().map(|row| row.get(column)).collect()));
        let (sql, values) = if let Some(arrays) = arrays {
            (insert(format!("unnest({}) AS new ({columns})", arrays::placeholders(arrays.len()))), arrays)
        } else {
            let objects = chunk.iter().map(|row| T::Column::iter().map(|column| (column.as_str(), row.get(column))));
            let text: Value = json::array(objects)?.into();
            (insert(format!("json_populate_recordset(NULL::{table}, CAST($1 AS json))")), vec![text])
        };
        tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    }
    Ok(())
}

pub(crate) async fn delete<T: Table>(tx: &DatabaseTransaction, keys: &[T::Key]) -> Result<(), DbErr> {
    for chunk in cut(keys, keys_per_statement::<T>(tx.get_database_backend())) {
        T::delete_many().filter(among::<T>(tx.get_database_backend(), chunk)?).exec(tx).await?;
    }
    Ok(())
}

/// Chunks of at most so many, whose lengths are powers of two: there are few statements then, and each is prepared once.
fn cut<R>(mut all: &[R], at_most: usize) -> impl Iterator<Item = &[R]> {
    std::iter::from_fn(move || {
        let length = 1 << all.len().min(at_most).checked_ilog2()?;
        let (chunk, rest) = all.split_at(length);
        all = rest;
        Some(chunk)
    })
}

fn keys_per_statement<T: Table>(backend: DbBackend) -> usize {
    if backend == DbBackend::Postgres { ROWS } else { VARIABLES / T::PrimaryKey::iter().count() }
}

/// That a row's key is one of `keys`, in the form that uses the key's index.
fn among<T: Table>(backend: DbBackend, keys: &[T::Key]) -> Result<Expr, DbErr> {
    let names: Vec<_> = T::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect();
    let columns: Vec<Expr> = names.iter().map(|column| Expr::col((T::default(), *column))).collect();
    let tuples = keys.iter().map(|key| key.clone().into_value_tuple());
    if backend == DbBackend::Postgres {
        let table = T::default();
        let own = names.iter().map(|name| format!("\"{}\".\"{}\"", table.table_name(), name.as_str())).collect::<Vec<_>>().join(", ");
        let mut columns = vec![Vec::with_capacity(keys.len()); names.len()];
        for tuple in tuples {
            for (column, value) in columns.iter_mut().zip(tuple) {
                column.push(value);
            }
        }
        let arrays = arrays::of(columns.into_iter()).ok_or_else(|| DbErr::Type(format!("no array of keys of {}", table.table_name())))?;
        let sql = format!("({own}) IN (SELECT * FROM unnest({}))", arrays::placeholders(arrays.len()));
        return Ok(Expr::cust_with_values(sql, arrays));
    }
    // The one form that takes composite keys.
    let wanted = Query::select().expr(Expr::col(Asterisk)).from_values(tuples, "wanted").to_owned();
    Ok(match <[Expr; 1]>::try_from(columns) {
        Ok([column]) => column.in_subquery(wanted),
        Err(columns) => Expr::tuple(columns).in_subquery(wanted),
    })
}

#[cfg(test)]
mod tests;
