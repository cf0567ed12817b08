//! Reading the journal.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject, connection::PageInfo};
use commands::authorization::reads;
use journal::{Position, Recorded};

use super::{
    event::Event,
    filter::EventFilter,
    scan::{self, Found},
};
use crate::{
    context::Access,
    failure::{Failure, Result},
    paging,
};

/// A page of events.
#[derive(SimpleObject)]
pub(crate) struct EventConnection {
    edges: Vec<EventEdge>,
    nodes: Vec<Event>,
    page_info: PageInfo,
}

/// An event and its place.
#[derive(SimpleObject)]
pub(crate) struct EventEdge {
    cursor: String,
    node: Event,
}

#[derive(Default)]
pub(crate) struct EventQueries;

#[Object]
impl EventQueries {
    /// Events in the order in which they happened, for analysts and administrators: the `first` ones `after` a cursor, or
    /// the `last` ones `before` one. A page looks at a bounded number of events: with a filter it may hold fewer than asked
    /// for, and there still be more.
    #[graphql(complexity = "paging::cost(first.or(last), child_complexity)")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        filter: Option<EventFilter>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<EventConnection> {
        ctx.caller().allowed(&reads::EVENTS)?;
        let filter = filter.unwrap_or_default().read()?;
        let backwards = last.is_some() || before.is_some();
        if backwards && (first.is_some() || after.is_some()) {
            return Err(Failure::expected("last", "first and after, or last and before, not both"));
        }
        let journal = &*ctx.services().journal;
        if backwards {
            let before = scan::place(journal, "before", before.as_deref()).await?.unwrap_or(Position(i64::MAX));
            let found = scan::back(journal, &filter, before, room("last", last)?).await?;
            let has_next_page = before.0 <= journal.head().await?.0;
            return Ok(connection(&found, found.more, has_next_page, true));
        }
        let after = scan::place(journal, "after", after.as_deref()).await?.unwrap_or_default();
        let found = scan::forward(journal, &filter, after, room("first", first)?).await?;
        Ok(connection(&found, after.0 > 0, found.more, false))
    }
}

fn room(argument: &str, asked: Option<i32>) -> Result<usize> {
    paging::bounded(argument, asked).map(|room| usize::try_from(room).unwrap_or(usize::MAX))
}

fn connection(found: &Found, has_previous_page: bool, has_next_page: bool, backwards: bool) -> EventConnection {
    let place = |event: &Arc<Recorded>| scan::cursor(event.position).text();
    let reached = found.more.then(|| scan::cursor(found.reached).text());
    let (first, last) = (found.events.first().map(place), found.events.last().map(place));
    let (start_cursor, end_cursor) = if backwards { (reached.or(first), last) } else { (first, reached.or(last)) };
    let edge = |event: &Arc<Recorded>| EventEdge { cursor: place(event), node: event.clone().into() };
    EventConnection {
        edges: found.events.iter().map(edge).collect(),
        nodes: found.events.iter().cloned().map(Event::from).collect(),
        page_info: PageInfo { has_previous_page, has_next_page, start_cursor, end_cursor },
    }
}
