//! What each learner has done: totals over their sessions, previews left out.

use domain::kernel::AccountId;
use sea_orm::{QueryFilter, entity::prelude::*};

use super::sessions::{self, SessionStatus};
use crate::tally::Tally;

/// One learner's totals.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "learners")]
pub struct Model {
    /// An [`AccountId`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub learner: Uuid,
    /// Sessions that go on.
    pub active: i64,
    pub finished: i64,
    pub abandoned: i64,
    pub expired: i64,
    pub steps_completed: i64,
    /// At completed steps, in seconds.
    pub spent: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl Tally<sessions::Model> for Entity {
    type Table = Self;

    fn lines(session: &sessions::Model) -> Vec<Model> {
        if session.is_preview() {
            return vec![];
        }
        let is = |status| i64::from(session.status.0 == status);
        vec![Model {
            learner: session.learner,
            active: is(SessionStatus::Active),
            finished: is(SessionStatus::Finished),
            abandoned: is(SessionStatus::Abandoned),
            expired: is(SessionStatus::Expired),
            steps_completed: session.completed,
            spent: session.steps.iter().filter_map(|step| step.spent).map(|spent| i64::from(spent.0)).sum(),
        }]
    }

    fn add(total: &mut Model, line: &Model, times: i64) {
        total.active += line.active * times;
        total.finished += line.finished * times;
        total.abandoned += line.abandoned * times;
        total.expired += line.expired * times;
        total.steps_completed += line.steps_completed * times;
        total.spent += line.spent * times;
    }
}

/// One learner's totals; none before their first session.
///
/// # Errors
/// The read models cannot be read.
pub async fn find(db: &DatabaseConnection, learner: AccountId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(learner.0).one(db).await
}

/// Those of several learners that have any, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn find_many(db: &DatabaseConnection, learners: &[AccountId]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Learner.is_in(learners.iter().map(|learner| learner.0))).all(db).await
}
