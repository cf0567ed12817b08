//! Who is of which community. Nobody is of one that is closed, though their rows stay: it is looked at first.

use domain::{
    Decider,
    communities::community::{Community, CommunityEvent},
    fact::Fact,
    kernel::{AccountId, CommunityId, Timestamp},
};
use sea_orm::{QueryFilter, entity::prelude::*, sea_query::IndexCreateStatement};

use crate::{
    After, Page, paging,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// One person in one community.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "community_members")]
pub struct Model {
    /// A [`CommunityId`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub community: Uuid,
    /// An [`AccountId`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub account: Uuid,
    pub joined_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "community_members";
    const VERSION: u32 = 1;
    const STREAMS: &'static [&'static str] = &[Community::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<(Uuid, Uuid)> {
        let Fact::Community(fact) = &event.fact else { return vec![] };
        match fact {
            CommunityEvent::Founded { founder: account, .. }
            | CommunityEvent::Joined { account, .. }
            | CommunityEvent::Left { account, .. }
            | CommunityEvent::Removed { account, .. } => vec![(event.stream.id, account.0)],
            CommunityEvent::Revised { .. } | CommunityEvent::Closed => vec![],
        }
    }

    fn fold(&self, (community, account): &(Uuid, Uuid), row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::Community(fact) = &event.fact else { return Ok(row) };
        Ok(match fact {
            CommunityEvent::Founded { .. } | CommunityEvent::Joined { .. } => {
                Some(Model { community: *community, account: *account, joined_at: event.at })
            }
            CommunityEvent::Left { .. } | CommunityEvent::Removed { .. } => None,
            CommunityEvent::Revised { .. } | CommunityEvent::Closed => row,
        })
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        vec![paging::index::<Self>(&[Column::Community, Column::JoinedAt, Column::Account])]
    }
}

impl Model {
    /// Where a page after this one begins.
    #[must_use]
    pub const fn after(&self) -> After {
        After { at: self.joined_at, id: self.account }
    }
}

/// Those of some people that are of some communities, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn of_people(db: &DatabaseConnection, people: &[AccountId], communities: &[CommunityId]) -> Result<Vec<Model>, DbErr> {
    let theirs = Entity::find().filter(Column::Account.is_in(people.iter().map(|account| account.0)));
    theirs.filter(Column::Community.is_in(communities.iter().map(|community| community.0))).all(db).await
}

/// Who is of a community, those who joined last first.
///
/// # Errors
/// The read models cannot be read.
pub async fn page(db: &DatabaseConnection, community: CommunityId, after: Option<After>, first: u64) -> Result<Page<Model>, DbErr> {
    let members = Entity::find().filter(Column::Community.eq(community.0));
    paging::latest(db, members, (Column::JoinedAt, Column::Account), after, first).await
}

#[cfg(test)]
mod tests;
