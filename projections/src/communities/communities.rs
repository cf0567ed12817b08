//! Communities as they are found.

use domain::{
    Decider,
    communities::community::{Community, CommunityEvent},
    fact::Fact,
    kernel::{CommunityId, Timestamp},
};
use sea_orm::{QueryFilter, entity::prelude::*, sea_query::IndexCreateStatement};

use crate::{
    After, Page, paging,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// One community.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "communities")]
pub struct Model {
    /// A [`CommunityId`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub community: Uuid,
    /// An `AccountId`.
    pub founder: Uuid,
    pub name: String,
    pub description: String,
    /// How many are of it.
    pub members: i64,
    pub founded_at: Timestamp,
    /// None while it is open.
    pub closed_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "communities";
    const VERSION: u32 = 1;
    const STREAMS: &'static [&'static str] = &[Community::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        vec![event.stream.id]
    }

    fn fold(&self, community: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::Community(fact) = &event.fact else { return Ok(row) };
        Ok(Some(match fact {
            CommunityEvent::Founded { founder, name, description } => Model {
                community: *community,
                founder: founder.0,
                name: name.as_str().to_owned(),
                description: description.as_str().to_owned(),
                members: 1,
                founded_at: event.at,
                closed_at: None,
            },
            CommunityEvent::Revised { name, description } => {
                let (name, description) = (name.as_str().to_owned(), description.as_str().to_owned());
                Model { name, description, ..row.ok_or(MissingRow)? }
            }
            CommunityEvent::Closed => Model { members: 0, closed_at: Some(event.at), ..row.ok_or(MissingRow)? },
            CommunityEvent::Joined { members, .. } | CommunityEvent::Left { members, .. } | CommunityEvent::Removed { members, .. } => {
                Model { members: i64::from(*members), ..row.ok_or(MissingRow)? }
            }
        }))
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        vec![paging::index::<Self>(&[Column::FoundedAt, Column::Community])]
    }
}

impl Model {
    /// Where a page after this one begins.
    #[must_use]
    pub const fn after(&self) -> After {
        After { at: self.founded_at, id: self.community }
    }
}

/// Those of several communities that exist, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn find_many(db: &DatabaseConnection, communities: &[CommunityId]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Community.is_in(communities.iter().map(|community| community.0))).all(db).await
}

/// Those that are open, latest first.
///
/// # Errors
/// The read models cannot be read.
pub async fn page(db: &DatabaseConnection, after: Option<After>, first: u64) -> Result<Page<Model>, DbErr> {
    let open = Entity::find().filter(Column::ClosedAt.is_null());
    paging::latest(db, open, (Column::FoundedAt, Column::Community), after, first).await
}

/// How many are open.
///
/// # Errors
/// The read models cannot be read.
pub async fn total(db: &DatabaseConnection) -> Result<u64, DbErr> {
    Entity::find().filter(Column::ClosedAt.is_null()).count(db).await
}

#[cfg(test)]
mod tests;
