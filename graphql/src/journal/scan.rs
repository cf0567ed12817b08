//! Pages of events that a filter lets through, by position.
//!
//! A page looks at a bounded number of events. One that ends before it is full says that there is more, and its cursor
//! goes on from where it stopped looking.

use std::sync::Arc;

use domain::kernel::Timestamp;
use journal::{Journal, Position, Recorded};

use super::filter::Filter;
use crate::{failure::Result, paging::Cursor};

/// Events read at once.
const CHUNK: u32 = 500;
/// Events looked at for one page.
const BUDGET: usize = 20_000;

/// A page of events, in the order in which they happened.
pub(super) struct Found {
    pub(super) events: Vec<Arc<Recorded>>,
    /// Whether there may be more in the direction of the page.
    pub(super) more: bool,
    /// How far was looked.
    pub(super) reached: Position,
}

/// The cursor of a place among events.
pub(super) const fn cursor(position: Position) -> Cursor<i64> {
    Cursor(position.0)
}

/// The position that a cursor says. Callers may make up any number: none is further than one past the journal's ends.
///
/// # Errors
/// It is no cursor of a place among events, or the journal cannot be read.
pub(super) async fn place(journal: &dyn Journal, argument: &str, text: Option<&str>) -> Result<Option<Position>> {
    let Some(position) = Cursor::<i64>::read(argument, text)? else { return Ok(None) };
    Ok(Some(Position(position.clamp(0, journal.head().await?.0.saturating_add(1)))))
}

/// The first events after a position.
pub(super) async fn forward(journal: &dyn Journal, filter: &Filter, after: Position, first: usize) -> Result<Found> {
    let begin = match filter.from {
        Some(from) => Position(first_at(journal, from, false).await?.0 - 1).max(after),
        None => after,
    };
    let mut page = Page::new(filter, begin, first);
    if let Some(stream) = filter.stream() {
        let events = journal.load(&stream, 0).await?;
        for event in events.into_iter().filter(|event| event.position > begin) {
            if page.is_full_with(event) {
                return Ok(page.found(true));
            }
        }
        return Ok(page.found(false));
    }
    while page.looked < BUDGET {
        let chunk = journal.read(page.reached, CHUNK).await?;
        if chunk.is_empty() || filter.to.is_some_and(|to| chunk[0].recorded_at > to) {
            return Ok(page.found(false));
        }
        for event in chunk {
            if page.is_full_with(event) {
                return Ok(page.found(true));
            }
        }
    }
    Ok(page.found(true))
}

/// The last events before a position.
pub(super) async fn back(journal: &dyn Journal, filter: &Filter, before: Position, last: usize) -> Result<Found> {
    let begin = match filter.to {
        Some(to) => first_at(journal, to, true).await?.min(before),
        None => before,
    };
    let mut page = Page::new(filter, begin, last);
    if let Some(stream) = filter.stream() {
        let events = journal.load(&stream, 0).await?;
        for event in events.into_iter().rev().filter(|event| event.position < begin) {
            if page.is_full_with(event) {
                return Ok(page.found(true).reversed());
            }
        }
        return Ok(page.found(false).reversed());
    }
    while page.looked < BUDGET {
        let chunk = journal.read_back(page.reached, CHUNK).await?;
        if chunk.is_empty() || filter.from.is_some_and(|from| chunk[0].recorded_at < from) {
            return Ok(page.found(false).reversed());
        }
        for event in chunk {
            if page.is_full_with(event) {
                return Ok(page.found(true).reversed());
            }
        }
    }
    Ok(page.found(true).reversed())
}

/// A page that is being filled.
struct Page<'a> {
    filter: &'a Filter,
    room: usize,
    events: Vec<Arc<Recorded>>,
    reached: Position,
    /// How many events were looked at.
    looked: usize,
}

impl<'a> Page<'a> {
    const fn new(filter: &'a Filter, reached: Position, room: usize) -> Self {
        Self { filter, room, events: Vec::new(), reached, looked: 0 }
    }

    /// Looks at an event; whether it would be one too many, which is then left out.
    fn is_full_with(&mut self, event: Recorded) -> bool {
        self.looked += 1;
        if self.filter.matches(&event) {
            if self.events.len() == self.room {
                return true;
            }
            self.reached = event.position;
            self.events.push(Arc::new(event));
        } else {
            self.reached = event.position;
        }
        false
    }

    fn found(self, more: bool) -> Found {
        Found { events: self.events, more, reached: self.reached }
    }
}

impl Found {
    fn reversed(mut self) -> Self {
        self.events.reverse();
        self
    }
}

/// The position of the first event recorded at an instant or later (`after`: only later); one past the head, if there is none.
/// Times never go back along the journal, so it can be searched by halves.
async fn first_at(journal: &dyn Journal, at: Timestamp, after: bool) -> Result<Position> {
    let (mut low, mut high) = (1, journal.head().await?.0 + 1);
    while low < high {
        let middle = i64::midpoint(low, high);
        let event = journal.read(Position(middle - 1), 1).await?;
        let is_before = event.first().is_some_and(|event| event.recorded_at < at || (after && event.recorded_at == at));
        if is_before {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(Position(low))
}
