//! One try at the events of one stream.

use std::panic::AssertUnwindSafe;

use domain::fact::Fact;
use futures_util::FutureExt;
use journal::{JournalError, Parked, Position, Recorded, StreamId, TimerChange, vault::VaultError};

use super::Follower;
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
    pub(super) async fn attempt(&self, stream: &StreamId, events: &[Recorded], before: Option<&Parked>) -> Tried {
        let mut tried = Tried::default();
        for event in events {
            match self.react(event).await {
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

    async fn react(&self, event: &Recorded) -> Result<Vec<TimerChange>, Fault> {
        let kind = &event.stream.kind;
        let fact = Fact::read(kind, &event.name, event.version, event.payload.as_str())?;
        if fact == Fact::Unknown && Fact::knows(kind) {
            // A newer build may do something about it: passed over here, it would be lost to that.
            return Err(Fault::Newer { stream: event.stream.to_string(), event: event.name.clone(), version: event.version });
        }
        let reacted = AssertUnwindSafe(self.reaction.react(event, &fact, &self.commands)).catch_unwind().await;
        reacted.unwrap_or_else(|_| Err(Fault::Outside("the reaction panicked".into())))
    }

    /// The events of a stream that was set aside, from the one that failed to the checkpoint.
    pub(super) async fn backlog(&self, parked: &Parked, checkpoint: Position) -> Result<Vec<Recorded>, Fault> {
        let mut events = self.journal.load(&parked.stream, 0).await?;
        events.retain(|event| (parked.position..=checkpoint).contains(&event.position));
        Ok(events)
    }
}

/// Whether it is a matter of time alone, and of no event.
pub(super) const fn is_passing(fault: &Fault) -> bool {
    match fault {
        Fault::Journal(JournalError::Fenced(_) | JournalError::Seal(VaultError::Unavailable(_)))
        | Fault::Vault(VaultError::Unavailable(_)) => true,
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
