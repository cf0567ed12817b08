//! Runs as organisers plan them and catalogues list them.

mod fold;
mod queries;

use std::collections::BTreeMap;

use domain::{
    Decider,
    booking::{
        Discount, Format, Plan, Visibility,
        run::{Life, Run},
    },
    fact::Fact,
    kernel::{AccountId, Timestamp},
    workshops::content::Difficulty,
};
pub use queries::{Viewer, count_by_life, find, find_many};
use sea_orm::{entity::prelude::*, sea_query::IndexCreateStatement};
use serde::{Deserialize, Serialize};

use crate::{
    column::{Json, Word},
    paging,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// One run.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "runs")]
pub struct Model {
    /// A `RunId`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub run: Uuid,
    /// The position at which it was scheduled: what it goes by where words are found.
    pub number: i64,
    /// The position of the event that changed this row last: whoever keeps a copy asks for what changed since.
    pub changed: i64,
    /// The position of the event that changed its texts last.
    pub described: i64,
    /// An [`AccountId`].
    pub organiser: Uuid,
    /// The account of who holds it, where they have one.
    pub instructor: Option<Uuid>,
    /// The first run of the series it is part of.
    pub series: Option<Uuid>,
    pub life: Word<Life>,
    pub visibility: Word<Visibility>,
    pub category: String,
    pub language: String,
    pub format: Word<RunFormat>,
    pub level: Option<Word<Difficulty>>,
    pub city: Option<String>,
    /// In millionths of a degree.
    pub latitude: Option<i64>,
    /// In millionths of a degree.
    pub longitude: Option<i64>,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// The lowest price of a ticket for everybody, in minor units; without one, of those that a code or a plan admits to, or else of those
    /// for the invited.
    pub price: i64,
    pub currency: String,
    pub capacity: i64,
    /// Places that are taken.
    pub taken: i64,
    /// Registrations that wait.
    pub waiting: i64,
    /// How often somebody registered.
    pub requests: i64,
    pub scheduled_at: Timestamp,
    pub published_at: Option<Timestamp>,
    pub updated_at: Timestamp,
    /// Why it was cancelled.
    pub reason: Option<String>,
    pub tags: Json<Vec<String>>,
    /// Those of the tickets for everybody; none: one of them has no quota, so that the run's own places are the limit.
    pub quotas: Option<Json<Vec<Quota>>>,
    /// What reduces prices or admits, by code.
    pub codes: Json<BTreeMap<String, Discount>>,
    pub plan: Json<Plan>,
}

/// How many places may be taken with a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// The ticket's key.
    pub ticket: String,
    pub places: i64,
}

/// Where people come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunFormat {
    OnSite,
    Online,
    Hybrid,
}

impl From<&Format> for RunFormat {
    fn from(format: &Format) -> Self {
        match format {
            Format::OnSite { .. } => Self::OnSite,
            Format::Online { .. } => Self::Online,
            Format::Hybrid { .. } => Self::Hybrid,
        }
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "runs";
    const VERSION: u32 = 3;
    const STREAMS: &'static [&'static str] = &[Run::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        vec![event.stream.id]
    }

    fn fold(&self, run: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::Run(fact) = &event.fact else { return Ok(row) };
        fold::fold(*run, row, fact, event).map(Some)
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        vec![paging::index::<Self>(&[Column::Changed]), paging::index::<Self>(&[Column::Life])]
    }
}

impl Model {
    /// Whether somebody who knows the run's id may see it. Who comes by a code alone may, by that code; who is registered or
    /// invited may, whatever this says.
    #[must_use]
    pub fn is_visible_to(&self, viewer: Viewer, code: Option<&str>, now: Timestamp) -> bool {
        self.is_run_by(viewer) || self.visibility.0.shows(self.life.0, &self.codes.0, code, now)
    }

    /// Whether somebody runs it: its organiser, who holds it, or who manages all runs.
    #[must_use]
    pub fn is_run_by(&self, viewer: Viewer) -> bool {
        match viewer {
            Viewer::Anonymous => false,
            Viewer::Account(account) => self.organiser == account.0 || self.instructor == Some(account.0),
            Viewer::Manager => true,
        }
    }

    /// Whether somebody may see who registered for it: its organiser, or who manages all runs.
    #[must_use]
    pub fn is_organised_by(&self, viewer: Viewer) -> bool {
        match viewer {
            Viewer::Anonymous => false,
            Viewer::Account(account) => AccountId(self.organiser) == account,
            Viewer::Manager => true,
        }
    }

    /// Places that nobody has.
    #[must_use]
    pub const fn left(&self) -> i64 {
        self.capacity.saturating_sub(self.taken)
    }
}

#[cfg(test)]
mod tests;
