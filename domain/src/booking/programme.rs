//! How many runs an organiser has at once. Its stream's id is the organiser's: whatever happens at the same time meets here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::BookingRejection as Rejection;
use crate::{
    Decider, Event,
    kernel::{Plan, RunId, Timestamp},
};

/// An organiser's runs that were not called off, and when each is over. From then on it counts no more.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Programme {
    runs: BTreeMap<RunId, Timestamp>,
}

/// A run, and when it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Showing {
    pub run: RunId,
    pub until: Timestamp,
}

/// How many runs there may be in a programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub plan: Plan,
    pub cap: u32,
}

#[derive(Debug)]
pub enum ProgrammeCommand {
    /// These are over then, whether they were there before or not: all of them, or none. `room` is absent where nobody is held to it.
    Put { runs: Vec<Showing>, room: Option<Room> },
    /// A run was called off.
    Clear { run: RunId },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ProgrammeEvent {
    /// `over` are those that are over by now, and forgotten; `count` is how many there are afterwards.
    Filled {
        runs: Vec<Showing>,
        over: Vec<RunId>,
        count: u32,
    },
    Cleared {
        run: RunId,
        count: u32,
    },
}

impl Programme {
    /// How many are not over yet.
    #[must_use]
    pub fn count(&self, now: Timestamp) -> u32 {
        count(self.runs.values().filter(|until| **until > now).count())
    }

    fn put(&self, runs: &[Showing], room: Option<Room>, now: Timestamp) -> Result<Vec<ProgrammeEvent>, Rejection> {
        let counts = |run: &RunId| self.runs.get(run).is_some_and(|until| *until > now);
        let (used, more) = (self.count(now), count(runs.iter().filter(|put| put.until > now && !counts(&put.run)).count()));
        // Whoever has too many can move those that there are.
        if let Some(Room { plan, cap }) = room
            && more > 0
            && used.saturating_add(more) > cap
        {
            return Err(Rejection::RunsExceeded { limit: cap, used, plan });
        }
        let runs: Vec<_> = runs.iter().copied().filter(|put| self.runs.get(&put.run) != Some(&put.until)).collect();
        if runs.is_empty() {
            return Ok(vec![]);
        }
        let is_put = |run: &RunId| runs.iter().any(|put| put.run == *run);
        let over = self.runs.iter().filter(|(run, until)| **until <= now && !is_put(run)).map(|(run, _)| *run).collect();
        let mut after = self.clone();
        after.runs.extend(runs.iter().map(|put| (put.run, put.until)));
        Ok(vec![ProgrammeEvent::Filled { runs, over, count: after.count(now) }])
    }
}

impl Decider for Programme {
    const STREAM: &'static str = "programme";
    type Command = ProgrammeCommand;
    type Event = ProgrammeEvent;
    type Rejection = Rejection;

    fn decide(&self, command: ProgrammeCommand, now: Timestamp) -> Result<Vec<ProgrammeEvent>, Rejection> {
        match command {
            ProgrammeCommand::Put { runs, room } => self.put(&runs, room, now),
            ProgrammeCommand::Clear { run } if self.runs.contains_key(&run) => {
                let mut after = self.clone();
                after.runs.remove(&run);
                Ok(vec![ProgrammeEvent::Cleared { run, count: after.count(now) }])
            }
            ProgrammeCommand::Clear { .. } => Ok(vec![]),
        }
    }

    fn evolve(&mut self, event: &ProgrammeEvent) {
        match event {
            ProgrammeEvent::Filled { runs, over, .. } => {
                for run in over {
                    self.runs.remove(run);
                }
                self.runs.extend(runs.iter().map(|put| (put.run, put.until)));
            }
            ProgrammeEvent::Cleared { run, .. } => {
                self.runs.remove(run);
            }
        }
    }
}

impl Event for ProgrammeEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Filled { .. } => "ProgrammeFilled",
            Self::Cleared { .. } => "ProgrammeCleared",
        }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
