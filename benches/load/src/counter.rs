//! A small aggregate with events of about 200 bytes.

use domain::{Decider, Event, Rejection, kernel::Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Seats counted through a door.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// How often.
    pub times: u64,
    /// How many in all.
    pub total: u64,
}

#[derive(Clone, Debug)]
pub enum CounterCommand {
    Count { by: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CounterEvent {
    Counted { by: u64, times: u64, total: u64, door: Uuid, remark: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum CounterRejection {
    #[error("nobody came")]
    Nobody,
}

impl Rejection for CounterRejection {}

/// What makes an event as large as a usual one.
const REMARK: &str = "went through the door on the left, was counted by hand, and took the seat that was free";

impl CounterEvent {
    /// The event after one that left these sums.
    #[must_use]
    pub fn counted(by: u64, before: &Counter) -> Self {
        Self::Counted { by, times: before.times + 1, total: before.total + by, door: Uuid::nil(), remark: REMARK.to_owned() }
    }
}

impl Decider for Counter {
    const STREAM: &'static str = "counter";
    type Command = CounterCommand;
    type Event = CounterEvent;
    type Rejection = CounterRejection;

    fn decide(&self, command: CounterCommand, _now: Timestamp) -> Result<Vec<CounterEvent>, CounterRejection> {
        let CounterCommand::Count { by } = command;
        if by == 0 {
            return Err(CounterRejection::Nobody);
        }
        Ok(vec![CounterEvent::counted(by, self)])
    }

    fn evolve(&mut self, event: &CounterEvent) {
        let CounterEvent::Counted { times, total, .. } = event;
        (self.times, self.total) = (*times, *total);
    }
}

impl Event for CounterEvent {
    fn name(&self) -> &'static str {
        "Counted"
    }
}
