//! What the journal keeps for those who follow it: how far they are, what they will do later, what they set aside.

use chrono::{DateTime, Utc};

use crate::{Fence, Position, StreamId};

/// A promise to do something at an instant. It may fire twice or late: handlers look at the state again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// Unique within the subscriber.
    pub key: String,
    /// When.
    pub due: DateTime<Utc>,
}

/// A change of a subscriber's timers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimerChange {
    /// Sets a timer, or moves the one with the same key.
    Set(Timer),
    /// Removes it, if it is there.
    Cancel(String),
}

/// A stream that a subscriber set aside: its events from `position` on have not been taken, those of other streams have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// Which stream.
    pub stream: StreamId,
    /// The first event of it that was not taken.
    pub position: Position,
    /// Why, without secrets and personal values.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was set aside.
    pub at: DateTime<Utc>,
}

/// A change of what a subscriber set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParkChange {
    /// Sets a stream aside, or replaces what is said of it.
    Park(Parked),
    /// Takes it up again.
    Release(StreamId),
}

/// What a subscriber has done, written in one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advance {
    /// Whose.
    pub subscriber: String,
    /// The new checkpoint; `None` leaves it where it is.
    pub to: Option<Position>,
    /// In order.
    pub timers: Vec<TimerChange>,
    /// In order.
    pub parked: Vec<ParkChange>,
    /// A lease that must still be held.
    pub fence: Option<Fence>,
}

impl Advance {
    /// Moves the checkpoint and nothing else.
    #[must_use]
    pub fn to(subscriber: impl Into<String>, position: Position) -> Self {
        Self { subscriber: subscriber.into(), to: Some(position), ..Self::default() }
    }
}
