//! Ranks: who has more points stands higher, equal points rank alike (1, 1, 3), and among equals who got there first is
//! listed first.

use domain::kernel::AccountId;
use sea_orm::{Condition, ConnectionTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select, Statement, entity::prelude::*};

use super::{Board, Column, Entity, Model, histogram};
use crate::{Page, column::Word};

/// An entry with its rank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// From 1; equal points have equal ranks.
    pub rank: u64,
    pub entry: Model,
}

/// The entry that a page comes after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RankAfter {
    pub points: i64,
    /// The position at which they were reached.
    pub reached: i64,
}

impl Model {
    /// Where a page after this one begins.
    #[must_use]
    pub const fn after(&self) -> RankAfter {
        RankAfter { points: self.points, reached: self.reached }
    }
}

/// Entries of a board in order, with ranks.
///
/// # Errors
/// The read models cannot be read.
pub async fn page(db: &DatabaseConnection, board: &Board, after: Option<RankAfter>, first: u64) -> Result<Page<Ranked>, DbErr> {
    let list = match after {
        Some(entry) => entries(board)
            .filter(Column::Points.lte(entry.points))
            .filter(Condition::any().add(Column::Points.lt(entry.points)).add(Column::Reached.gt(entry.reached))),
        None => entries(board),
    };
    let list = list.order_by_desc(Column::Points).order_by_asc(Column::Reached).limit(first.saturating_add(1));
    let page = Page::cut(list.all(db).await?, first);
    let Some(top) = page.rows.first() else { return Ok(Page { rows: vec![], more: page.more }) };
    let higher = histogram::above(db, board, top.points).await?;
    let equals_before = entries(board).filter(Column::Points.eq(top.points)).filter(Column::Reached.lt(top.reached)).count(db).await?;
    Ok(Page { rows: ranked(page.rows, higher, higher + equals_before), more: page.more })
}

/// Gives ranks to consecutive entries; `higher` have more points than the first of them, `before` are listed before it.
fn ranked(entries: Vec<Model>, higher: u64, before: u64) -> Vec<Ranked> {
    let mut rank = higher + 1;
    let mut points = entries.first().map(|entry| entry.points);
    let rank_of = |(place, entry): (u64, Model)| {
        if points != Some(entry.points) {
            points = Some(entry.points);
            rank = place;
        }
        Ranked { rank, entry }
    };
    (before + 1..).zip(entries).map(rank_of).collect()
}

/// An account's place on a board, if it is on it.
///
/// # Errors
/// The read models cannot be read.
pub async fn rank_of(db: &DatabaseConnection, board: &Board, account: AccountId) -> Result<Option<Ranked>, DbErr> {
    let sql = format!(
        "SELECT entry.*, {} AS higher FROM leaderboard AS entry \
         WHERE entry.period = $1 AND entry.period_start = $2 AND entry.workshop = $3 AND entry.account = $4",
        histogram::more_than("entry.points")
    );
    let values = histogram::parameters(board).into_iter().chain([account.0.into()]);
    let Some(row) = db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await? else {
        return Ok(None);
    };
    let higher: i64 = row.try_get("", "higher")?;
    Ok(Some(Ranked { rank: u64::try_from(higher).unwrap_or(0) + 1, entry: Model::from_query_result(&row, "")? }))
}

/// How many accounts are on a board.
///
/// # Errors
/// The read models cannot be read.
pub async fn total(db: &DatabaseConnection, board: &Board) -> Result<u64, DbErr> {
    histogram::total(db, board).await
}

fn entries(board: &Board) -> Select<Entity> {
    Entity::find()
        .filter(Column::Period.eq(Word(board.period)))
        .filter(Column::PeriodStart.eq(board.start))
        .filter(Column::Workshop.eq(board.workshop()))
}
