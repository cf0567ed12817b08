//! Reading the audit.

use async_graphql::{Context, Object, SimpleObject, connection::PageInfo};
use commands::authorization::reads;
use projections::audit::{Found, Order, entries, search};

use super::{entry::AuditEntry, filter::AuditFilter};
use crate::{
    context::Access,
    failure::{Failure, Result},
    paging::{self, Cursor},
};

/// A page of the audit.
#[derive(SimpleObject)]
pub(crate) struct AuditConnection {
    edges: Vec<AuditEdge>,
    nodes: Vec<AuditEntry>,
    page_info: PageInfo,
}

/// An entry and its place.
#[derive(SimpleObject)]
pub(crate) struct AuditEdge {
    cursor: String,
    node: AuditEntry,
}

#[derive(Default)]
pub(crate) struct AuditQueries;

#[Object]
impl AuditQueries {
    /// What was asked, by whom, and what came of it, in the order in which it was recorded: the `first` entries `after` a cursor, or
    /// the `last` ones `before` one. A page looks at a bounded number of entries: with several conditions it may hold fewer than
    /// asked for, and there still be more; its cursors go on from where it stopped.
    #[graphql(complexity = "paging::cost(first.or(last), child_complexity)")]
    async fn audit_trail(
        &self,
        ctx: &Context<'_>,
        filter: Option<AuditFilter>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<AuditConnection> {
        ctx.caller().allowed(&reads::AUDIT_TRAIL)?;
        let backwards = last.is_some() || before.is_some();
        if backwards && (first.is_some() || after.is_some()) {
            return Err(Failure::expected("last", "first and after, or last and before, not both"));
        }
        let filter = filter.unwrap_or_default().read(ctx.services()).await?;
        let (order, argument, count, from) = if backwards {
            (Order::LatestFirst, "last", last, Cursor::read("before", before.as_deref())?)
        } else {
            (Order::EarliestFirst, "first", first, Cursor::read("after", after.as_deref())?)
        };
        let wanted = usize::try_from(paging::bounded(argument, count)?).unwrap_or(usize::MAX);
        let found = search(ctx.db(), &filter, order, from, wanted).await?;
        Ok(connection(found, backwards, from.is_some()))
    }
}

/// A page that ends before it is full has a cursor that goes on from where it stopped looking.
fn connection(found: Found, backwards: bool, has_other_side: bool) -> AuditConnection {
    let Found { rows, more, reached } = found;
    let reached = reached.filter(|_| more).map(|position| Cursor(position).text());
    let edge = |row: entries::Model| AuditEdge { cursor: Cursor(row.position).text(), node: AuditEntry(row) };
    let mut edges: Vec<_> = rows.into_iter().map(edge).collect();
    if backwards {
        edges.reverse();
    }
    let (first, last) = (edges.first().map(|edge| edge.cursor.clone()), edges.last().map(|edge| edge.cursor.clone()));
    let (has_previous_page, has_next_page) = if backwards { (more, has_other_side) } else { (has_other_side, more) };
    let (start_cursor, end_cursor) = if backwards { (reached.or(first), last) } else { (first, reached.or(last)) };
    let nodes = edges.iter().map(|edge| edge.node.clone()).collect();
    AuditConnection { edges, nodes, page_info: PageInfo { has_previous_page, has_next_page, start_cursor, end_cursor } }
}
