//! Mails that have not been sent: those that wait, and those that wait for an operator. What was sent is in the journal alone.

use domain::{
    Decider,
    fact::Fact,
    identity::mail::{Failure, Mail, MailEvent, Occasion},
    kernel::{MailId, Timestamp},
};
use sea_orm::{QueryFilter, entity::prelude::*, sea_query::IndexCreateStatement};

use crate::{
    After, Page,
    column::{Json, Word},
    paging,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// One mail.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mails")]
pub struct Model {
    /// A [`MailId`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub mail: Uuid,
    /// To whom, an [`AccountId`](domain::kernel::AccountId).
    pub account: Uuid,
    pub occasion: Word<Occasion>,
    pub queued_at: Timestamp,
    /// How often it was tried since it was queued, or queued again.
    pub attempts: i64,
    /// Why it was not taken the last time.
    pub failure: Option<Json<Failure>>,
    /// When it is tried next; absent: at once.
    pub next_at: Option<Timestamp>,
    /// Since when it waits for an operator.
    pub parked_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "mails";
    const VERSION: u32 = 1;
    const STREAMS: &'static [&'static str] = &[Mail::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        vec![event.stream.id]
    }

    fn fold(&self, mail: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::Mail(fact) = &event.fact else { return Ok(row) };
        Ok(Some(match fact {
            MailEvent::Queued(letter) => Model {
                mail: *mail,
                account: letter.to.subject().0,
                occasion: Word(letter.occasion),
                queued_at: event.at,
                attempts: 0,
                failure: None,
                next_at: None,
                parked_at: None,
            },
            MailEvent::Deferred { failure, attempts, until } => {
                let row = row.ok_or(MissingRow)?;
                Model { attempts: (*attempts).into(), failure: Some(Json(*failure)), next_at: Some(*until), ..row }
            }
            MailEvent::Parked { failure, attempts } => {
                let row = row.ok_or(MissingRow)?;
                Model { attempts: (*attempts).into(), failure: Some(Json(*failure)), next_at: None, parked_at: Some(event.at), ..row }
            }
            MailEvent::Requeued {} => Model { attempts: 0, next_at: None, parked_at: None, ..row.ok_or(MissingRow)? },
            MailEvent::Sent { .. } | MailEvent::Dropped { .. } => return row.ok_or(MissingRow).map(|_| None),
        }))
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        vec![paging::index::<Self>(&[Column::QueuedAt, Column::Mail])]
    }
}

impl Model {
    /// Where a page after this one begins.
    #[must_use]
    pub const fn after(&self) -> After {
        After { at: self.queued_at, id: self.mail }
    }
}

/// One mail that has not been sent.
///
/// # Errors
/// The read models cannot be read.
pub async fn find(db: &DatabaseConnection, mail: MailId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(mail.0).one(db).await
}

/// Mails that have not been sent, or only those that wait for an operator, latest first.
///
/// # Errors
/// The read models cannot be read.
pub async fn page(db: &DatabaseConnection, parked: bool, after: Option<After>, first: u64) -> Result<Page<Model>, DbErr> {
    let mut mails = Entity::find();
    if parked {
        mails = mails.filter(Column::ParkedAt.is_not_null());
    }
    paging::latest(db, mails, (Column::QueuedAt, Column::Mail), after, first).await
}

#[cfg(test)]
mod tests;
