//! Registrations in the order in which they changed. The times of events never go back, so that what changes is found behind what has.

use domain::kernel::Timestamp;
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, entity::prelude::*};

use super::{Column, Filter, Model, queries::filtered};

/// Those that changed last, the last of them last.
///
/// # Errors
/// The read models cannot be read.
pub async fn last_changed(db: &DatabaseConnection, filter: &Filter, most: u64) -> Result<Vec<Model>, DbErr> {
    let latest = filtered(filter).order_by_desc(Column::UpdatedAt).order_by_desc(Column::Registration);
    let mut rows = latest.limit(most).all(db).await?;
    rows.reverse();
    Ok(rows)
}

/// Those that changed at an instant or after it, the first of them first.
///
/// # Errors
/// The read models cannot be read.
pub async fn changed_since(db: &DatabaseConnection, filter: &Filter, since: Timestamp, most: u64) -> Result<Vec<Model>, DbErr> {
    let earliest = filtered(filter).filter(Column::UpdatedAt.gte(since)).order_by_asc(Column::UpdatedAt);
    earliest.order_by_asc(Column::Registration).limit(most).all(db).await
}
