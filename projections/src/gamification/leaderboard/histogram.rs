//! How many accounts have how many points on each board: exactly, in steps of 256 and in steps of 256². A rank is then
//! the sum of some buckets, not a count of everybody above.

use sea_orm::{ConnectionTrait, QueryFilter, QuerySelect, QueryTrait, Statement, Value, entity::prelude::*, sea_query::ExprTrait};

use super::{Board, Period};
use crate::{column::Word, tally::Tally};

/// Binary digits of points that a bucket leaves out, widest last.
const WIDTHS: [i64; 3] = [0, 8, 16];
const FINE: i64 = WIDTHS[0];
const COARSE: i64 = WIDTHS[1];
const COARSEST: i64 = WIDTHS[2];

/// The accounts of one board whose points, without their last `width` binary digits, are `bucket`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "leaderboard_counts")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub period: Word<Period>,
    /// The first day of the period; 1970-01-01 for all time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub period_start: Date,
    /// A `WorkshopId`; nil on the board over all workshops.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workshop: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub width: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub bucket: i64,
    pub accounts: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl Tally<super::Model> for Entity {
    type Table = Self;

    fn lines(entry: &super::Model) -> Vec<Model> {
        let (period, period_start, workshop) = (entry.period, entry.period_start, entry.workshop);
        let line = |width| Model { period, period_start, workshop, width, bucket: entry.points >> width, accounts: 1 };
        WIDTHS.map(line).to_vec()
    }

    fn add(total: &mut Model, line: &Model, times: i64) {
        total.accounts += line.accounts * times;
    }
}

/// The SQL of how many accounts have more points than an expression says, on the board that the first parameters name.
pub(super) fn more_than(points: &str) -> String {
    let buckets = |width: i64, bound: String| {
        format!(
            "coalesce((SELECT sum(accounts) FROM leaderboard_counts WHERE period = $1 AND period_start = $2 AND workshop = $3 \
             AND width = {width} AND bucket > ({points} >> {width}){bound}), 0)"
        )
    };
    // Up to the last bucket of those that the wider one, which holds these points, is made of.
    let within = |width: i64, wider: i64| {
        let (apart, rest) = (wider - width, (1_i64 << (wider - width)) - 1);
        buckets(width, format!(" AND bucket <= ((({points} >> {wider}) << {apart}) | {rest})"))
    };
    format!("CAST({} + {} + {} AS bigint)", buckets(COARSEST, String::new()), within(COARSE, COARSEST), within(FINE, COARSE))
}

/// What names a board, as parameters.
pub(super) fn parameters(board: &Board) -> [Value; 3] {
    [Word(board.period).into(), board.start.into(), board.workshop().into()]
}

/// How many accounts of a board have more points.
pub(super) async fn above(db: &DatabaseConnection, board: &Board, points: i64) -> Result<u64, DbErr> {
    let sql = format!("SELECT {}", more_than("CAST($4 AS bigint)"));
    let values = parameters(board).into_iter().chain([points.into()]);
    sum(db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?)
}

/// How many accounts are on a board.
pub(super) async fn total(db: &DatabaseConnection, board: &Board) -> Result<u64, DbErr> {
    sum(db.query_all(&QueryTrait::into_query(buckets(board, COARSEST))).await?)
}

/// The sum of a board's buckets of one width.
fn buckets(board: &Board, width: i64) -> Select<Entity> {
    Entity::find()
        .select_only()
        .column_as(Column::Accounts.sum().cast_as("bigint"), "accounts")
        .filter(Column::Period.eq(Word(board.period)))
        .filter(Column::PeriodStart.eq(board.start))
        .filter(Column::Workshop.eq(board.workshop()))
        .filter(Column::Width.eq(width))
}

fn sum(rows: Vec<sea_orm::QueryResult>) -> Result<u64, DbErr> {
    let mut sum = 0;
    for row in rows {
        // The sum over no bucket is nothing.
        let part: Option<i64> = row.try_get_by_index(0)?;
        sum += part.and_then(|part| u64::try_from(part).ok()).unwrap_or(0);
    }
    Ok(sum)
}

#[cfg(test)]
mod tests;
