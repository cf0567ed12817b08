//! Pages of events, decoded once for all reactions that are about as far as each other.

use std::sync::Arc;

use domain::fact::Fact;
use journal::{Journal, Position, Recorded};
use tokio::sync::Mutex;

use crate::Fault;

const PAGE: u32 = 500;

/// An event as a reaction takes it.
pub(super) struct Incoming {
    pub(super) event: Arc<Recorded>,
    /// `None`: it cannot be read.
    fact: Option<Fact>,
}

impl Incoming {
    pub(super) fn new(event: Arc<Recorded>) -> Self {
        let fact = read(&event).ok();
        Self { event, fact }
    }

    /// # Errors
    /// It cannot be read, or a newer build may do something about it: passed over here, it would be lost to that.
    pub(super) fn fact(&self) -> Result<&Fact, Fault> {
        let event = &self.event;
        match &self.fact {
            Some(Fact::Unknown) if Fact::knows(&event.stream.kind) => {
                Err(Fault::Newer { stream: event.stream.to_string(), event: event.name.clone(), version: event.version })
            }
            Some(fact) => Ok(fact),
            None => match read(event) {
                Err(fault) => Err(fault),
                Ok(_) => Err(Fault::Outside("an event could be read only the second time".into())),
            },
        }
    }
}

fn read(event: &Recorded) -> Result<Fact, Fault> {
    Ok(Fact::read(&event.stream.kind, &event.name, event.version, event.payload.as_str())?)
}

/// Events in order, without gaps.
#[derive(Clone, Default)]
struct Page {
    after: Position,
    events: Arc<[Incoming]>,
}

/// Those of a page that come after a position.
pub(super) struct Rest {
    page: Page,
    first: usize,
}

impl Rest {
    pub(super) fn events(&self) -> &[Incoming] {
        &self.page.events[self.first..]
    }
}

/// The page that was decoded last, for those that come to it next.
pub(super) struct Pages {
    journal: Arc<dyn Journal>,
    last: Mutex<Page>,
}

impl Pages {
    pub(super) fn new(journal: Arc<dyn Journal>) -> Self {
        Self { journal, last: Mutex::default() }
    }

    /// Some of the events after a position; none, if there are none yet.
    ///
    /// # Errors
    /// The journal could not be read.
    pub(super) async fn after(&self, position: Position) -> Result<Rest, Fault> {
        let mut last = self.last.lock().await;
        let end = last.events.last().map_or(Position(0), |incoming| incoming.event.position);
        if !(last.after..end).contains(&position) {
            let events = self.journal.follow(position, PAGE).await?;
            *last = Page { after: position, events: events.into_iter().map(Incoming::new).collect() };
        }
        let first = last.events.partition_point(|incoming| incoming.event.position <= position);
        Ok(Rest { page: last.clone(), first })
    }
}
