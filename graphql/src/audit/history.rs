//! How something came to be as it is.

mod replay;

use std::sync::Arc;

use async_graphql::{
    Context, ID, Json, Object, SimpleObject,
    connection::{Connection, Edge},
};
use commands::authorization::reads;
use domain::{
    fact::{self, Fact},
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
        self.changes.iter().map(change).collect()
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
        let mut streams = Vec::new();
        for kind in Fact::KINDS {
            streams.push((*kind, ctx.services().journal.load(&StreamId::new(kind, id), 0).await?));
        }
        // Of a long stream it is work for which nobody else should wait.
        let page = tokio::task::spawn_blocking(move || replay::page(streams, after, first)).await;
        let (items, is_more) = page.map_err(|error| Failure::Internal(format!("a history could not be told: {error}")))??;
        let mut list = Connection::new(after.is_some(), is_more);
        let edge = |item: HistoryItem| Edge::new(Cursor(item.event.position.0), item);
        list.edges.extend(items.into_iter().map(edge));
        Ok(list)
    }
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
