//! How much was asked, hour by hour and day by day, by whom and for what: what graphs are drawn of. It counts what the audit has entries
//! for, but for what parts of this program do. A name has a row for each of the last hours and days in which it was active, and these
//! are a ring: the oldest is taken for the newest. So there are never more than [`Span::kept`] of each, however much is asked.

use chrono::DateTime;
use domain::{
    audit::trail::{TrailEvent, Verdict},
    fact::Fact,
    kernel::Timestamp,
};
use sea_orm::{Condition, QueryFilter, QueryOrder, QuerySelect, entity::prelude::*, sea_query::IndexCreateStatement};
use serde::{Deserialize, Serialize};

use super::entries;
use crate::{
    Page,
    column::Word,
    paging,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// What was asked within an hour or a day.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "activity")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub dimension: Word<Dimension>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub span: Word<Span>,
    /// Of whoever asked, or of what was asked for; empty for all together.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Its place in the ring.
    #[sea_orm(primary_key, auto_increment = false)]
    pub slot: i64,
    /// When the hour or the day began, in UTC.
    pub start: Timestamp,
    pub accepted: i64,
    pub refused: i64,
    pub failed: i64,
    /// The entry that was counted last: events of one come one after the other.
    pub last_entry: Uuid,
}

/// Of what it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// Of everything together.
    All,
    /// Of each who asked: an account's id or a program's in the API's form, or `anonymous`.
    Actor,
    /// Of each thing that can be asked for.
    Operation,
}

/// For how long it is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    Hour,
    Day,
}

impl Span {
    const ALL: [Self; 2] = [Self::Hour, Self::Day];

    /// How many of them are kept: two weeks of hours, and more than a year of days.
    #[must_use]
    pub const fn kept(self) -> i64 {
        match self {
            Self::Hour => 14 * 24,
            Self::Day => 400,
        }
    }

    /// How many seconds it has.
    const fn seconds(self) -> i64 {
        match self {
            Self::Hour => 3600,
            Self::Day => 86_400,
        }
    }

    /// Which one since 1970 an instant is in.
    const fn number(self, at: Timestamp) -> i64 {
        at.timestamp().div_euclid(self.seconds())
    }

    /// When the one began that an instant is in.
    fn start(self, at: Timestamp) -> Timestamp {
        DateTime::from_timestamp(self.number(at) * self.seconds(), 0).unwrap_or(at)
    }

    /// When the first one began that is still kept at an instant. What is left of those before is not shown.
    #[must_use]
    pub fn first(self, now: Timestamp) -> Timestamp {
        DateTime::from_timestamp((self.number(now) - self.kept() + 1) * self.seconds(), 0).unwrap_or(now)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

type Key = (Word<Dimension>, Word<Span>, String, i64);

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "activity";
    const VERSION: u32 = 2;
    const STREAMS: &'static [&'static str] = Fact::KINDS;

    fn keys(&self, event: &Recorded) -> Vec<Key> {
        let Some(Counted { actor, operation, .. }) = counted(event) else { return vec![] };
        let names = [(Dimension::All, ""), (Dimension::Actor, actor), (Dimension::Operation, operation)];
        let key = |(dimension, name): (Dimension, &str), span: Span| {
            (Word(dimension), Word(span), name.to_owned(), span.number(event.at).rem_euclid(span.kept()))
        };
        names.into_iter().flat_map(|name| Span::ALL.map(|span| key(name, span))).collect()
    }

    fn fold(&self, key: &Key, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Some(Counted { entry, verdict, times, .. }) = counted(event) else { return Ok(row) };
        let (dimension, span, name, slot) = key.clone();
        let start = span.0.start(event.at);
        let blank = || Model { dimension, span, name, slot, start, accepted: 0, refused: 0, failed: 0, last_entry: Uuid::nil() };
        let mut row = row.filter(|row| row.start == start).unwrap_or_else(blank);
        if row.last_entry != entry {
            let count = match verdict {
                Verdict::Accepted => &mut row.accepted,
                Verdict::Refused => &mut row.refused,
                Verdict::Failed => &mut row.failed,
            };
            *count += times;
            row.last_entry = entry;
        }
        Ok(Some(row))
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        vec![paging::index::<Self>(&[Column::Dimension, Column::Span, Column::Start, Column::Name])]
    }
}

/// What there is to count of an event.
struct Counted<'e> {
    entry: Uuid,
    actor: &'e str,
    operation: &'e str,
    verdict: Verdict,
    times: i64,
}

/// None, if nobody asked for it: it is done by a part of this program, or of a kind that is not known.
fn counted(event: &Recorded) -> Option<Counted<'_>> {
    let entry = entries::key(event)?;
    let counted = if let Fact::Trail(TrailEvent::Noted(note)) = &event.fact {
        Counted { entry, actor: &note.actor, operation: &note.operation, verdict: note.verdict, times: note.times.into() }
    } else {
        let operation = event.origin.operation.as_deref().or(event.fact.name()).unwrap_or_default();
        let verdict = if entries::refusal(event).is_some() { Verdict::Refused } else { Verdict::Accepted };
        Counted { entry, actor: &event.origin.actor, operation, verdict, times: 1 }
    };
    Some(counted).filter(|counted| !counted.actor.starts_with("system:"))
}

/// What is asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub dimension: Dimension,
    pub span: Span,
    /// Of this name alone.
    pub name: Option<String>,
    /// Begun then or later.
    pub since: Timestamp,
    /// Begun before.
    pub until: Option<Timestamp>,
}

/// Counts, latest first and by name among those of one time; those after one, if it is given.
///
/// # Errors
/// The read models cannot be read.
pub async fn page(db: &DatabaseConnection, wanted: &Wanted, after: Option<(Timestamp, String)>, first: u64) -> Result<Page<Model>, DbErr> {
    let Wanted { dimension, span, name, since, until } = wanted;
    let mut list = Entity::find().filter(Column::Dimension.eq(Word(*dimension))).filter(Column::Span.eq(Word(*span)));
    list = list.filter(Column::Start.gte(*since));
    if let Some(name) = name {
        list = list.filter(Column::Name.eq(name.as_str()));
    }
    if let Some(until) = until {
        list = list.filter(Column::Start.lt(*until));
    }
    if let Some((start, name)) = after {
        let later = Condition::any().add(Column::Start.lt(start)).add(Column::Name.gt(name));
        list = list.filter(Column::Start.lte(start)).filter(later);
    }
    let list = list.order_by_desc(Column::Start).order_by_asc(Column::Name);
    Ok(Page::cut(list.limit(first.saturating_add(1)).all(db).await?, first))
}

#[cfg(test)]
mod tests;
