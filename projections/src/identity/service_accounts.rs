//! Service accounts.

use domain::{
    Decider,
    fact::Fact,
    identity::{
        Scopes,
        service_account::{ServiceAccount, ServiceAccountEvent},
    },
    kernel::{AccountId, Timestamp},
};
use sea_orm::{QueryFilter, entity::prelude::*, sea_query::IndexCreateStatement};

use crate::{
    After, Page,
    column::Json,
    paging,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// One service account.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "service_accounts")]
pub struct Model {
    /// A [`ServiceAccountId`](domain::kernel::ServiceAccountId).
    #[sea_orm(primary_key, auto_increment = false)]
    pub service: Uuid,
    /// An [`AccountId`](domain::kernel::AccountId).
    pub creator: Uuid,
    pub name: String,
    pub scopes: Json<Scopes>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// Absent while it is not.
    pub revoked_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "service_accounts";
    const VERSION: u32 = 1;
    const STREAMS: &'static [&'static str] = &[ServiceAccount::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        vec![event.stream.id]
    }

    fn fold(&self, service: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::ServiceAccount(fact) = &event.fact else { return Ok(row) };
        Ok(Some(match fact {
            ServiceAccountEvent::Created { creator, name, scopes, expires_at, epoch: _ } => Model {
                service: *service,
                creator: creator.0,
                name: name.as_str().to_owned(),
                scopes: Json(scopes.clone()),
                created_at: event.at,
                expires_at: *expires_at,
                revoked_at: None,
            },
            ServiceAccountEvent::Revoked { by: _ } => Model { revoked_at: Some(event.at), ..row.ok_or(MissingRow)? },
        }))
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        vec![paging::index::<Self>(&[Column::CreatedAt])]
    }
}

/// Those that were not revoked, latest first. They may have expired.
///
/// # Errors
/// The read models cannot be read.
pub async fn page(db: &DatabaseConnection, after: Option<After>, first: u64) -> Result<Page<Model>, DbErr> {
    let live = Entity::find().filter(Column::RevokedAt.is_null());
    paging::latest(db, live, (Column::CreatedAt, Column::Service), after, first).await
}

/// Those of a creator, revoked ones as well, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn of_creator(db: &DatabaseConnection, creator: AccountId) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Creator.eq(creator.0)).all(db).await
}

impl Model {
    /// Where a page after this one begins.
    #[must_use]
    pub const fn after(&self) -> After {
        After { at: self.created_at, id: self.service }
    }
}

#[cfg(test)]
mod tests;
