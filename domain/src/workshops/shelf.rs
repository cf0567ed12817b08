//! How much content the workshops of an author take. Its stream's id is the author's: whatever happens at the same time meets here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::WorkshopRejection as Rejection;
use crate::{
    Decider, Event,
    kernel::{Mebibytes, Plan, Timestamp, WorkshopId},
};

/// What an author's workshops take, in bytes: of each its draft, and its latest version where that has other content.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Shelf {
    held: BTreeMap<WorkshopId, u64>,
}

/// How much room there is on a shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub plan: Plan,
    pub cap: Mebibytes,
}

#[derive(Debug)]
pub enum ShelfCommand {
    /// A workshop takes so much from now on. `room` is absent where nobody is held to it.
    Put { workshop: WorkshopId, bytes: u64, room: Option<Room> },
    /// A workshop takes nothing any more.
    Clear { workshop: WorkshopId },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ShelfEvent {
    /// `used` is what all take afterwards.
    Filled {
        workshop: WorkshopId,
        bytes: u64,
        used: u64,
    },
    Cleared {
        workshop: WorkshopId,
        used: u64,
    },
}

impl Shelf {
    /// What all of them take, in bytes.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.held.values().fold(0, |used, bytes| used.saturating_add(*bytes))
    }

    fn without(&self, workshop: WorkshopId) -> u64 {
        self.used() - self.held.get(&workshop).copied().unwrap_or_default()
    }
}

impl Decider for Shelf {
    const STREAM: &'static str = "shelf";
    type Command = ShelfCommand;
    type Event = ShelfEvent;
    type Rejection = Rejection;

    fn decide(&self, command: ShelfCommand, _now: Timestamp) -> Result<Vec<ShelfEvent>, Rejection> {
        match command {
            ShelfCommand::Put { workshop, bytes, room } => {
                let before = self.held.get(&workshop).copied().unwrap_or_default();
                let used = self.without(workshop).saturating_add(bytes);
                match room {
                    // Whoever has too much can always make it less.
                    Some(Room { plan, cap }) if bytes > before && used > cap.bytes() => {
                        Err(Rejection::StorageExceeded { limit: cap.bytes(), used: self.used(), plan })
                    }
                    _ if bytes == before => Ok(vec![]),
                    _ => Ok(vec![ShelfEvent::Filled { workshop, bytes, used }]),
                }
            }
            ShelfCommand::Clear { workshop } if self.held.contains_key(&workshop) => {
                Ok(vec![ShelfEvent::Cleared { workshop, used: self.without(workshop) }])
            }
            ShelfCommand::Clear { .. } => Ok(vec![]),
        }
    }

    fn evolve(&mut self, event: &ShelfEvent) {
        match event {
            ShelfEvent::Filled { workshop, bytes, .. } => self.held.insert(*workshop, *bytes),
            ShelfEvent::Cleared { workshop, .. } => self.held.remove(workshop),
        };
    }
}

impl Event for ShelfEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Filled { .. } => "ShelfFilled",
            Self::Cleared { .. } => "ShelfCleared",
        }
    }
}

#[cfg(test)]
mod tests;
