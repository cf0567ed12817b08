//! Who earned how many points, in all and in each day, week and month, over all workshops and in each.

mod board;
mod histogram;
mod queries;

pub use board::{Board, Period};
use chrono_tz::Tz;
use domain::{
    Decider,
    fact::Fact,
    gamification::scorecard::{Scorecard, ScorecardEvent},
};
pub use queries::{RankAfter, Ranked, page, rank_of, total};
use sea_orm::{
    EntityName,
    entity::prelude::*,
    sea_query::{Index, IndexCreateStatement, IndexOrder},
};

use crate::{
    column::Word,
    read_model::{MissingRow, ReadModel, Recorded},
    tally::{Kept, Totals},
};

/// One account's entry on one board.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "leaderboard")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub period: Word<Period>,
    /// The first day of the period; 1970-01-01 for all time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub period_start: Date,
    /// A `WorkshopId`; nil on the board over all workshops.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workshop: Uuid,
    /// An `AccountId`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account: Uuid,
    pub points: i64,
    /// The position of the event that brought the points to what they are: who got there first stands first.
    pub reached: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

/// The read model of all boards.
#[derive(Clone, Copy, Debug)]
pub struct Leaderboard {
    time_zone: Tz,
}

impl Leaderboard {
    /// With days that begin in a time zone.
    #[must_use]
    pub const fn new(time_zone: Tz) -> Self {
        Self { time_zone }
    }
}

type Key = (Word<Period>, Date, Uuid, Uuid);

impl ReadModel for Leaderboard {
    type Table = Entity;
    const NAME: &'static str = "leaderboard";
    const VERSION: u32 = 3;
    const STREAMS: &'static [&'static str] = &[Scorecard::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Key> {
        let Fact::Scorecard(ScorecardEvent::Awarded { learner, source, .. }) = &event.fact else { return vec![] };
        let boards = |period| [None, Some(source.workshop())].map(|workshop| Board::at(period, event.at, self.time_zone, workshop));
        let key = |board: Board| (Word(board.period), board.start, board.workshop(), learner.0);
        Period::ALL.into_iter().flat_map(boards).map(key).collect()
    }

    fn fold(&self, key: &Key, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::Scorecard(ScorecardEvent::Awarded { learner: _, source: _, points, total: _ }) = &event.fact else { return Ok(row) };
        let (period, period_start, workshop, account) = *key;
        let before = row.map_or(0, |row| row.points);
        let points = before + i64::from(points.0);
        Ok(Some(Model { period, period_start, workshop, account, points, reached: event.position.0 }))
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        let mut by_rank = Index::create();
        by_rank.name("leaderboard_by_rank").table(Entity.table_ref()).if_not_exists();
        by_rank.col(Column::Period).col(Column::PeriodStart).col(Column::Workshop);
        // Without the account: with it, PostgreSQL could take this index for the look-up of an entry by key, and walk the board.
        by_rank.col((Column::Points, IndexOrder::Desc)).col(Column::Reached);
        vec![by_rank]
    }

    fn totals() -> Vec<Box<dyn Totals<Model>>> {
        vec![Kept::<histogram::Entity>::boxed()]
    }

    fn configuration(&self) -> String {
        self.time_zone.name().to_owned()
    }
}

#[cfg(test)]
mod tests;
