//! Finding entries. Each page costs the same, wherever it is and whatever it is asked for: one condition is answered from an index,
//! the others are looked at row by row, in so many rows at the most. A page may therefore hold fewer rows than were asked for, and
//! there still be more.

use std::collections::HashMap;

use domain::{audit::trail::Verdict, kernel::Timestamp};
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, entity::prelude::Uuid,
    sea_query::Expr,
};

use super::{
    entries::{Column, Entity, Model},
    subjects,
};
use crate::column::Word;

/// Rows looked at together, where more than one condition is to be met.
const CHUNK: u64 = 500;
/// Rows looked at for one page.
const MOST: usize = 2000;

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

/// What a page is to become.
#[derive(Clone, Copy)]
struct Wanted<'f> {
    filter: &'f Filter,
    order: Order,
    /// Whether there is one condition at most.
    alone: bool,
    /// Rows that are looked at together.
    chunk: u64,
}

/// A row that was looked at, with what is in it if it is like what is looked for.
struct Looked {
    position: i64,
    row: Option<Model>,
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
    let chunk = if alone { u64::try_from(wanted).unwrap_or(u64::MAX).saturating_add(1) } else { CHUNK };
    let page = Wanted { filter, order, alone, chunk };
    let mut found = Found::default();
    let mut looked = 0;
    for lead in &leads {
        let mut left = span;
        loop {
            let lacking = wanted.saturating_sub(found.rows.len()).saturating_add(1);
            let (rows, is_last) = look(db, lead, left, page, lacking).await?;
            for Looked { position, row } in rows {
                if let Some(row) = row {
                    if found.rows.len() == wanted {
                        return Ok(Found { more: true, ..found });
                    }
                    found.reached = Some(position);
                    found.rows.push(row);
                }
                looked += 1;
                match order {
                    Order::LatestFirst => left.high = position - 1,
                    Order::EarliestFirst => left.low = position + 1,
                }
                if looked == MOST && !alone {
                    return Ok(Found { more: true, reached: Some(position), ..found });
                }
            }
            if is_last {
                break;
            }
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
    /// The same as [`Self::matches`], for the database.
    fn conditions(&self) -> Condition {
        Condition::all()
            .add_option(self.actor.as_deref().map(|actor| Column::Actor.eq(actor)))
            .add_option(self.action.as_deref().map(|action| Column::Action.eq(action)))
            .add_option(self.verdict.map(|verdict| Column::Verdict.eq(Word(verdict))))
            .add_option(self.correlation.map(|correlation| Column::Correlation.eq(correlation)))
            .add_option(self.addresses.as_ref().map(|all| Column::AddressDigest.is_in(all.iter().map(String::as_str))))
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

/// Rows between two positions for which the lead holds, of which the first so many are told that are like the filter; and whether there are
/// no others.
async fn look(db: &DatabaseConnection, lead: &Lead, span: Span, wanted: Wanted<'_>, lacking: usize) -> Result<(Vec<Looked>, bool), DbErr> {
    if span.low > span.high {
        return Ok((vec![], true));
    }
    let Wanted { filter, order, alone, chunk } = wanted;
    let (rows, is_last) = match lead {
        Lead::Subject(subject) => about(db, *subject, span, order, chunk).await?,
        Lead::Where(condition) if !alone => return sift(db, condition, span, wanted, lacking).await,
        Lead::Where(condition) => whole(db, Entity::find().filter(condition.clone()), span, order, chunk).await?,
        Lead::All => whole(db, Entity::find(), span, order, chunk).await?,
    };
    let looked = |row: Model| Looked { position: row.position, row: filter.matches(&row).then_some(row) };
    Ok((rows.into_iter().map(looked).collect(), is_last))
}

async fn whole(db: &DatabaseConnection, all: Select<Entity>, span: Span, order: Order, most: u64) -> Result<(Vec<Model>, bool), DbErr> {
    let rows = ordered(all, Column::Position, span, order).limit(most).all(db).await?;
    let is_last = is_fewer(rows.len(), most);
    Ok((rows, is_last))
}

/// Where other conditions are to be met as well, the database looks at them: of most rows nothing but that is read.
async fn sift(
    db: &DatabaseConnection,
    condition: &Expr,
    span: Span,
    wanted: Wanted<'_>,
    lacking: usize,
) -> Result<(Vec<Looked>, bool), DbErr> {
    let Wanted { filter, order, chunk, .. } = wanted;
    let is_like = Expr::case(filter.conditions(), 1).finally(0);
    let entries = Entity::find().select_only().column(Column::Position).expr_as(is_like, "is_like").filter(condition.clone());
    let looked: Vec<(i64, i32)> = ordered(entries, Column::Position, span, order).limit(chunk).into_tuple().all(db).await?;
    let is_last = is_fewer(looked.len(), chunk);
    let like: Vec<i64> = looked.iter().filter(|(_, is_like)| *is_like == 1).map(|(position, _)| *position).take(lacking).collect();
    let rows = if like.is_empty() { vec![] } else { Entity::find().filter(Column::Position.is_in(like)).all(db).await? };
    let mut rows: HashMap<i64, Model> = rows.into_iter().map(|row| (row.position, row)).collect();
    Ok((looked.into_iter().map(|(position, _)| Looked { position, row: rows.remove(&position) }).collect(), is_last))
}

async fn about(db: &DatabaseConnection, subject: Uuid, span: Span, order: Order, most: u64) -> Result<(Vec<Model>, bool), DbErr> {
    let mut left = span;
    loop {
        let links = subjects::Entity::find().filter(subjects::Column::Subject.eq(subject));
        let links = ordered(links, subjects::Column::Position, left, order).limit(most).all(db).await?;
        let is_last = is_fewer(links.len(), most);
        let entries: Vec<_> = links.iter().map(|link| link.entry).collect();
        let mut rows = Entity::find().filter(Column::Entry.is_in(entries)).all(db).await?;
        // A link may have been made by a later event of an entry that lies outside.
        rows.retain(|row| (span.low..=span.high).contains(&row.position));
        rows.sort_unstable_by_key(|row| row.position);
        if order == Order::LatestFirst {
            rows.reverse();
        }
        match links.last() {
            Some(last) if !is_last && rows.is_empty() => match order {
                Order::LatestFirst => left.high = last.position - 1,
                Order::EarliestFirst => left.low = last.position + 1,
            },
            _ => return Ok((rows, is_last)),
        }
    }
}

fn is_fewer(rows: usize, most: u64) -> bool {
    u64::try_from(rows).is_ok_and(|rows| rows < most)
}

fn ordered<E: EntityTrait>(all: Select<E>, position: E::Column, span: Span, order: Order) -> Select<E> {
    let within = all.filter(position.gte(span.low)).filter(position.lte(span.high));
    match order {
        Order::LatestFirst => within.order_by_desc(position),
        Order::EarliestFirst => within.order_by_asc(position),
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
