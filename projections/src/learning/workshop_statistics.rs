//! How workshops fare: totals over their sessions, previews left out.

use domain::kernel::{AccountId, WorkshopId};
use sea_orm::{QueryFilter, QueryOrder, entity::prelude::*, sea_query::IndexCreateStatement};

use super::sessions::{self, SessionStatus};
use crate::{paging, tally::Tally};

/// One workshop's totals.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workshop_statistics")]
pub struct Model {
    /// A [`WorkshopId`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub workshop: Uuid,
    /// An [`AccountId`].
    pub author: Uuid,
    /// Sessions started.
    pub starts: i64,
    pub finishes: i64,
    pub abandons: i64,
    pub expiries: i64,
    /// Steps completed in all sessions together.
    pub steps_completed: i64,
    /// From start to end of finished sessions, in seconds.
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
            workshop: session.workshop,
            author: session.author,
            starts: 1,
            finishes: is(SessionStatus::Finished),
            abandons: is(SessionStatus::Abandoned),
            expiries: is(SessionStatus::Expired),
            steps_completed: session.completed,
            spent: session.spent.unwrap_or(0) * is(SessionStatus::Finished),
        }]
    }

    fn add(total: &mut Model, line: &Model, times: i64) {
        total.starts += line.starts * times;
        total.finishes += line.finishes * times;
        total.abandons += line.abandons * times;
        total.expiries += line.expiries * times;
        total.steps_completed += line.steps_completed * times;
        total.spent += line.spent * times;
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        vec![paging::index::<Self>(&[Column::Author])]
    }
}

/// One workshop's totals; none before its first session.
///
/// # Errors
/// The read models cannot be read.
pub async fn find(db: &DatabaseConnection, workshop: WorkshopId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(workshop.0).one(db).await
}

/// Those of several workshops that have any, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn find_many(db: &DatabaseConnection, workshops: &[WorkshopId]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Workshop.is_in(workshops.iter().map(|workshop| workshop.0))).all(db).await
}

/// Of all workshops of an author that were ever started, the most started first.
///
/// # Errors
/// The read models cannot be read.
pub async fn of_author(db: &DatabaseConnection, author: AccountId) -> Result<Vec<Model>, DbErr> {
    let workshops = Entity::find().filter(Column::Author.eq(author.0));
    workshops.order_by_desc(Column::Starts).order_by_asc(Column::Workshop).all(db).await
}
