//! Registrations: how far each is, its place in line, and what was paid. Who is behind one stands in `registrants`.

mod changes;
mod fold;
mod queries;

pub use changes::{changed_since, last_changed};
use domain::{
    Decider,
    booking::{
        Quote,
        run::{PaymentStatus, RefundReason, Run},
    },
    fact::Fact,
    kernel::{PaymentId, RefundId, Timestamp},
};
pub use queries::{Filter, Time, ahead, find, find_many, of_people, page, total};
use sea_orm::{entity::prelude::*, sea_query::IndexCreateStatement};
use serde::{Deserialize, Serialize};

use super::{registration_days, run_tickets, run_totals};
use crate::{
    After,
    column::{Json, Word},
    paging,
    read_model::{MissingRow, ReadModel, Recorded},
    tally::{Kept, Totals},
};

/// One registration.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "registrations")]
pub struct Model {
    /// A `RegistrationId`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub registration: Uuid,
    /// A `RunId`.
    pub run: Uuid,
    /// An `AccountId`; none: a guest.
    pub account: Option<Uuid>,
    /// Its number among all of the run: who has a lower one came earlier.
    pub number: i64,
    /// Who has a higher one is before others in line.
    pub priority: i64,
    /// The ticket's key.
    pub ticket: String,
    pub seats: i64,
    /// Places that it takes now.
    pub places: i64,
    pub state: Word<RegistrationState>,
    /// Until when a place is held, where it is for a time.
    pub held_until: Option<Timestamp>,
    pub approved: bool,
    /// The code it was made with.
    pub code: Option<String>,
    pub currency: String,
    /// What is to be paid, in minor units.
    pub total: i64,
    /// What came in and was not given back, in minor units.
    pub kept: i64,
    /// What is still to be given back, in minor units.
    pub owed: i64,
    /// What nobody is asked for any more, in minor units: it went back though it was not owed, and they have the place and had paid for it.
    pub forgiven: i64,
    /// Why, the last time that something was.
    pub owed_for: Option<Word<RefundReason>>,
    /// Why it was rejected or cancelled.
    pub reason: Option<String>,
    pub requested_at: Timestamp,
    pub updated_at: Timestamp,
    pub checked_in_at: Option<Timestamp>,
    pub quote: Json<Quote>,
    pub payments: Json<Vec<Payment>>,
}

/// How far a registration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationState {
    PendingApproval,
    AwaitingPayment,
    Confirmed,
    Waitlisted,
    Offered,
    Rejected,
    Expired,
    Withdrawn,
    Cancelled,
    Attended,
    NoShow,
}

/// Money that somebody sent for it, or tried to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub payment: PaymentId,
    pub status: PaymentStatus,
    /// In minor units.
    pub amount: i64,
    pub refunds: Vec<Refund>,
    /// Whether that it came in was recorded by hand, and nobody who moves money said so.
    #[serde(default)]
    pub by_hand: bool,
    /// Why it was taken back, if it was and somebody said so.
    #[serde(default)]
    pub undone_for: Option<String>,
    pub opened_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Money that went back, as somebody said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    pub refund: RefundId,
    /// In minor units.
    pub amount: i64,
    /// Whether it was recorded by hand, and nobody who moves money said so.
    pub by_hand: bool,
    /// Whether it was taken back.
    pub is_undone: bool,
    /// Why, if somebody said so.
    pub undone_for: Option<String>,
    pub at: Timestamp,
}

impl RegistrationState {
    /// All of them, in the order of a registration's life.
    pub const ALL: [Self; 11] = [
        Self::PendingApproval,
        Self::AwaitingPayment,
        Self::Confirmed,
        Self::Waitlisted,
        Self::Offered,
        Self::Rejected,
        Self::Expired,
        Self::Withdrawn,
        Self::Cancelled,
        Self::Attended,
        Self::NoShow,
    ];

    /// Those in which somebody may still come, or came.
    pub const LIVE: [Self; 7] =
        [Self::PendingApproval, Self::AwaitingPayment, Self::Confirmed, Self::Waitlisted, Self::Offered, Self::Attended, Self::NoShow];

    /// Those in which what is missing for the place is to be paid.
    pub const PAYING: [Self; 4] = [Self::AwaitingPayment, Self::Confirmed, Self::Attended, Self::NoShow];

    /// Whether it counts as a registration of its person.
    #[must_use]
    pub fn is_live(self) -> bool {
        Self::LIVE.contains(&self)
    }

    /// Whether somebody may still come with it: it is live, and nobody has said yet whether they came. A new state has to say it here.
    #[must_use]
    pub const fn is_to_come(self) -> bool {
        match self {
            Self::PendingApproval | Self::AwaitingPayment | Self::Confirmed | Self::Waitlisted | Self::Offered => true,
            Self::Attended | Self::NoShow | Self::Rejected | Self::Expired | Self::Withdrawn | Self::Cancelled => false,
        }
    }

    /// Whether somebody has the right to be there.
    #[must_use]
    pub const fn is_in(self) -> bool {
        matches!(self, Self::Confirmed | Self::Attended)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "registrations";
    const VERSION: u32 = 4;
    const STREAMS: &'static [&'static str] = &[Run::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        let Fact::Run(fact) = &event.fact else { return vec![] };
        fact.registration().map(Into::into).into_iter().collect()
    }

    fn fold(&self, registration: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::Run(fact) = &event.fact else { return Ok(row) };
        fold::fold(*registration, row, fact, event).map(Some)
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        vec![
            paging::index::<Self>(&[Column::Run, Column::RequestedAt, Column::Registration]),
            paging::index::<Self>(&[Column::Account, Column::RequestedAt, Column::Registration]),
            paging::index::<Self>(&[Column::RequestedAt, Column::Registration]),
            paging::index::<Self>(&[Column::Run, Column::State, Column::Priority, Column::Number]),
            paging::index::<Self>(&[Column::Run, Column::UpdatedAt, Column::Registration]),
            paging::index::<Self>(&[Column::Account, Column::UpdatedAt, Column::Registration]),
        ]
    }

    fn totals() -> Vec<Box<dyn Totals<Model>>> {
        vec![Kept::<run_totals::Entity>::boxed(), Kept::<run_tickets::Entity>::boxed(), Kept::<registration_days::Entity>::boxed()]
    }
}

impl Model {
    /// What is to be paid now, in minor units: nothing, before it awaits payment and once it was paid for, whatever went back since. Who has
    /// a place though a payment was taken back still has to pay for it.
    #[must_use]
    pub fn due(&self) -> i64 {
        if RegistrationState::PAYING.contains(&self.state.0) { self.missing() } else { 0 }
    }

    /// Whether the place is theirs, or was.
    fn has_place(&self) -> bool {
        matches!(self.state.0, RegistrationState::Confirmed | RegistrationState::Attended | RegistrationState::NoShow)
    }

    /// What is missing for its place, in minor units. What is to be given back pays for nothing, and what went back of who had paid is not
    /// missing.
    fn missing(&self) -> i64 {
        (self.total - self.kept + self.owed - self.forgiven).max(0)
    }

    /// What was given back, in minor units.
    #[must_use]
    pub fn refunded(&self) -> i64 {
        self.payments.iter().map(Payment::refunded).sum()
    }

    /// Where a page after this one begins.
    #[must_use]
    pub const fn after(&self) -> After {
        After { at: self.requested_at, id: self.registration }
    }
}

impl Payment {
    /// What was given back, in minor units.
    #[must_use]
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().filter(|refund| !refund.is_undone).map(|refund| refund.amount).sum()
    }
}

#[cfg(test)]
mod tests;
