//! How many environments are kept ahead of their sessions, for each workshop for which any ever were.

use domain::{
    Decider,
    environments::pool::{Pool, PoolEvent},
    fact::Fact,
    kernel::{Timestamp, WorkshopId},
};
use sea_orm::{Condition, QueryFilter, QueryOrder, entity::prelude::*};

use crate::read_model::{MissingRow, ReadModel, Recorded};

/// What is kept ahead for one workshop.
#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pools")]
pub struct Model {
    /// A [`WorkshopId`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub workshop: Uuid,
    /// How many are to be there at any time.
    pub reserved: i64,
    /// How many more runs need for now.
    pub needed: i64,
    /// How many are there or being made, and some that are on their way out.
    pub stocked: i64,
    /// How many sessions have taken one so far.
    pub claimed: i64,
    /// When the last one did.
    pub claimed_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "pools";
    const VERSION: u32 = 2;
    const STREAMS: &'static [&'static str] = &[Pool::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        vec![event.stream.id]
    }

    fn fold(&self, workshop: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::Pool(fact) = &event.fact else { return Ok(row) };
        let row = row.unwrap_or_else(|| Model { workshop: *workshop, ..Model::default() });
        Ok(Some(match fact {
            PoolEvent::Reserved { count, .. } => Model { reserved: i64::from(*count), ..row },
            PoolEvent::Needed { total, .. } => Model { needed: i64::from(*total), ..row },
            PoolEvent::Stocked { .. } => Model { stocked: row.stocked + 1, ..row },
            PoolEvent::Claimed { .. } => Model { stocked: row.stocked - 1, claimed: row.claimed + 1, claimed_at: Some(event.at), ..row },
            PoolEvent::Dropped { .. } => Model { stocked: row.stocked - 1, ..row },
        }))
    }
}

/// What is kept ahead for a workshop, if anything ever was.
///
/// # Errors
/// The read models cannot be read.
pub async fn find(db: &DatabaseConnection, workshop: WorkshopId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(workshop.0).one(db).await
}

/// Those of which any are to be there, or are.
///
/// # Errors
/// The read models cannot be read.
pub async fn kept(db: &DatabaseConnection) -> Result<Vec<Model>, DbErr> {
    let any = Condition::any().add(Column::Reserved.gt(0)).add(Column::Needed.gt(0)).add(Column::Stocked.gt(0));
    Entity::find().filter(any).order_by_asc(Column::Workshop).all(db).await
}

#[cfg(test)]
mod tests;
