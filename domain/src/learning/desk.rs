//! How much a learner has open at once. Its stream's id is the learner's: whatever happens at the same time meets here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::LearningRejection as Rejection;
use crate::{
    Decider, Event,
    kernel::{Plan, SessionId, Timestamp, WorkshopId},
};

/// A learner's active sessions, at most one per workshop.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Desk {
    active: BTreeMap<WorkshopId, SessionId>,
}

#[derive(Debug)]
pub enum DeskCommand {
    /// `cap` is how many sessions the learner's plan allows at once.
    Take {
        session: SessionId,
        workshop: WorkshopId,
        plan: Plan,
        cap: u32,
    },
    Clear {
        session: SessionId,
        workshop: WorkshopId,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum DeskEvent {
    /// `active` is how many there are afterwards.
    Taken {
        session: SessionId,
        workshop: WorkshopId,
        active: u32,
    },
    Cleared {
        session: SessionId,
        workshop: WorkshopId,
        active: u32,
    },
}

impl Desk {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.active.len()).unwrap_or(u32::MAX)
    }
}

impl Decider for Desk {
    const STREAM: &'static str = "desk";
    type Command = DeskCommand;
    type Event = DeskEvent;
    type Rejection = Rejection;

    fn decide(&self, command: DeskCommand, _now: Timestamp) -> Result<Vec<DeskEvent>, Rejection> {
        match command {
            DeskCommand::Take { workshop, .. } if self.active.contains_key(&workshop) => {
                Err(Rejection::AlreadyActive { session: self.active[&workshop] })
            }
            DeskCommand::Take { plan, cap, .. } if self.count() >= cap => Err(Rejection::TooManyActive { cap, active: self.count(), plan }),
            DeskCommand::Take { session, workshop, .. } => Ok(vec![DeskEvent::Taken { session, workshop, active: self.count() + 1 }]),
            DeskCommand::Clear { session, workshop } if self.active.get(&workshop) == Some(&session) => {
                Ok(vec![DeskEvent::Cleared { session, workshop, active: self.count() - 1 }])
            }
            DeskCommand::Clear { .. } => Ok(vec![]),
        }
    }

    fn evolve(&mut self, event: &DeskEvent) {
        match event {
            DeskEvent::Taken { session, workshop, .. } => self.active.insert(*workshop, *session),
            DeskEvent::Cleared { workshop, .. } => self.active.remove(workshop),
        };
    }
}

impl Event for DeskEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Taken { .. } => "DeskTaken",
            Self::Cleared { .. } => "DeskCleared",
        }
    }
}

#[cfg(test)]
mod tests;
