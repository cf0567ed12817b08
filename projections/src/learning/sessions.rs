//! Sessions with the progress of their steps. Totals over them are in `learners`, `workshop_statistics` and
//! `step_statistics`.

mod fold;
mod queries;

use domain::{
    Decider,
    fact::Fact,
    kernel::{Points, Seconds, Timestamp},
    learning::session::Session,
    workshops::{RuleKind, content::StepOrder},
};
pub use queries::{Filter, find, find_many, page, started_since, starts_by_workshop, total};
use sea_orm::{entity::prelude::*, sea_query::IndexCreateStatement};
use serde::{Deserialize, Serialize};

use super::{learners, step_statistics, workshop_statistics};
use crate::{
    After,
    column::{Json, Word},
    paging,
    read_model::{MissingRow, ReadModel, Recorded},
    tally::{Kept, Totals},
};

/// One session.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// A `SessionId`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub session: Uuid,
    /// An `AccountId`.
    pub learner: Uuid,
    /// A `WorkshopId`.
    pub workshop: Uuid,
    /// The workshop's author, an `AccountId`.
    pub author: Uuid,
    /// Absent in an author's preview of a draft.
    pub version: Option<i64>,
    /// The digest under which the journal keeps the content.
    pub content: String,
    pub title: String,
    pub step_order: Word<StepOrder>,
    /// In the order of the workshop.
    pub steps: Json<Vec<StepProgress>>,
    /// How many steps are completed.
    pub completed: i64,
    /// How many there are.
    pub of: i64,
    /// Earned so far; at the end with those for finishing.
    pub points: i64,
    pub status: Word<SessionStatus>,
    pub started_at: Timestamp,
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// From its start to its end, in seconds.
    pub spent: Option<i64>,
    /// The environment it was started with; `environments::latest_of_session` knows whether it was replaced.
    pub environment: Option<Uuid>,
    /// A `RunId`: of the run that it was begun for, and ends with.
    pub run: Option<Uuid>,
}

/// A step, and how far the learner is with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepProgress {
    pub key: String,
    pub title: String,
    pub rule: RuleKind,
    /// What completing it earns.
    pub points: Points,
    /// Tries at it.
    pub attempts: u32,
    /// Tries that failed.
    pub failures: u32,
    /// Absent while it is open.
    pub completed_at: Option<Timestamp>,
    /// From the completion of the step before to that of this one.
    pub spent: Option<Seconds>,
}

/// What became of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    Active,
    Finished,
    Abandoned,
    Expired,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "sessions";
    const VERSION: u32 = 3;
    const STREAMS: &'static [&'static str] = &[Session::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        vec![event.stream.id]
    }

    fn fold(&self, session: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::Session(fact) = &event.fact else { return Ok(row) };
        fold::fold(*session, row, fact, event.at).map(Some)
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        vec![
            paging::index::<Self>(&[Column::StartedAt, Column::Session]),
            paging::index::<Self>(&[Column::Learner, Column::StartedAt, Column::Session]),
            paging::index::<Self>(&[Column::Workshop, Column::StartedAt, Column::Session]),
        ]
    }

    fn totals() -> Vec<Box<dyn Totals<Model>>> {
        vec![Kept::<learners::Entity>::boxed(), Kept::<workshop_statistics::Entity>::boxed(), Kept::<step_statistics::Entity>::boxed()]
    }
}

impl Model {
    /// Whether an author tries a draft: it earns nothing and is not counted.
    #[must_use]
    pub const fn is_preview(&self) -> bool {
        self.version.is_none()
    }

    /// The first step that is not completed.
    #[must_use]
    pub fn current(&self) -> Option<&StepProgress> {
        self.steps.iter().find(|step| !step.is_completed())
    }

    /// Where a page after this one begins.
    #[must_use]
    pub const fn after(&self) -> After {
        After { at: self.started_at, id: self.session }
    }
}

impl StepProgress {
    /// Whether the learner is done with it.
    #[must_use]
    pub const fn is_completed(&self) -> bool {
        self.completed_at.is_some()
    }
}

#[cfg(test)]
mod tests;
