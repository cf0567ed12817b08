//! How environments fare, all of them together.

use domain::{environments::environment::TeardownReason, kernel::Timestamp};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, entity::prelude::*};

use super::{Column, Entity, EnvironmentState, NOBODY};
use crate::column::Word;

/// How it went with those that were asked for within some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Starts {
    /// How many were ready at some time.
    pub ready: u64,
    /// How many could not be made.
    pub failed: u64,
    /// Within how many milliseconds half of those that were ready were so; none, if none was.
    pub p50: Option<i64>,
    /// Within how many milliseconds 99 of 100 were.
    pub p99: Option<i64>,
}

/// How it went with environments that were asked for, by sessions, from an instant on.
///
/// # Errors
/// The read models cannot be read.
pub async fn starts_since(db: &DatabaseConnection, since: Timestamp) -> Result<Starts, DbErr> {
    let asked_for = Entity::find().filter(Column::RequestedAt.gte(since)).filter(Column::Learner.ne(NOBODY));
    let failed = asked_for.clone().filter(Column::Took.is_null()).filter(Column::Teardown.eq(Word(TeardownReason::ProvisioningFailed)));
    let ready = asked_for.filter(Column::Took.is_not_null());
    let (failed, count) = (failed.count(db).await?, ready.clone().count(db).await?);
    let (p50, p99) = (nth(db, &ready, rank(count, 50)).await?, nth(db, &ready, rank(count, 99)).await?);
    Ok(Starts { ready: count, failed, p50, p99 })
}

/// The place of a percentile among so many that are in order, from 0: the nearest rank.
const fn rank(count: u64, percent: u64) -> u64 {
    (count * percent).div_ceil(100).saturating_sub(1)
}

async fn nth(db: &DatabaseConnection, ready: &Select<Entity>, at: u64) -> Result<Option<i64>, DbErr> {
    let times = ready.clone().select_only().column(Column::Took).order_by_asc(Column::Took);
    times.offset(at).limit(1).into_tuple().one(db).await
}

/// How many environments are in which state, those that are gone left out.
///
/// # Errors
/// The read models cannot be read.
pub async fn live_by_state(db: &DatabaseConnection) -> Result<Vec<(EnvironmentState, u64)>, DbErr> {
    let live = Entity::find().filter(Column::EndedAt.is_null()).select_only().column(Column::State);
    let counted = live.column_as(Column::Environment.count(), "environments").group_by(Column::State);
    let rows: Vec<(Word<EnvironmentState>, i64)> = counted.order_by_asc(Column::State).into_tuple().all(db).await?;
    Ok(rows.into_iter().map(|(state, count)| (state.0, u64::try_from(count).unwrap_or(0))).collect())
}

#[cfg(test)]
mod tests;
