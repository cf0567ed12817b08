//! Sign-ins, open and closed.

use std::collections::BTreeSet;

use domain::{
    Decider,
    fact::Fact,
    identity::{
        UserAgent,
        sign_in::{SignIn, SignInEvent},
    },
    kernel::{AccountId, Personal, SignInId, Timestamp},
};
use sea_orm::{Condition, QueryFilter, QueryOrder, QuerySelect, entity::prelude::*, sea_query::IndexCreateStatement};

use crate::{
    After, Page,
    column::Json,
    identity::accounts,
    paging,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// One sign-in.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_ins")]
pub struct Model {
    /// A [`SignInId`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub sign_in: Uuid,
    /// An [`AccountId`].
    pub account: Uuid,
    /// How often the account had been signed out everywhere by then.
    pub epoch: i64,
    pub user_agent: Option<Json<Personal<UserAgent>>>,
    /// The network address.
    pub address: Option<Json<Personal<String>>>,
    pub opened_at: Timestamp,
    /// Absent while it is open.
    pub closed_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "sign_ins";
    const VERSION: u32 = 2;
    const STREAMS: &'static [&'static str] = &[SignIn::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        vec![event.stream.id]
    }

    fn fold(&self, sign_in: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::SignIn(fact) = &event.fact else { return Ok(row) };
        Ok(Some(match fact {
            SignInEvent::Opened { account, epoch, user_agent, address, proof: _, method: _, until: _ } => Model {
                sign_in: *sign_in,
                account: account.0,
                epoch: (*epoch).into(),
                user_agent: user_agent.clone().map(Json),
                address: address.clone().map(Json),
                opened_at: event.at,
                closed_at: None,
            },
            SignInEvent::Proven { .. } | SignInEvent::Revoked { .. } | SignInEvent::TokenReused { .. } => row.ok_or(MissingRow)?,
            SignInEvent::Closed { account: _ } => Model { closed_at: Some(event.at), ..row.ok_or(MissingRow)? },
        }))
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        let open = paging::index::<Self>(&[Column::ClosedAt, Column::OpenedAt, Column::SignIn]);
        vec![paging::index::<Self>(&[Column::Account, Column::OpenedAt]), open]
    }
}

/// One sign-in.
///
/// # Errors
/// The read models cannot be read.
pub async fn find(db: &DatabaseConnection, sign_in: SignInId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(sign_in.0).one(db).await
}

/// Those of several sign-ins that exist, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn find_many(db: &DatabaseConnection, sign_ins: &[SignInId]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::SignIn.is_in(sign_ins.iter().map(|sign_in| sign_in.0))).all(db).await
}

/// The sign-ins of an account that were never closed, latest first, whatever happened to all of the account's at once.
///
/// # Errors
/// The read models cannot be read.
pub async fn open_of(db: &DatabaseConnection, account: AccountId) -> Result<Vec<Model>, DbErr> {
    let open = Entity::find().filter(Column::Account.eq(account.0)).filter(Column::ClosedAt.is_null());
    open.order_by_desc(Column::OpenedAt).order_by_desc(Column::SignIn).all(db).await
}

/// Those of several accounts, by id, to which somebody has signed in since an instant.
///
/// # Errors
/// The read models cannot be read.
pub async fn opened_since(db: &DatabaseConnection, accounts: &[AccountId], since: Timestamp) -> Result<Vec<Uuid>, DbErr> {
    let of = Column::Account.is_in(accounts.iter().map(|account| account.0));
    let since = Entity::find().filter(of).filter(Column::OpenedAt.gte(since));
    since.select_only().column(Column::Account).distinct().into_tuple::<Uuid>().all(db).await
}

/// When somebody signed in to an account last, whatever became of that.
///
/// # Errors
/// The read models cannot be read.
pub async fn last_opened(db: &DatabaseConnection, account: AccountId) -> Result<Option<Timestamp>, DbErr> {
    let last = Entity::find().filter(Column::Account.eq(account.0)).order_by_desc(Column::OpenedAt).one(db).await?;
    Ok(last.map(|row| row.opened_at))
}

/// The open sign-ins of an account, latest first. Their tokens may have expired.
///
/// # Errors
/// The read models cannot be read.
pub async fn live(db: &DatabaseConnection, account: &accounts::Model, after: Option<After>, first: u64) -> Result<Page<Model>, DbErr> {
    // What was opened before the last sign-out everywhere was closed by it, but for one.
    let outlived = Condition::any().add(Column::Epoch.gte(account.epoch)).add_option(account.kept.map(|kept| Column::SignIn.eq(kept)));
    let open = Entity::find().filter(Column::Account.eq(account.account)).filter(Column::ClosedAt.is_null()).filter(outlived);
    paging::latest(db, open, (Column::OpenedAt, Column::SignIn), after, first).await
}

/// A stretch of the list of all sign-ins that were never closed.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// Those that nothing has ended, latest first. Their tokens may have expired.
    pub rows: Vec<Model>,
    /// Where it ends; absent, if it is empty.
    pub end: Option<After>,
    /// Whether the list goes on.
    pub more: bool,
}

/// A stretch of the open sign-ins of an account, or of everybody.
///
/// # Errors
/// The read models cannot be read.
pub async fn stretch(db: &DatabaseConnection, account: Option<AccountId>, after: Option<After>, length: u64) -> Result<Stretch, DbErr> {
    let open = Entity::find().filter(Column::ClosedAt.is_null());
    let open = account.map(|account| Column::Account.eq(account.0)).into_iter().fold(open, QueryFilter::filter);
    let Page { rows, more } = paging::latest(db, open, (Column::OpenedAt, Column::SignIn), after, length).await?;
    let end = rows.last().map(Model::after);
    let owners: BTreeSet<_> = rows.iter().map(|row| AccountId(row.account)).collect();
    let owners = accounts::find_many(db, &owners.into_iter().collect::<Vec<_>>()).await?;
    let rows = rows.into_iter().filter(|row| owners.iter().any(|owner| row.outlived(owner))).collect();
    Ok(Stretch { rows, end, more })
}

impl Model {
    /// Whether it was not ended with all of its account's.
    fn outlived(&self, owner: &accounts::Model) -> bool {
        let is_kept = self.epoch >= owner.epoch || owner.kept == Some(self.sign_in);
        owner.account == self.account && owner.erased_at.is_none() && is_kept
    }

    /// Where a page after this one begins.
    #[must_use]
    pub const fn after(&self) -> After {
        After { at: self.opened_at, id: self.sign_in }
    }
}

#[cfg(test)]
mod tests;
