//! How something came to be as it is.

use std::{collections::HashSet, sync::Arc};

use async_graphql::{
    Context, ID, Json, Object, SimpleObject,
    connection::{Connection, Edge},
};
use commands::authorization::reads;
use domain::{
    fact::{self, Fact, State},
    kernel::{AccountId, Timestamp},
};
use journal::{Recorded, StreamId};
use projections::audit::subjects::id_of;
use serde_json::Value;

use crate::{
    context::Access,
    failure::{Failure, Result},
    journal::{Event, without_personal},
    paging::{self, Cursor},
    personal,
};

/// Differences that are shown of one event.
const MOST: usize = 200;

/// Something that an event changed.
#[derive(SimpleObject)]
pub(crate) struct Change {
    /// What of it: names and numbers with dots between them; empty for the whole.
    path: String,
    /// Null, if there was none. Of a personal value it says only whose it is.
    before: Option<Json<Value>>,
    after: Option<Json<Value>>,
}

/// An event in something's history.
pub(crate) struct HistoryItem {
    event: Arc<Recorded>,
    changes: Vec<fact::Difference>,
    /// Fields of the event that are told to nobody.
    secrets: &'static [&'static str],
}

/// An event in something's history.
#[Object]
impl HistoryItem {
    async fn at(&self) -> Timestamp {
        self.event.recorded_at
    }

    /// What happened, for people.
    async fn sentence(&self, ctx: &Context<'_>) -> Result<String> {
        let actor = &self.event.metadata.actor;
        let name = match actor.parse::<AccountId>() {
            Ok(id) => match ctx.loaders().accounts.load_one(id).await? {
                Some(row) => match personal::open(ctx, &row.display_name).await? {
                    Some(name) => format!("{} ({actor})", name.as_str()),
                    None => actor.clone(),
                },
                None => actor.clone(),
            },
            Err(_) => actor.clone(),
        };
        let payload = without_personal(self.event.payload.to_value()?);
        Ok(sentence(&self.event.name, &name, self.event.metadata.on_behalf_of.as_deref(), &payload, self.secrets))
    }

    /// What it changed, at most 200 things.
    async fn changes(&self) -> Vec<Change> {
        let shown = |value: &Option<Value>| value.clone().map(without_personal).map(Json);
        let change = |it: &fact::Difference| Change { path: it.path.clone(), before: shown(&it.before), after: shown(&it.after) };
        self.changes.iter().take(MOST).map(change).collect()
    }

    async fn event(&self) -> Event {
        self.event.clone().into()
    }
}

#[derive(Default)]
pub(crate) struct HistoryQueries;

#[Object]
impl HistoryQueries {
    /// What happened to something, in the order in which it happened; of an account what happened to its second factor, its addresses
    /// and its points as well.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn history(
        &self,
        ctx: &Context<'_>,
        node_id: ID,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Connection<Cursor<i64>, HistoryItem>> {
        ctx.caller().allowed(&reads::HISTORY)?;
        let id = id_of(&node_id).ok_or_else(|| Failure::expected("nodeId", "an id as the API gives it"))?;
        let first = usize::try_from(paging::bounded("first", first)?).unwrap_or(usize::MAX);
        let after = Cursor::<i64>::read("after", after.as_deref())?;
        let mut items = Vec::new();
        for kind in Fact::KINDS {
            let events = ctx.services().journal.load(&StreamId::new(kind, id), 0).await?;
            replay(kind, events, after, &mut items)?;
        }
        items.sort_unstable_by_key(|item| item.event.position);
        let mut list = Connection::new(after.is_some(), items.len() > first);
        let edge = |item: HistoryItem| Edge::new(Cursor(item.event.position.0), item);
        list.edges.extend(items.into_iter().take(first).map(edge));
        Ok(list)
    }
}

/// The events of a stream after a position, each with what it changed.
fn replay(kind: &str, events: Vec<Recorded>, after: Option<i64>, items: &mut Vec<HistoryItem>) -> Result<()> {
    let Some(mut state) = State::blank(kind) else { return Ok(()) };
    let mut before = state.to_value()?;
    // What is a secret in an event is one in the state as well.
    let mut secrets: HashSet<&str> = HashSet::new();
    for event in events {
        // What cannot be read changed nothing that could be told.
        let fact = Fact::read(kind, &event.name, event.version, event.payload.as_str()).unwrap_or(Fact::Unknown);
        secrets.extend(fact.secrets());
        state.evolve(&fact);
        let now = state.to_value()?;
        if after.is_none_or(|after| event.position.0 > after) {
            let mut changes = fact::differences(&before, &now);
            changes.retain(|change| !change.path.split('.').any(|name| secrets.contains(name)));
            items.push(HistoryItem { changes, secrets: fact.secrets(), event: Arc::new(event) });
        }
        before = now;
    }
    Ok(())
}

/// Such as `Role granted by Ada (acc_…): role author.`
fn sentence(name: &str, actor: &str, on_behalf_of: Option<&str>, payload: &Value, secrets: &[&str]) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
    }
    let behalf = on_behalf_of.map(|whom| format!(" on behalf of {whom}")).unwrap_or_default();
    let fields = match payload {
        Value::Object(variant) if variant.len() == 1 => variant.values().next().and_then(Value::as_object),
        _ => None,
    };
    let scalar = |(name, value): (&String, &Value)| {
        let text = match value {
            Value::String(text) if text.chars().count() <= 80 => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(is) => is.to_string(),
            _ => return None,
        };
        Some(format!("{} {text}", name.replace('_', " ")))
    };
    let told = fields.into_iter().flatten().filter(|(name, _)| !secrets.contains(&name.as_str()));
    let details: Vec<_> = told.filter_map(scalar).take(6).collect();
    let details = if details.is_empty() { String::new() } else { format!(": {}", details.join(", ")) };
    format!("{words} by {actor}{behalf}{details}.")
}

#[cfg(test)]
mod tests;
