//! What a read model is: a pure fold over keyed rows.

use std::hash::Hash;

use domain::{
    fact::Fact,
    kernel::{Personal, Timestamp},
};
use journal::{Position, StreamId};
use sea_orm::{
    DbBackend, EntityTrait, IntoActiveModel, ModelTrait, PrimaryKeyTrait,
    sea_query::{FromValueTuple, IndexCreateStatement, IntoValueTuple},
};
use uuid::Uuid;

use crate::tally::Totals;

/// An event in its place, decoded once for all read models.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Where in the journal.
    pub position: Position,
    /// Which stream it belongs to.
    pub stream: StreamId,
    /// When it was recorded.
    pub at: Timestamp,
    /// What happened.
    pub fact: Fact,
    /// Who caused it, and how.
    pub origin: Origin,
}

/// Where an event comes from, as its metadata say. What older builds did not write is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The command that decided it; the same for all events of an append.
    pub command: Uuid,
    pub correlation: Uuid,
    pub causation: Option<Uuid>,
    /// An account's id in the API's form, `system:` and a name, or `anonymous`.
    pub actor: String,
    /// By which sign-in or token.
    pub via: Option<String>,
    pub on_behalf_of: Option<String>,
    pub address: Option<Personal<String>>,
    pub address_digest: Option<String>,
    /// What was asked for.
    pub operation: Option<String>,
}

/// An event that cannot follow the row it meets: the read model is parked, never guessed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event needs a row that is not there")]
pub struct MissingRow;

/// Keys and rows as the database takes them; implemented by whatever fits.
pub trait Key: Ord + Hash + Clone + Send + Sync + std::fmt::Debug + IntoValueTuple + FromValueTuple + 'static {}
impl<K: Ord + Hash + Clone + Send + Sync + std::fmt::Debug + IntoValueTuple + FromValueTuple + 'static> Key for K {}

/// A table whose rows are loaded, folded and written by key.
pub trait Table: EntityTrait<Model = Self::Row, ActiveModel = Self::Active, PrimaryKey: PrimaryKeyTrait<ValueType = Self::Key>> {
    /// The primary key's value.
    type Key: Key;
    /// One row.
    type Row: ModelTrait<Entity = Self> + IntoActiveModel<Self::Active> + sea_orm::FromQueryResult + Clone + PartialEq + Send + Sync;
    /// What the database layer makes of a row.
    type Active: sea_orm::ActiveModelBehavior<Entity = Self> + Send;
}

impl<E> Table for E
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + Clone + PartialEq + Send + Sync,
    E::ActiveModel: Send,
    <E::PrimaryKey as PrimaryKeyTrait>::ValueType: Key,
{
    type Key = <E::PrimaryKey as PrimaryKeyTrait>::ValueType;
    type Row = E::Model;
    type Active = E::ActiveModel;
}

/// A pure fold over keyed rows: no clock, no I/O. The runner loads, folds and writes whole pages of events.
pub trait ReadModel: Send + Sync + 'static {
    /// The table of its rows.
    type Table: Table;
    /// Names it in checkpoints, metrics and the generation. Never two alike.
    const NAME: &'static str;
    /// Raised whenever the same events give other rows, or rows another shape: that makes a new generation.
    const VERSION: u32;
    /// The kinds of streams it folds; events of others are not shown to it.
    const STREAMS: &'static [&'static str];

    /// The rows this event touches; none, if it is not about this read model.
    fn keys(&self, event: &Recorded) -> Vec<<Self::Table as Table>::Key>;

    /// The row under `key` after the event; `Ok(None)` deletes it.
    ///
    /// # Errors
    /// The row that the event builds on is missing.
    fn fold(
        &self,
        key: &<Self::Table as Table>::Key,
        row: Option<<Self::Table as Table>::Row>,
        event: &Recorded,
    ) -> Result<Option<<Self::Table as Table>::Row>, MissingRow>;

    /// Indexes that its queries need.
    #[must_use]
    fn indexes() -> Vec<IndexCreateStatement> {
        Vec::new()
    }

    /// What the database keeps beside the table, such as an index of words: statements that are run whenever the table is opened.
    #[must_use]
    fn complements(_backend: DbBackend) -> Vec<String> {
        Vec::new()
    }

    /// Totals over its rows, kept in the same transaction.
    #[must_use]
    fn totals() -> Vec<Box<dyn Totals<<Self::Table as Table>::Row>>> {
        Vec::new()
    }

    /// What else the rows depend on, such as a time zone.
    fn configuration(&self) -> String {
        String::new()
    }
}
