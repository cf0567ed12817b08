//! What is read of runs to keep a copy.

use domain::{
    booking::{Visibility, run::Life},
    kernel::Timestamp,
    workshops::content::Difficulty,
};
use sea_orm::{
    DatabaseConnection, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    prelude::{ColumnTrait, Uuid},
};

use super::super::runs::{Column, Entity, RunFormat};
use crate::column::{Json, Word};

/// One run.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Line {
    pub(super) run: Uuid,
    pub(super) number: i64,
    pub(super) changed: i64,
    pub(super) described: i64,
    pub(super) organiser: Uuid,
    pub(super) instructor: Option<Uuid>,
    pub(super) life: Word<Life>,
    pub(super) visibility: Word<Visibility>,
    pub(super) category: String,
    pub(super) language: String,
    pub(super) format: Word<RunFormat>,
    pub(super) level: Option<Word<Difficulty>>,
    pub(super) city: Option<String>,
    pub(super) latitude: Option<i64>,
    pub(super) longitude: Option<i64>,
    pub(super) starts_at: Timestamp,
    pub(super) price: i64,
    pub(super) currency: String,
    pub(super) capacity: i64,
    pub(super) taken: i64,
    pub(super) requests: i64,
    pub(super) tags: Json<Vec<String>>,
}

const COLUMNS: [Column; 22] = [
    Column::Run,
    Column::Number,
    Column::Changed,
    Column::Described,
    Column::Organiser,
    Column::Instructor,
    Column::Life,
    Column::Visibility,
    Column::Category,
    Column::Language,
    Column::Format,
    Column::Level,
    Column::City,
    Column::Latitude,
    Column::Longitude,
    Column::StartsAt,
    Column::Price,
    Column::Currency,
    Column::Capacity,
    Column::Taken,
    Column::Requests,
    Column::Tags,
];

/// The position of the last event that changed a run; 0 without any.
pub(super) async fn latest(db: &DatabaseConnection) -> Result<i64, DbErr> {
    let last = Entity::find().select_only().column(Column::Changed).order_by_desc(Column::Changed).limit(1);
    Ok(last.into_tuple::<i64>().one(db).await?.unwrap_or(0))
}

/// Runs that changed after a position.
pub(super) async fn changed(db: &DatabaseConnection, after: i64) -> Result<Vec<Line>, DbErr> {
    let changed = Entity::find().select_only().columns(COLUMNS).filter(Column::Changed.gt(after));
    changed.order_by_asc(Column::Changed).into_model::<Line>().all(db).await
}
