//! How many registrations are in which state and what they come to, for each run and for all runs together.

use domain::kernel::RunId;
use sea_orm::{QueryFilter, entity::prelude::*};

use super::registrations::{self, RegistrationState};
use crate::{column::Word, tally::Tally};

/// Registrations in one state and one currency. Amounts are in minor units.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "run_totals")]
pub struct Model {
    /// A `RunId`; nil: all runs together.
    #[sea_orm(primary_key, auto_increment = false)]
    pub run: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub state: Word<RegistrationState>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub currency: String,
    pub registrations: i64,
    pub seats: i64,
    /// What came in and was not given back.
    pub kept: i64,
    /// What was given back.
    pub refunded: i64,
    /// What is still to be given back.
    pub owed: i64,
    /// What is to be paid now.
    pub due: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl Tally<registrations::Model> for Entity {
    type Table = Self;

    fn lines(row: &registrations::Model) -> Vec<Model> {
        let line = |run| Model {
            run,
            state: row.state,
            currency: row.currency.clone(),
            registrations: 1,
            seats: row.seats,
            kept: row.kept,
            refunded: row.refunded(),
            owed: row.owed,
            due: row.due(),
        };
        vec![line(row.run), line(Uuid::nil())]
    }

    fn add(total: &mut Model, line: &Model, times: i64) {
        total.registrations += line.registrations * times;
        total.seats += line.seats * times;
        total.kept += line.kept * times;
        total.refunded += line.refunded * times;
        total.owed += line.owed * times;
        total.due += line.due * times;
    }
}

/// The totals of several runs, each by itself, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn of_runs(db: &DatabaseConnection, runs: &[RunId]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Run.is_in(runs.iter().map(|run| run.0))).all(db).await
}

/// The totals of a run, or of all runs together.
///
/// # Errors
/// The read models cannot be read.
pub async fn of(db: &DatabaseConnection, run: Option<RunId>) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Run.eq(run.map_or(Uuid::nil(), Into::into))).all(db).await
}
