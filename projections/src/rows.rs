//! Rows of any table in bulk: load by keys, upsert, delete.

use std::collections::BTreeMap;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, IntoActiveModel, Iterable, ModelTrait, PrimaryKeyToColumn, QueryFilter, Schema,
    sea_query::{Asterisk, Expr, ExprTrait, FromValueTuple, IndexCreateStatement, IntoValueTuple, OnConflict, Query, SqliteQueryBuilder},
};

use crate::read_model::Table;

/// Bound values in one statement; `SQLite` takes 32 766.
const VARIABLES: usize = 16_000;

/// The key of a row.
pub(crate) fn key<T: Table>(row: &T::Row) -> T::Key {
    T::Key::from_value_tuple(row.get_primary_key_value())
}

pub(crate) async fn create<T: Table>(tx: &DatabaseTransaction, indexes: &[IndexCreateStatement]) -> Result<(), DbErr> {
    let schema = Schema::new(tx.get_database_backend());
    tx.execute(schema.create_table_from_entity(T::default()).if_not_exists()).await?;
    for index in schema.create_index_from_entity(T::default()).iter_mut().map(|index| &*index.if_not_exists()).chain(indexes) {
        tx.execute(index).await?;
    }
    Ok(())
}

/// What the table looks like: a column added or taken away makes another shape.
pub(crate) fn shape<T: Table>() -> String {
    Schema::new(DbBackend::Sqlite).create_table_from_entity(T::default()).to_string(SqliteQueryBuilder)
}

pub(crate) async fn discard<T: Table>(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    T::delete_many().exec(tx).await.map(drop)
}

/// The rows there are under `keys`.
pub(crate) async fn load<T: Table>(tx: &DatabaseTransaction, keys: &[T::Key]) -> Result<BTreeMap<T::Key, T::Row>, DbErr> {
    let mut rows = BTreeMap::new();
    for chunk in keys.chunks(per_statement(T::PrimaryKey::iter().count())) {
        let found = T::find().filter(among::<T>(chunk)).all(tx).await?;
        rows.extend(found.into_iter().map(|row| (key::<T>(&row), row)));
    }
    Ok(rows)
}

pub(crate) async fn upsert<T: Table>(tx: &DatabaseTransaction, rows: Vec<T::Row>) -> Result<(), DbErr> {
    let keys = || T::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
    let values = T::Column::iter().filter(|column| T::PrimaryKey::from_column(*column).is_none());
    let replace = OnConflict::columns(keys()).update_columns(values).to_owned();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk = rows.by_ref().take(per_statement(T::Column::iter().count())).map(IntoActiveModel::into_active_model);
        T::insert_many(chunk).on_conflict(replace.clone()).exec_without_returning(tx).await?;
    }
    Ok(())
}

pub(crate) async fn delete<T: Table>(tx: &DatabaseTransaction, keys: &[T::Key]) -> Result<(), DbErr> {
    for chunk in keys.chunks(per_statement(T::PrimaryKey::iter().count())) {
        T::delete_many().filter(among::<T>(chunk)).exec(tx).await?;
    }
    Ok(())
}

const fn per_statement(columns: usize) -> usize {
    VARIABLES / columns
}

/// `(a, b) IN (SELECT * FROM (VALUES (…), (…)))`: the one form that takes composite keys and uses their index.
fn among<T: Table>(keys: &[T::Key]) -> Expr {
    let columns: Vec<Expr> = T::PrimaryKey::iter().map(|part| Expr::col((T::default(), part.into_column()))).collect();
    let tuples = keys.iter().map(|key| key.clone().into_value_tuple());
    let wanted = Query::select().expr(Expr::col(Asterisk)).from_values(tuples, "wanted").to_owned();
    match <[Expr; 1]>::try_from(columns) {
        Ok([column]) => column.in_subquery(wanted),
        Err(columns) => Expr::tuple(columns).in_subquery(wanted),
    }
}

#[cfg(test)]
mod tests;
