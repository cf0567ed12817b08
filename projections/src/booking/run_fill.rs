//! How each run filled up: places taken and registrations waiting at the end of each day (UTC) on which that changed.

use chrono::NaiveDate;
use domain::{
    Decider,
    booking::run::{Run, RunEvent},
    fact::Fact,
    kernel::RunId,
};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::folding::{filled, places};
use crate::{
    column::Json,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// How one run filled up.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "run_fill")]
pub struct Model {
    /// A `RunId`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub run: Uuid,
    pub capacity: i64,
    pub taken: i64,
    pub waiting: i64,
    /// In the order of the days.
    pub days: Json<Vec<Day>>,
}

/// How it was at the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    pub day: NaiveDate,
    pub capacity: i64,
    pub taken: i64,
    pub waiting: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "run_fill";
    const VERSION: u32 = 1;
    const STREAMS: &'static [&'static str] = &[Run::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        let Fact::Run(fact) = &event.fact else { return vec![] };
        let counts = matches!(fact, RunEvent::Scheduled { .. } | RunEvent::Revised { .. }) || places(fact).0.is_some();
        counts.then_some(event.stream.id).into_iter().collect()
    }

    fn fold(&self, run: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::Run(fact) = &event.fact else { return Ok(row) };
        let row = match fact {
            RunEvent::Scheduled { plan, .. } => {
                Model { run: *run, capacity: plan.capacity.into(), taken: 0, waiting: 0, days: Json(vec![]) }
            }
            RunEvent::Revised { plan, .. } => Model { capacity: plan.capacity.into(), ..row.ok_or(MissingRow)? },
            fact => {
                let row = row.ok_or(MissingRow)?;
                let (taken, waiting) = filled(fact, row.capacity, (row.taken, row.waiting));
                Model { taken, waiting, ..row }
            }
        };
        Ok(Some(row.by(event.at.date_naive())))
    }
}

impl Model {
    /// With how it is by the end of a day, as far as is known.
    fn by(mut self, day: NaiveDate) -> Self {
        let now = Day { day, capacity: self.capacity, taken: self.taken, waiting: self.waiting };
        match self.days.0.last_mut() {
            Some(last) if last.day == day => *last = now,
            Some(last) if Day { day, ..*last } == now => {}
            _ => self.days.0.push(now),
        }
        self
    }
}

/// How a run filled up.
///
/// # Errors
/// The read models cannot be read.
pub async fn find(db: &DatabaseConnection, run: RunId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(run.0).one(db).await
}

#[cfg(test)]
mod tests;
