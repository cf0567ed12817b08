//! Finding runs by their ids. Discovery is the catalogue's.

use domain::{
    booking::run::Life,
    kernel::{AccountId, RunId},
};
use sea_orm::{QueryFilter, QuerySelect, entity::prelude::*};

use super::{Column, Entity, Model};
use crate::column::Word;

/// Who looks for runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Finds what is public.
    Anonymous,
    /// Finds what is theirs as well.
    Account(AccountId),
    /// Finds everything.
    Manager,
}

/// One run, whoever may see it.
///
/// # Errors
/// The read models cannot be read.
pub async fn find(db: &DatabaseConnection, run: RunId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(run.0).one(db).await
}

/// Those of several runs that exist, in no order, whoever may see them.
///
/// # Errors
/// The read models cannot be read.
pub async fn find_many(db: &DatabaseConnection, runs: &[RunId]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Run.is_in(runs.iter().map(|run| run.0))).all(db).await
}

/// How many runs there are, by how far they are.
///
/// # Errors
/// The read models cannot be read.
pub async fn count_by_life(db: &DatabaseConnection) -> Result<Vec<(Life, u64)>, DbErr> {
    let counted = Entity::find().select_only().column(Column::Life).column_as(Column::Run.count(), "runs").group_by(Column::Life);
    let rows: Vec<(Word<Life>, i64)> = counted.into_tuple().all(db).await?;
    Ok(rows.into_iter().map(|(life, runs)| (life.0, u64::try_from(runs).unwrap_or(0))).collect())
}
