//! How many registered on each day (UTC), for all runs together.

use sea_orm::{QueryOrder, QuerySelect, entity::prelude::*};

use super::registrations;
use crate::tally::Tally;

/// Registrations that were made on one day.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "registration_days")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    pub registrations: i64,
    pub seats: i64,
    /// Places that they take now.
    pub places: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl Tally<registrations::Model> for Entity {
    type Table = Self;

    fn lines(row: &registrations::Model) -> Vec<Model> {
        vec![Model { day: row.requested_at.date_naive(), registrations: 1, seats: row.seats, places: row.places }]
    }

    fn add(total: &mut Model, line: &Model, times: i64) {
        total.registrations += line.registrations * times;
        total.seats += line.seats * times;
        total.places += line.places * times;
    }
}

/// The last days on which somebody registered, at most so many, in their order.
///
/// # Errors
/// The read models cannot be read.
pub async fn last(db: &DatabaseConnection, most: u64) -> Result<Vec<Model>, DbErr> {
    let mut days = Entity::find().order_by_desc(Column::Day).limit(most).all(db).await?;
    days.reverse();
    Ok(days)
}
