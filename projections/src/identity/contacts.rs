//! How people are reached: whether their address is known to be theirs, and the language they are written to in.

use domain::{
    Decider,
    fact::Fact,
    identity::{
        Language,
        contact::{Contact, ContactEvent},
    },
    kernel::{AccountId, Timestamp},
};
use sea_orm::entity::prelude::*;

use crate::{
    column::Word,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// How one person is reached.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contacts")]
pub struct Model {
    /// An [`AccountId`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub account: Uuid,
    /// What they chose, or else what they came with first.
    pub language: Option<Word<Language>>,
    /// When the address that the account has was found to be theirs.
    pub verified_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "contacts";
    const VERSION: u32 = 2;
    const STREAMS: &'static [&'static str] = &[Contact::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        vec![event.stream.id]
    }

    fn fold(&self, account: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::Contact(fact) = &event.fact else { return Ok(row) };
        let row = row.unwrap_or(Model { account: *account, language: None, verified_at: None });
        Ok(Some(match fact {
            ContactEvent::LanguageChosen { language } => Model { language: Some(Word(*language)), ..row },
            ContactEvent::VerificationRequested { language, .. } => Model { language: row.language.or(Some(Word(*language))), ..row },
            ContactEvent::Verified { .. }
            | ContactEvent::Vouched { .. }
            | ContactEvent::ChangeConfirmed { .. }
            | ContactEvent::ChangeReverted { .. } => Model { verified_at: Some(event.at), ..row },
            ContactEvent::ResetRequested { .. }
            | ContactEvent::ResetUsed { .. }
            | ContactEvent::ChangeRequested { .. }
            | ContactEvent::ChangeHalfConfirmed { .. }
            | ContactEvent::ChangeStopped { .. } => row,
        }))
    }
}

/// How a person is reached, if anything ever was asked of them.
///
/// # Errors
/// The read models cannot be read.
pub async fn find(db: &DatabaseConnection, account: AccountId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(account.0).one(db).await
}

/// The same for several people, in no order.
///
/// # Errors
/// The read models cannot be read.
pub async fn find_many(db: &DatabaseConnection, accounts: &[AccountId]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Account.is_in(accounts.iter().map(|account| account.0))).all(db).await
}

#[cfg(test)]
mod tests;
