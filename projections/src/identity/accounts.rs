//! People's accounts, without their passwords. Addresses and names stay sealed. Who was erased keeps a row, so that what
//! they took part in is shown as done by an erased person.

use domain::{
    Decider,
    fact::Fact,
    identity::{
        Avatar, DisplayName, Email, Grants, GrantsWithin,
        account::{Account, AccountEvent},
    },
    kernel::{AccountId, AvatarId, Digest, Personal, Timestamp},
};
use sea_orm::{QueryFilter, entity::prelude::*, sea_query::IndexCreateStatement};

use crate::{
    After, Page,
    column::Json,
    paging,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// One account.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    /// An [`AccountId`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub account: Uuid,
    pub email: Json<Personal<Email>>,
    pub display_name: Json<Personal<DisplayName>>,
    /// What is held everywhere.
    pub grants: Json<Grants>,
    /// What is held within communities alone.
    pub grants_within: Json<GrantsWithin>,
    pub registered_at: Timestamp,
    /// How often it was signed out everywhere.
    pub epoch: i64,
    /// The sign-in, a [`SignInId`](domain::kernel::SignInId), that outlived the last time, if one was to.
    pub kept: Option<Uuid>,
    /// Since when nobody signs in to it.
    pub suspended_at: Option<Timestamp>,
    /// The picture that the person shows.
    pub avatar: Option<Uuid>,
    /// The digest of that picture, sealed.
    pub avatar_content: Option<String>,
    /// When the person was erased. What is sealed in this row opens no more.
    pub erased_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "accounts";
    const VERSION: u32 = 6;
    const STREAMS: &'static [&'static str] = &[Account::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        vec![event.stream.id]
    }

    fn fold(&self, account: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::Account(fact) = &event.fact else { return Ok(row) };
        Ok(Some(match fact {
            AccountEvent::Registered { email, display_name, password: _, roles } => Model {
                account: *account,
                email: Json(email.clone()),
                display_name: Json(display_name.clone()),
                grants: Json(roles.iter().collect()),
                grants_within: Json(GrantsWithin::default()),
                registered_at: event.at,
                epoch: 0,
                kept: None,
                suspended_at: None,
                avatar: None,
                avatar_content: None,
                erased_at: None,
            },
            AccountEvent::RoleGranted { within: None, grants, .. } | AccountEvent::RoleRevoked { within: None, grants, .. } => {
                Model { grants: Json(grants.clone()), ..row.ok_or(MissingRow)? }
            }
            AccountEvent::RoleGranted { within: Some(community), grant, .. } => {
                let mut row = row.ok_or(MissingRow)?;
                row.grants_within.0.add(*community, *grant);
                row
            }
            AccountEvent::RoleRevoked { within: Some(community), role, .. } => {
                let mut row = row.ok_or(MissingRow)?;
                row.grants_within.0.remove(*community, *role);
                row
            }
            AccountEvent::Renamed { display_name } => Model { display_name: Json(display_name.clone()), ..row.ok_or(MissingRow)? },
            AccountEvent::AvatarChosen { avatar } => {
                let content = avatar.content.as_str().to_owned();
                Model { avatar: Some(avatar.id.0), avatar_content: Some(content), ..row.ok_or(MissingRow)? }
            }
            AccountEvent::AvatarRemoved { .. } => Model { avatar: None, avatar_content: None, ..row.ok_or(MissingRow)? },
            AccountEvent::EmailChanged { email, .. } => Model { email: Json(email.clone()), ..row.ok_or(MissingRow)? },
            AccountEvent::PasswordRehashed { .. } => row.ok_or(MissingRow)?,
            AccountEvent::Suspended { epoch, .. } => {
                Model { epoch: (*epoch).into(), kept: None, suspended_at: Some(event.at), ..row.ok_or(MissingRow)? }
            }
            AccountEvent::Reinstated { .. } => Model { suspended_at: None, ..row.ok_or(MissingRow)? },
            AccountEvent::SignedOutEverywhere { epoch, except } | AccountEvent::PasswordChanged { epoch, except, .. } => {
                Model { epoch: (*epoch).into(), kept: except.map(|kept| kept.0), ..row.ok_or(MissingRow)? }
            }
            AccountEvent::Erased { .. } => {
                let (grants, grants_within) = (Json(Grants::default()), Json(GrantsWithin::default()));
                let row = row.ok_or(MissingRow)?;
                Model { grants, grants_within, avatar: None, avatar_content: None, erased_at: Some(event.at), ..row }
            }
        }))
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        vec![paging::index::<Self>(&[Column::RegisteredAt, Column::Account]), paging::index::<Self>(&[Column::Avatar])]
    }
}

impl Model {
    /// Where a page after this one begins.
    #[must_use]
    pub const fn after(&self) -> After {
        After { at: self.registered_at, id: self.account }
    }
}

/// One account.
///
/// # Errors
/// The read models cannot be read.
pub async fn find(db: &DatabaseConnection, account: AccountId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(account.0).one(db).await
}

/// Those of several accounts that exist, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn find_many(db: &DatabaseConnection, accounts: &[AccountId]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Account.is_in(accounts.iter().map(|account| account.0))).all(db).await
}

/// Whose picture it is, and the digest of it, sealed; none, if nobody shows it.
///
/// # Errors
/// The read models cannot be read.
pub async fn of_avatar(db: &DatabaseConnection, avatar: AvatarId) -> Result<Option<(AccountId, Avatar)>, DbErr> {
    let row = Entity::find().filter(Column::Avatar.eq(avatar.0)).one(db).await?;
    let Some((account, Some(content))) = row.map(|row| (AccountId(row.account), row.avatar_content)) else { return Ok(None) };
    let content = Digest::try_from(content).map_err(|error| DbErr::Custom(error.to_string()))?;
    Ok(Some((account, Avatar { id: avatar, content })))
}

/// Accounts, latest first.
///
/// # Errors
/// The read models cannot be read.
pub async fn page(db: &DatabaseConnection, after: Option<After>, first: u64) -> Result<Page<Model>, DbErr> {
    paging::latest(db, Entity::find(), (Column::RegisteredAt, Column::Account), after, first).await
}

/// How many accounts there are.
///
/// # Errors
/// The read models cannot be read.
pub async fn total(db: &DatabaseConnection) -> Result<u64, DbErr> {
    Entity::find().count(db).await
}

#[cfg(test)]
mod tests;
