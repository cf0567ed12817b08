//! Attempts at steps: answers given and checks run. What checks printed stays sealed.

use domain::{
    Decider,
    fact::Fact,
    kernel::{Personal, SessionId, Timestamp},
    learning::session::{CheckEnd, CheckResult, Session, SessionEvent},
};
use sea_orm::{QueryFilter, QueryOrder, entity::prelude::*};

use crate::{
    column::Json,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// One answer, or one run of one check.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "attempts")]
pub struct Model {
    /// A [`SessionId`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub session: Uuid,
    /// The step's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub step: String,
    /// Counts tries at the step from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub attempt: i64,
    /// The check's name within the step; empty for an answer.
    #[sea_orm(primary_key, auto_increment = false)]
    pub check_name: String,
    pub passed: bool,
    /// Of an answer: what was chosen, as indices from 0.
    pub choices: Option<Json<Vec<u16>>>,
    /// Of a check: how its script ended.
    pub end: Option<Json<CheckEnd>>,
    /// Of a check: the last 4 KiB of what it printed.
    pub output: Option<Json<Personal<String>>>,
    /// Of a check: the SHA-256 of all it printed.
    pub digest: Option<String>,
    /// Of a check: how long it ran.
    pub milliseconds: Option<i64>,
    pub at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

type Key = (Uuid, String, i64, String);

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "attempts";
    const VERSION: u32 = 1;
    const STREAMS: &'static [&'static str] = &[Session::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Key> {
        let Fact::Session(fact) = &event.fact else { return vec![] };
        match fact {
            SessionEvent::StepAnswered { step, attempt, .. } => {
                vec![(event.stream.id, step.clone(), i64::from(*attempt), String::new())]
            }
            SessionEvent::StepCheckPassed { step, attempt, result } | SessionEvent::StepCheckFailed { step, attempt, result } => {
                vec![(event.stream.id, step.clone(), i64::from(*attempt), result.check.clone())]
            }
            SessionEvent::Started(_)
            | SessionEvent::StepCompleted { .. }
            | SessionEvent::Finished { .. }
            | SessionEvent::Abandoned { .. }
            | SessionEvent::Expired { .. }
            | SessionEvent::Extended { .. }
            | SessionEvent::Rescheduled { .. } => vec![],
        }
    }

    fn fold(&self, key: &Key, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::Session(fact) = &event.fact else { return Ok(row) };
        Ok(match fact {
            SessionEvent::StepAnswered { step: _, attempt: _, choices, correct } => {
                Some(Model { choices: Some(Json(choices.clone())), ..Model::blank(key, *correct, event.at) })
            }
            SessionEvent::StepCheckPassed { result, .. } => Some(Model::checked(key, true, result, event.at)),
            SessionEvent::StepCheckFailed { result, .. } => Some(Model::checked(key, false, result, event.at)),
            SessionEvent::Started(_)
            | SessionEvent::StepCompleted { .. }
            | SessionEvent::Finished { .. }
            | SessionEvent::Abandoned { .. }
            | SessionEvent::Expired { .. }
            | SessionEvent::Extended { .. }
            | SessionEvent::Rescheduled { .. } => row,
        })
    }
}

impl Model {
    fn blank((session, step, attempt, check_name): &Key, passed: bool, at: Timestamp) -> Self {
        Self {
            session: *session,
            step: step.clone(),
            attempt: *attempt,
            check_name: check_name.clone(),
            passed,
            choices: None,
            end: None,
            output: None,
            digest: None,
            milliseconds: None,
            at,
        }
    }

    fn checked(key: &Key, passed: bool, result: &CheckResult, at: Timestamp) -> Self {
        Self {
            end: Some(Json(result.end)),
            output: Some(Json(result.output.clone())),
            digest: Some(result.digest.to_string()),
            milliseconds: Some(result.milliseconds.into()),
            ..Self::blank(key, passed, at)
        }
    }

    /// Whether this is an answer, not the run of a check.
    #[must_use]
    pub const fn is_answer(&self) -> bool {
        self.choices.is_some()
    }
}

/// Attempts in several sessions, by session and step, earliest first.
///
/// # Errors
/// The read models cannot be read.
pub async fn of_sessions(db: &DatabaseConnection, sessions: &[SessionId]) -> Result<Vec<Model>, DbErr> {
    let attempts = Entity::find().filter(Column::Session.is_in(sessions.iter().map(|session| session.0)));
    in_order(attempts).all(db).await
}

/// Attempts at one step, earliest first.
///
/// # Errors
/// The read models cannot be read.
pub async fn of_step(db: &DatabaseConnection, session: SessionId, step: &str) -> Result<Vec<Model>, DbErr> {
    let attempts = Entity::find().filter(Column::Session.eq(session.0)).filter(Column::Step.eq(step));
    in_order(attempts).all(db).await
}

fn in_order(attempts: Select<Entity>) -> Select<Entity> {
    attempts
        .order_by_asc(Column::Session)
        .order_by_asc(Column::Step)
        .order_by_asc(Column::Attempt)
        .order_by_asc(Column::At)
        .order_by_asc(Column::CheckName)
}

#[cfg(test)]
mod tests;
