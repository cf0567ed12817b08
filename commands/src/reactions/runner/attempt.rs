//! One try at the events of one stream.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt;
use journal::{JournalError, Parked, Position, StreamId, TimerChange};

use super::{Follower, pages::Incoming};
use crate::Fault;

/// What came of the events of a stream.
#[derive(Default)]
pub(super) struct Tried {
    /// Of the events that were taken, in order, and at which.
    pub(super) timers: Vec<(Position, TimerChange)>,
    /// The event that was not, and with it all after it.
    pub(super) stuck: Option<Parked>,
    /// The event at which something came in the way that is no event's fault, such as a database that is away.
    pub(super) held_up: Option<(Position, Fault)>,
}

impl Follower {
    /// Takes a stream's events in order, up to the first that fails. Nothing is set aside for what is no event's fault.
    pub(super) async fn attempt<'e>(
        &self,
        stream: &StreamId,
        events: impl IntoIterator<Item = &'e Incoming, IntoIter: Send> + Send,
        before: Option<&Parked>,
    ) -> Tried {
        let mut tried = Tried::default();
        for incoming in events {
            let event = &incoming.event;
            match self.react(incoming).await {
                Ok(timers) => tried.timers.extend(timers.into_iter().map(|timer| (event.position, timer))),
                Err(fault) if is_passing(&fault) => {
                    tried.held_up = Some((event.position, fault));
                    break;
                }
                Err(fault) => {
                    let again = before.filter(|parked| parked.position == event.position);
                    let attempts = again.map_or(1, |parked| parked.attempts.saturating_add(1));
                    self.failed(&fault, attempts, "a reaction failed, and its stream is set aside");
                    let at = again.filter(|parked| parked.attempts > 0).map_or_else(|| (self.clock)(), |parked| parked.at);
                    let (stream, position) = (stream.clone(), event.position);
                    tried.stuck = Some(Parked { stream, position, reason: reason(&fault), attempts, at });
                    break;
                }
            }
        }
        tried
    }

    async fn react(&self, incoming: &Incoming) -> Result<Vec<TimerChange>, Fault> {
        let (event, fact) = (&incoming.event, incoming.fact()?);
        let reacted = AssertUnwindSafe(self.reaction.react(event, fact, &self.commands)).catch_unwind().await;
        reacted.unwrap_or_else(|_| Err(Fault::Outside("the reaction panicked".into())))
    }

    /// The events of a stream that was set aside, from the one that failed to the last that was taken.
    pub(super) async fn backlog(&self, parked: &Parked, taken: Position) -> Result<Vec<Incoming>, Fault> {
        let events = self.journal.load(&parked.stream, 0).await?;
        Ok(events
            .into_iter()
            .filter(|event| (parked.position..=taken).contains(&event.position))
            .map(Arc::new)
            .map(Incoming::new)
            .collect())
    }
}

/// Whether it is a matter of time alone, and of no event.
pub(super) const fn is_passing(fault: &Fault) -> bool {
    match fault {
        Fault::Journal(JournalError::Fenced(_)) => true,
        Fault::Outside(_) => false,
        fault => fault.retryable(),
    }
}

/// Why a stream is set aside, for operators: without what a payload holds, which decoders like to quote.
fn reason(fault: &Fault) -> String {
    const LONGEST: usize = 500;
    let text = match fault {
        Fault::Undecodable(error) => format!("the event {} is unreadable", error.event.as_deref().unwrap_or(&error.kind)),
        Fault::Json(_) => "a value could not be turned into JSON or back".into(),
        fault => fault.to_string(),
    };
    text.chars().take(LONGEST).collect()
}
