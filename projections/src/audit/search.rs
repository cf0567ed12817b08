//! Finding entries. Each page costs the same, wherever it is and whatever it is asked for: one condition leads through an index, which has
//! the others as well, and is followed for so many entries at the most. Only those are read that are like what is looked for. A page may
//! therefore hold fewer than were asked for, and there still be more.

use std::collections::HashMap;

use domain::{audit::trail::Verdict, kernel::Timestamp};
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    entity::prelude::Uuid,
    sea_query::{self, Expr},
};

use super::{
    entries::{Column, Entity, Model},
    subjects::{self, Column as Link},
};
use crate::column::Word;

/// Entries that are looked at for one page, where more than one condition is to be met.
const MOST: u64 = 2000;

/// What entries are to be like. What is absent does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub actor: Option<String>,
    /// The id of what they are about.
    pub subject: Option<Uuid>,
    pub action: Option<String>,
    pub verdict: Option<Verdict>,
    /// The first instant.
    pub since: Option<Timestamp>,
    /// The first that is no longer asked for.
    pub until: Option<Timestamp>,
    /// The digests that a network address had, the latest first.
    pub addresses: Option<Vec<String>>,
    pub correlation: Option<Uuid>,
}

/// In which order entries are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    LatestFirst,
    EarliestFirst,
}

/// Some entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// In the order that was asked for.
    pub rows: Vec<Model>,
    /// Whether there may be more.
    pub more: bool,
    /// The position that was reached: where the next page begins.
    pub reached: Option<i64>,
}

/// What is looked for, and how.
#[derive(Clone, Copy)]
struct Wanted<'f> {
    filter: &'f Filter,
    order: Order,
    /// How many entries are looked at; all that it takes, where one condition is all there is.
    most: Option<u64>,
    /// How many are still to be found.
    lacking: u64,
}

/// What was found where one condition leads.
struct Looked {
    rows: Vec<Model>,
    /// How far it was looked, if that is not the whole way.
    end: Option<i64>,
}

/// Positions between which entries are looked for, both included.
#[derive(Clone, Copy)]
struct Span {
    low: i64,
    high: i64,
}

/// The condition that is answered from an index.
enum Lead {
    Where(Expr),
    Subject(Uuid),
    All,
}

/// Entries from a position on, which is left out; from an end, if there is none.
///
/// # Errors
/// The read models cannot be read.
pub async fn search(db: &DatabaseConnection, filter: &Filter, order: Order, from: Option<i64>, wanted: usize) -> Result<Found, DbErr> {
    bounded(db, filter, order, from, (wanted, MOST)).await
}

async fn bounded(
    db: &DatabaseConnection,
    filter: &Filter,
    order: Order,
    from: Option<i64>,
    (wanted, most): (usize, u64),
) -> Result<Found, DbErr> {
    let Some(mut span) = span(db, filter).await? else { return Ok(Found::default()) };
    match (order, from) {
        (Order::LatestFirst, Some(from)) => span.high = span.high.min(from.saturating_sub(1)),
        (Order::EarliestFirst, Some(from)) => span.low = span.low.max(from.saturating_add(1)),
        (_, None) => {}
    }
    let (mut leads, alone) = leads(filter);
    if order == Order::EarliestFirst {
        leads.reverse();
    }
    let mut found = Found::default();
    for lead in leads {
        // One more tells whether there are others.
        let lacking = u64::try_from(wanted - found.rows.len()).unwrap_or(u64::MAX).saturating_add(1);
        let Looked { rows, end } = look(db, lead, span, Wanted { filter, order, most: (!alone).then_some(most), lacking }).await?;
        for row in rows {
            if found.rows.len() == wanted {
                return Ok(Found { more: true, ..found });
            }
            found.reached = Some(row.position);
            found.rows.push(row);
        }
        if end.is_some() {
            return Ok(Found { more: true, reached: end, ..found });
        }
    }
    Ok(found)
}

/// The conditions of which one is answered from an index: several, where a network address had several digests, the latest first; and
/// whether there is no other.
fn leads(filter: &Filter) -> (Vec<Lead>, bool) {
    let Filter { actor, subject, action, verdict, since: _, until: _, addresses, correlation } = filter;
    let conditions = [actor.is_some(), subject.is_some(), action.is_some(), verdict.is_some(), addresses.is_some(), correlation.is_some()];
    let alone = conditions.into_iter().filter(|is_there| *is_there).count() <= 1;
    // What is had by the fewest comes first.
    let lead = if let Some(subject) = subject {
        // Rows do not tell: this leads always.
        Lead::Subject(*subject)
    } else if let Some(correlation) = correlation {
        Lead::Where(Column::Correlation.eq(*correlation))
    } else if let Some(addresses) = addresses {
        let digest = |digest: &String| Lead::Where(Column::AddressDigest.eq(digest.as_str()));
        return (addresses.iter().map(digest).collect(), alone);
    } else if let Some(actor) = actor {
        Lead::Where(Column::Actor.eq(actor.as_str()))
    } else if let Some(action) = action {
        Lead::Where(Column::Action.eq(action.as_str()))
    } else if let Some(verdict) = verdict {
        Lead::Where(Column::Verdict.eq(Word(*verdict)))
    } else {
        Lead::All
    };
    (vec![lead], alone)
}

impl Filter {
    /// What indexes of entries have of it.
    fn of_entries(&self) -> Condition {
        Condition::all()
            .add_option(self.actor.as_deref().map(|actor| Column::Actor.eq(actor)))
            .add_option(self.action.as_deref().map(|action| Column::Action.eq(action)))
            .add_option(self.verdict.map(|verdict| Column::Verdict.eq(Word(verdict))))
            .add_option(self.correlation.map(|correlation| Column::Correlation.eq(correlation)))
            .add_option(self.addresses.as_ref().map(|all| Column::AddressDigest.is_in(all.iter().map(String::as_str))))
    }

    /// What the index of links has of it. Where it does not tell, the entry does.
    fn of_links(&self) -> Condition {
        let action = self.action.as_deref().map(|action| Condition::any().add(Link::Action.eq(action)).add(Link::Action.is_null()));
        Condition::all()
            .add_option(self.actor.as_deref().map(|actor| Link::Actor.eq(actor)))
            .add_option(action)
            .add_option(self.verdict.map(|verdict| Link::Verdict.eq(Word(verdict))))
    }

    /// Whether an entry between the right instants, about the right thing, is like it.
    fn matches(&self, row: &Model) -> bool {
        let is = |wanted: &Option<String>, has: &str| wanted.as_deref().is_none_or(|wanted| wanted == has);
        is(&self.actor, &row.actor)
            && is(&self.action, &row.action)
            && self.verdict.is_none_or(|verdict| row.verdict.0 == verdict)
            && self.correlation.is_none_or(|correlation| row.correlation == correlation)
            && self.addresses.as_ref().is_none_or(|all| row.address_digest.as_ref().is_some_and(|digest| all.contains(digest)))
    }
}

/// Entries between two positions to which a condition leads, and that are like what is looked for.
async fn look(db: &DatabaseConnection, lead: Lead, span: Span, wanted: Wanted<'_>) -> Result<Looked, DbErr> {
    if span.low > span.high {
        return Ok(Looked { rows: vec![], end: None });
    }
    let condition = match lead {
        Lead::Subject(subject) => return about(db, subject, span, wanted).await,
        Lead::Where(condition) => Condition::all().add(condition),
        Lead::All => Condition::all(),
    };
    let Wanted { filter, order, most, lacking } = wanted;
    let all = Entity::find().filter(condition);
    let Some(most) = most else {
        let rows = ordered(all, Column::Position, span, order).limit(lacking).all(db).await?;
        return Ok(Looked { rows, end: None });
    };
    let end = end(db, all.clone(), Column::Position, (span, order), most).await?;
    let like = ordered(all.filter(unseen(filter.of_entries())), Column::Position, span.until(order, end), order).limit(lacking);
    let rows = if db.get_database_backend() == DbBackend::Sqlite {
        // It looks at what the index has before it goes to a row.
        like.all(db).await?
    } else {
        // It would go to each row, unless nothing else is asked for than what the index has.
        let positions: Vec<i64> = like.select_only().column(Column::Position).into_tuple().all(db).await?;
        let mut rows = of(db, Column::Position.is_in(positions.iter().copied()), |row| row.position).await?;
        positions.iter().filter_map(|position| rows.remove(position)).collect()
    };
    Ok(Looked { rows, end })
}

/// The same where it leads over links, each to an entry.
async fn about(db: &DatabaseConnection, subject: Uuid, span: Span, wanted: Wanted<'_>) -> Result<Looked, DbErr> {
    let Wanted { filter, order, most, lacking } = wanted;
    let all = subjects::Entity::find().filter(Link::Subject.eq(subject));
    let end = match most {
        Some(most) => end(db, all.clone(), Link::Position, (span, order), most).await?,
        None => None,
    };
    let like = if most.is_some() { all.filter(unseen(filter.of_links())) } else { all };
    // A link may have been made by a later event of the entry before the first one: that is left out, and another one read for it.
    let read = lacking.saturating_add(1);
    let like = ordered(like, Link::Position, span.until(order, end), order).limit(read);
    let links: Vec<(Uuid, i64)> = like.select_only().column(Link::Entry).column(Link::Position).into_tuple().all(db).await?;
    let mut rows = of(db, Column::Entry.is_in(links.iter().map(|(entry, _)| *entry)), |row| row.entry).await?;
    let is_full = u64::try_from(links.len()).is_ok_and(|links| links == read);
    let last = links.last().map(|(_, position)| *position).filter(|_| is_full);
    let rows = links.iter().filter_map(|(entry, _)| rows.remove(entry));
    let rows: Vec<_> = rows.filter(|row| (span.low..=span.high).contains(&row.position) && filter.matches(row)).collect();
    Ok(Looked { rows, end: last.or(end) })
}

/// Entries by what they are asked for by.
async fn of<K: Eq + std::hash::Hash>(db: &DatabaseConnection, which: Expr, key: fn(&Model) -> K) -> Result<HashMap<K, Model>, DbErr> {
    Ok(Entity::find().filter(which).all(db).await?.into_iter().map(|row| (key(&row), row)).collect())
}

/// How far so many lead; none, if there are fewer.
async fn end<E: EntityTrait>(
    db: &DatabaseConnection,
    all: Select<E>,
    position: E::Column,
    (span, order): (Span, Order),
    most: u64,
) -> Result<Option<i64>, DbErr> {
    let nth = ordered(all, position, span, order).offset(most.saturating_sub(1)).limit(1);
    nth.select_only().column(position).into_tuple().one(db).await
}

/// A condition that no database takes another index for than the one that leads: `SQLite` keeps no statistics, and might take any.
fn unseen(condition: Condition) -> Expr {
    let holds: Expr = Expr::case(condition, 1).finally(0).into();
    sea_query::ExprTrait::eq(holds, 1)
}

fn ordered<E: EntityTrait>(all: Select<E>, position: E::Column, span: Span, order: Order) -> Select<E> {
    let within = all.filter(position.gte(span.low)).filter(position.lte(span.high));
    match order {
        Order::LatestFirst => within.order_by_desc(position),
        Order::EarliestFirst => within.order_by_asc(position),
    }
}

impl Span {
    /// As far as an end, if there is one.
    fn until(self, order: Order, end: Option<i64>) -> Self {
        match (order, end) {
            (_, None) => self,
            (Order::LatestFirst, Some(end)) => Self { low: end, ..self },
            (Order::EarliestFirst, Some(end)) => Self { high: end, ..self },
        }
    }
}

/// The positions of the instants that are asked for: entries are recorded in the order of their instants. None, if there is no entry.
async fn span(db: &DatabaseConnection, filter: &Filter) -> Result<Option<Span>, DbErr> {
    let all = || Entity::find().select_only().column(Column::Position);
    let mut span = Span { low: 0, high: i64::MAX };
    if let Some(since) = filter.since {
        let first = all().filter(Column::At.gte(since)).order_by_asc(Column::At).order_by_asc(Column::Position);
        let Some(low) = first.into_tuple().one(db).await? else { return Ok(None) };
        span.low = low;
    }
    if let Some(until) = filter.until {
        let last = all().filter(Column::At.lt(until)).order_by_desc(Column::At).order_by_desc(Column::Position);
        let Some(high) = last.into_tuple().one(db).await? else { return Ok(None) };
        span.high = high;
    }
    Ok(Some(span))
}

#[cfg(test)]
mod tests;
