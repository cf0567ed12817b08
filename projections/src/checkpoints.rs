//! How far each read model has come, kept in the transaction that brings it there.

use domain::kernel::Timestamp;
use journal::Position;
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait, entity::prelude::*};

use crate::rows;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "checkpoints")]
pub(crate) struct Model {
    /// The read model's.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub version: i64,
    /// The last event it took.
    pub position: i64,
    /// The journal's hash at that event, in hexadecimal; empty before the first.
    pub hash: String,
    /// When that event was recorded.
    pub at: Option<Timestamp>,
    /// Why it does not go on.
    pub parked: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

/// Where a read model stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) position: Position,
    pub(crate) at: Option<Timestamp>,
    pub(crate) hash: String,
    pub(crate) parked: Option<String>,
}

pub(crate) async fn create(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    rows::create::<Entity>(tx, &[]).await
}

pub(crate) async fn load(tx: &DatabaseTransaction, name: &str) -> Result<Option<Checkpoint>, DbErr> {
    let row = Entity::find_by_id(name).one(tx).await?;
    Ok(row.map(|row| Checkpoint { position: Position(row.position), at: row.at, hash: row.hash, parked: row.parked }))
}

pub(crate) async fn save(tx: &DatabaseTransaction, all: impl IntoIterator<Item = (&'static str, u32, &Checkpoint)>) -> Result<(), DbErr> {
    let row = |(name, version, checkpoint): (&str, u32, &Checkpoint)| Model {
        name: name.to_owned(),
        version: version.into(),
        position: checkpoint.position.0,
        hash: checkpoint.hash.clone(),
        at: checkpoint.at,
        parked: checkpoint.parked.clone(),
    };
    rows::upsert::<Entity>(tx, all.into_iter().map(row).collect()).await
}
