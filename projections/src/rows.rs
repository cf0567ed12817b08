//! Rows of any table in bulk: load by keys, write, delete. In a file by statements with many values; on `PostgreSQL` by one
//! statement with an array for each column, or, where a column may be empty, with one JSON text of all rows.
//!
//! Statements are made by hand: a query builder takes longer over so many values than the database.

mod arrays;
mod json;
mod write;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, IdenStatic, Iterable, ModelTrait, PrimaryKeyToColumn, QueryFilter,
    QueryOrder, QuerySelect, Schema, Statement,
    sea_query::{ColumnType, Expr, ExprTrait, FromValueTuple, IndexCreateStatement, IntoValueTuple, SqliteQueryBuilder},
};
pub(crate) use write::{insert, replace, upsert};

use crate::read_model::Table;

/// Bound values in one statement; `SQLite` takes 32 766.
const VARIABLES: usize = 16_000;
/// Rows in one statement on `PostgreSQL`.
const ROWS: usize = 20_000;

/// Rows of a page.
const PAGE: u64 = 5_000;

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

/// Columns, other than the key's, that these indexes are over.
pub(crate) fn indexed<T: Table>(indexes: &[IndexCreateStatement]) -> Vec<T::Column> {
    let names: Vec<String> = indexes.iter().flat_map(|index| index.get_index_spec().get_column_names()).collect();
    let is_indexed = |column: &T::Column| T::PrimaryKey::from_column(*column).is_none() && names.iter().any(|name| name == column.as_str());
    T::Column::iter().filter(is_indexed).collect()
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

/// The rows there are under `keys`, in no order.
pub(crate) async fn load<T: Table, C: ConnectionTrait>(db: &C, keys: &[T::Key]) -> Result<Vec<T::Row>, DbErr> {
    let mut rows = Vec::new();
    for chunk in cut(keys, keys_per_statement::<T>(db.get_database_backend())) {
        let those = among::<T>(db.get_database_backend(), &format!("SELECT {} FROM", names(T::Column::iter())), chunk)?;
        rows.append(&mut T::find().from_raw_sql(those).all(db).await?);
    }
    Ok(rows)
}

/// The rows after a row, or the first, in the order of their keys: at most [`PAGE`], and none at the end.
pub(crate) async fn page_after<T: Table, C: ConnectionTrait>(db: &C, last: Option<&T::Row>) -> Result<Vec<T::Row>, DbErr> {
    let keys: Vec<_> = T::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect();
    let mut page = T::find().limit(PAGE);
    for key in &keys {
        page = page.order_by_asc(*key);
    }
    if let Some(row) = last {
        let columns = keys.iter().map(|key| Expr::col((T::default(), *key)));
        page = page.filter(Expr::tuple(columns).gt(Expr::tuple(keys.iter().map(|key| Expr::val(row.get(*key))))));
    }
    page.all(db).await
}

pub(crate) async fn delete<T: Table>(tx: &DatabaseTransaction, keys: &[T::Key]) -> Result<(), DbErr> {
    for chunk in cut(keys, keys_per_statement::<T>(tx.get_database_backend())) {
        tx.execute_raw(among::<T>(tx.get_database_backend(), "DELETE FROM", chunk)?).await?;
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

/// Does something with those rows of the table whose key is one of `keys`, in the form that uses the key's index.
fn among<T: Table>(backend: DbBackend, what: &str, keys: &[T::Key]) -> Result<Statement, DbErr> {
    let own = names(T::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column));
    let tuples = keys.iter().map(|key| key.clone().into_value_tuple());
    let width = T::PrimaryKey::iter().count();
    let (wanted, values) = if backend == DbBackend::Postgres {
        let mut columns = vec![Vec::with_capacity(keys.len()); width];
        for tuple in tuples {
            for (column, value) in columns.iter_mut().zip(tuple) {
                column.push(value);
            }
        }
        let table = T::default();
        let arrays = arrays::of(columns.into_iter()).ok_or_else(|| DbErr::Type(format!("no array of keys of {}", table.table_name())))?;
        (format!("SELECT * FROM unnest({})", arrays::placeholders(arrays.len())), arrays)
    } else {
        (values_of(keys.len(), width), tuples.flatten().collect())
    };
    Ok(Statement::from_sql_and_values(backend, format!("{what} {} WHERE ({own}) IN ({wanted})", table::<T>()), values))
}

fn table<T: Table>() -> String {
    format!("\"{}\"", T::default().table_name())
}

fn names<C: IdenStatic>(columns: impl Iterator<Item = C>) -> String {
    columns.map(|column| format!("\"{}\"", column.as_str())).collect::<Vec<_>>().join(", ")
}

/// `VALUES (?, ?), (?, ?)`, and so on.
fn values_of(rows: usize, columns: usize) -> String {
    let tuple = format!("({})", vec!["?"; columns].join(", "));
    format!("VALUES {}", vec![tuple.as_str(); rows].join(", "))
}

#[cfg(test)]
mod tests;
