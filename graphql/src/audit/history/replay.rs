//! Which events are on a page of a history, and what each of them changed.

use std::{collections::HashSet, ops::RangeInclusive, sync::Arc};

use domain::fact::{self, Fact, State};
use journal::{Position, Recorded};
use serde_json::{Map, Value};

use super::HistoryItem;

/// Differences that are shown of one event.
const MOST: usize = 200;

type Fields = Map<String, Value>;

/// The first items after a position, of streams by kind, and whether there are more. States are compared on the page alone: of a long
/// stream each is megabytes.
pub(super) fn page(
    streams: Vec<(&'static str, Vec<Recorded>)>,
    after: Option<i64>,
    first: usize,
) -> serde_json::Result<(Vec<HistoryItem>, bool)> {
    let all = streams.iter().flat_map(|(_, events)| events).map(|event| event.position);
    let mut positions: Vec<Position> = all.filter(|at| after.is_none_or(|after| at.0 > after)).collect();
    positions.sort_unstable();
    let is_more = positions.len() > first;
    positions.truncate(first);
    let mut items: Vec<HistoryItem> = Vec::with_capacity(positions.len());
    if let (Some(begin), Some(end)) = (positions.first(), positions.last()) {
        for (kind, events) in streams {
            replay(kind, events, &(*begin..=*end), &mut items)?;
        }
    }
    items.sort_unstable_by_key(|item| item.event.position);
    Ok((items, is_more))
}

/// The events of a stream that are on the page, each with what it changed.
fn replay(kind: &str, events: Vec<Recorded>, page: &RangeInclusive<Position>, items: &mut Vec<HistoryItem>) -> serde_json::Result<()> {
    let Some(mut state) = State::blank(kind) else { return Ok(()) };
    if !events.iter().any(|event| page.contains(&event.position)) {
        return Ok(());
    }
    // What is a secret in an event is one in the state as well.
    let mut secrets: HashSet<&str> = HashSet::new();
    let mut last = None;
    for event in events.into_iter().take_while(|event| event.position <= *page.end()) {
        // What cannot be read changed nothing that could be told.
        let fact = Fact::read(kind, &event.name, event.version, event.payload.as_str()).unwrap_or(Fact::Unknown);
        secrets.extend(fact.secrets());
        if !page.contains(&event.position) {
            state.evolve(&fact);
            continue;
        }
        let before = last.take().map_or_else(|| state.to_value(), Ok)?;
        state.evolve(&fact);
        let after = state.to_value()?;
        let (old, new) = narrowed(&before, &after);
        let mut changes = fact::differences(&old, &new);
        changes.retain(|change| !change.path.split('.').any(|name| secrets.contains(name)));
        changes.truncate(MOST);
        items.push(HistoryItem { changes, secrets: fact.secrets(), event: Arc::new(event) });
        last = Some(after);
    }
    Ok(())
}

/// Two states that differ in the same places, without most of what is the same in both, which is nearly all of a large one: naming
/// each leaf of it takes longer than all else.
fn narrowed(before: &Value, after: &Value) -> (Value, Value) {
    match (before, after) {
        _ if before == after => (Value::Null, Value::Null),
        (Value::Object(old), Value::Object(new)) if !is_personal(old) && !is_personal(new) => {
            let (old, new) = narrowed_fields(old, new);
            (Value::Object(old), Value::Object(new))
        }
        (Value::Array(old), Value::Array(new)) => {
            // Each stays at its index.
            let both = old.len().min(new.len());
            let (mut olds, mut news): (Vec<_>, Vec<_>) = old.iter().zip(new).map(|(old, new)| narrowed(old, new)).unzip();
            olds.extend_from_slice(&old[both..]);
            news.extend_from_slice(&new[both..]);
            (Value::Array(olds), Value::Array(news))
        }
        _ => (before.clone(), after.clone()),
    }
}

fn narrowed_fields(old: &Fields, new: &Fields) -> (Fields, Fields) {
    let (mut olds, mut news) = (Fields::new(), Fields::new());
    let mut kept = None;
    for (name, before) in old {
        match new.get(name) {
            Some(after) if after == before => kept = Some(name),
            Some(after) => {
                let (before, after) = narrowed(before, after);
                olds.insert(name.clone(), before);
                news.insert(name.clone(), after);
            }
            None => drop(olds.insert(name.clone(), before.clone())),
        }
    }
    let added = new.iter().filter(|(name, _)| !old.contains_key(*name));
    news.extend(added.map(|(name, value)| (name.clone(), value.clone())));
    // One of those that are the same stays: to have no fields at all is another thing than to have some.
    if let Some(name) = kept {
        olds.insert(name.clone(), Value::Null);
        news.insert(name.clone(), Value::Null);
    }
    (olds, news)
}

/// Whether it is a personal value: one leaf, whatever is in it.
fn is_personal(fields: &Fields) -> bool {
    fields.contains_key("$personal")
}

#[cfg(test)]
mod tests;
