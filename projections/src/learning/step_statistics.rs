//! Where learners get on and where they get stuck: totals over the steps of sessions, previews left out.

use domain::kernel::WorkshopId;
use sea_orm::{QueryFilter, QueryOrder, entity::prelude::*};

use super::sessions::{self, StepProgress};
use crate::tally::Tally;

/// One step's totals, through all versions of its workshop.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "step_statistics")]
pub struct Model {
    /// A [`WorkshopId`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub workshop: Uuid,
    /// The step's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub step: String,
    /// Sessions that came to it: it was tried, completed, or the next to do.
    pub reached: i64,
    /// Sessions in which it was completed.
    pub completed: i64,
    /// Tries at it.
    pub attempts: i64,
    /// Tries that failed.
    pub failures: i64,
    /// Until it was completed, from the completion of the step before, in seconds.
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
        let next = session.current().map(|step| &step.key);
        let reached = |step: &&StepProgress| step.is_completed() || step.attempts > 0 || next == Some(&step.key);
        let line = |step: &StepProgress| Model {
            workshop: session.workshop,
            step: step.key.clone(),
            reached: 1,
            completed: i64::from(step.is_completed()),
            attempts: step.attempts.into(),
            failures: step.failures.into(),
            spent: step.spent.map_or(0, |spent| spent.0.into()),
        };
        session.steps.iter().filter(reached).map(line).collect()
    }

    fn add(total: &mut Model, line: &Model, times: i64) {
        total.reached += line.reached * times;
        total.completed += line.completed * times;
        total.attempts += line.attempts * times;
        total.failures += line.failures * times;
        total.spent += line.spent * times;
    }
}

/// The totals of all steps that a workshop's sessions came to, by key.
///
/// # Errors
/// The read models cannot be read.
pub async fn of_workshop(db: &DatabaseConnection, workshop: WorkshopId) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Workshop.eq(workshop.0)).order_by_asc(Column::Step).all(db).await
}

/// The totals of all steps of several workshops, by workshop and key.
///
/// # Errors
/// The read models cannot be read.
pub async fn of_workshops(db: &DatabaseConnection, workshops: &[WorkshopId]) -> Result<Vec<Model>, DbErr> {
    let steps = Entity::find().filter(Column::Workshop.is_in(workshops.iter().map(|workshop| workshop.0)));
    steps.order_by_asc(Column::Workshop).order_by_asc(Column::Step).all(db).await
}
