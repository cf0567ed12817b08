//! Access tokens. Names stay sealed.

use domain::{
    Decider,
    fact::Fact,
    identity::{
        Scopes, TokenName,
        access_token::{AccessToken, AccessTokenEvent},
    },
    kernel::{AccountId, Personal, Timestamp},
};
use sea_orm::{QueryFilter, entity::prelude::*, sea_query::IndexCreateStatement};

use crate::{
    After, Page,
    column::Json,
    paging,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// One access token.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "access_tokens")]
pub struct Model {
    /// An [`AccessTokenId`](domain::kernel::AccessTokenId).
    #[sea_orm(primary_key, auto_increment = false)]
    pub token: Uuid,
    /// An [`AccountId`].
    pub account: Uuid,
    pub name: Json<Personal<TokenName>>,
    pub scopes: Json<Scopes>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// The epoch of the account in which it was made.
    pub epoch: i64,
    /// Absent while it is not.
    pub revoked_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "access_tokens";
    const VERSION: u32 = 2;
    const STREAMS: &'static [&'static str] = &[AccessToken::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        vec![event.stream.id]
    }

    fn fold(&self, token: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::AccessToken(fact) = &event.fact else { return Ok(row) };
        Ok(Some(match fact {
            AccessTokenEvent::Created { account, name, scopes, expires_at, epoch } => Model {
                token: *token,
                account: account.0,
                name: Json(name.clone()),
                scopes: Json(scopes.clone()),
                created_at: event.at,
                expires_at: *expires_at,
                epoch: epoch.unwrap_or_default().into(),
                revoked_at: None,
            },
            AccessTokenEvent::Revoked { account: _ } => Model { revoked_at: Some(event.at), ..row.ok_or(MissingRow)? },
        }))
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        vec![paging::index::<Self>(&[Column::Account, Column::CreatedAt])]
    }
}

/// Those of an account that were made in an epoch or later and not revoked, latest first. They may have expired.
///
/// # Errors
/// The read models cannot be read.
pub async fn of(db: &DatabaseConnection, account: AccountId, since: u32, after: Option<After>, first: u64) -> Result<Page<Model>, DbErr> {
    let own = Entity::find().filter(Column::Account.eq(account.0)).filter(Column::Epoch.gte(i64::from(since)));
    let live = own.filter(Column::RevokedAt.is_null());
    paging::latest(db, live, (Column::CreatedAt, Column::Token), after, first).await
}

impl Model {
    /// Where a page after this one begins.
    #[must_use]
    pub const fn after(&self) -> After {
        After { at: self.created_at, id: self.token }
    }
}

#[cfg(test)]
mod tests;
