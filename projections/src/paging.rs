//! Pages by key: rows after a row, not rows after a count, so that a page costs the same wherever it is.

use domain::kernel::Timestamp;
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DbErr, EntityTrait, FromQueryResult, PrimaryKeyTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use uuid::Uuid;

/// The row that a page comes after, where rows are listed latest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// The instant it is listed under.
    pub at: Timestamp,
    /// Its id.
    pub id: Uuid,
}

/// Some rows of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<R> {
    /// In order.
    pub rows: Vec<R>,
    /// Whether there are rows after these.
    pub more: bool,
}

impl<R> Page<R> {
    /// Of rows of which one more was asked for than is wanted.
    pub(crate) fn cut(mut rows: Vec<R>, first: u64) -> Self {
        let wanted = usize::try_from(first).unwrap_or(usize::MAX);
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        Self { rows, more }
    }
}

/// The first rows after a row, latest first.
pub(crate) async fn latest<E>(
    db: &DatabaseConnection,
    list: Select<E>,
    (at, id): (E::Column, E::Column),
    after: Option<After>,
    first: u64,
) -> Result<Page<E::Model>, DbErr>
where
    E: EntityTrait,
    E::Model: FromQueryResult + Send + Sync,
    E::PrimaryKey: PrimaryKeyTrait,
{
    let list = match after {
        // The first condition alone bounds the scan of an index.
        Some(row) => list.filter(at.lte(row.at)).filter(Condition::any().add(at.lt(row.at)).add(id.lt(row.id))),
        None => list,
    };
    let rows = list.order_by_desc(at).order_by_desc(id).limit(first.saturating_add(1)).all(db).await?;
    Ok(Page::cut(rows, first))
}

/// An index over columns of a table, under a name of its own.
pub(crate) fn index<E: EntityTrait>(columns: &[E::Column]) -> sea_orm::sea_query::IndexCreateStatement {
    use sea_orm::IdenStatic;
    let table = E::default();
    let names: Vec<_> = columns.iter().map(IdenStatic::as_str).collect();
    let mut index = sea_orm::sea_query::Index::create();
    index.name(format!("{}_by_{}", table.table_name(), names.join("_"))).table(table.table_ref()).if_not_exists();
    for column in columns {
        index.col(*column);
    }
    index
}
