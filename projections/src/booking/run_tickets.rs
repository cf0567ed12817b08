//! How many places are taken with each ticket of each run.

use domain::kernel::RunId;
use sea_orm::{QueryFilter, entity::prelude::*};

use super::registrations;
use crate::tally::Tally;

/// Places taken with one ticket.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "run_tickets")]
pub struct Model {
    /// A `RunId`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub run: Uuid,
    /// The ticket's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ticket: String,
    pub taken: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl Tally<registrations::Model> for Entity {
    type Table = Self;

    fn lines(row: &registrations::Model) -> Vec<Model> {
        vec![Model { run: row.run, ticket: row.ticket.clone(), taken: row.places }]
    }

    fn add(total: &mut Model, line: &Model, times: i64) {
        total.taken += line.taken * times;
    }
}

/// Places taken with the tickets of several runs, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn of_runs(db: &DatabaseConnection, runs: &[RunId]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Run.is_in(runs.iter().map(|run| run.0))).all(db).await
}
