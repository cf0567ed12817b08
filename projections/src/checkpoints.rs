//! How far each read model has come, kept in the transaction that brings it there.

use std::collections::HashMap;

use domain::kernel::Timestamp;
use journal::Position;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    entity::prelude::*,
    sea_query::{Expr, Value},
};

use crate::rows;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
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
    /// Whether it was ever level with the journal.
    pub complete: bool,
    /// Events taken in a second while it caught up last.
    pub per_second: f64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

/// Where a read model stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Checkpoint {
    pub(crate) position: Position,
    pub(crate) at: Option<Timestamp>,
    pub(crate) hash: String,
    pub(crate) parked: Option<String>,
    pub(crate) complete: bool,
    pub(crate) per_second: f64,
}

impl Checkpoint {
    /// With a speed that does not jump with each page; as before, if there is none to tell.
    pub(crate) fn at_speed(mut self, now: Option<f64>) -> Self {
        if let Some(now) = now {
            self.per_second = if self.per_second > 0.0 { self.per_second * 0.7 + now * 0.3 } else { now };
        }
        self
    }
}

pub(crate) async fn create(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    rows::create::<Entity>(tx).await
}

/// All there are, by the read model's name.
pub(crate) async fn load<C: ConnectionTrait>(db: &C) -> Result<HashMap<String, Checkpoint>, DbErr> {
    let rows = Entity::find().all(db).await?;
    let checkpoint = |row: Model| {
        let Model { name, version: _, position, hash, at, parked, complete, per_second } = row;
        (name, Checkpoint { position: Position(position), at, hash, parked, complete, per_second })
    };
    Ok(rows.into_iter().map(checkpoint).collect())
}

pub(crate) async fn save(tx: &DatabaseTransaction, all: impl IntoIterator<Item = (&'static str, u32, &Checkpoint)>) -> Result<(), DbErr> {
    let row = |(name, version, checkpoint): (&str, u32, &Checkpoint)| Model {
        name: name.to_owned(),
        version: version.into(),
        position: checkpoint.position.0,
        hash: checkpoint.hash.clone(),
        at: checkpoint.at,
        parked: checkpoint.parked.clone(),
        complete: checkpoint.complete,
        per_second: checkpoint.per_second,
    };
    rows::upsert::<Entity>(tx, &all.into_iter().map(row).collect::<Vec<_>>()).await
}

/// Lets a parked read model try again; whether it was parked. The runner looks for it every second.
pub(crate) async fn resume<C: ConnectionTrait>(db: &C, name: &str) -> Result<bool, DbErr> {
    let parked = Entity::update_many().filter(Column::Name.eq(name)).filter(Column::Parked.is_not_null());
    let resumed = parked.col_expr(Column::Parked, Expr::val(Value::String(None))).exec(db).await?;
    Ok(resumed.rows_affected > 0)
}
