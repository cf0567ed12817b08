//! Environments of a workshop that are made ahead of their sessions. Whoever starts a session takes one, and two never take the
//! same, because they meet in this stream and in that of the environment.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::EnvironmentRejection as Rejection;
use crate::{
    Decider, Event,
    kernel::{Digest, EnvironmentId, RunId, Timestamp},
};

/// What is kept ahead for a workshop. Its stream has the workshop's id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Pool {
    reserved: u32,
    members: BTreeMap<EnvironmentId, Digest>,
    /// How many more are to be there for a while, and for which run.
    needs: BTreeMap<RunId, u32>,
}

#[derive(Debug)]
pub enum PoolCommand {
    /// So many are to be there at any time; 0: none.
    Reserve { count: u32 },
    /// So many more are to be there for a run that is near; 0: none any more.
    Need { run: RunId, count: u32 },
    /// One more is made, from this content. Refused where as many as may be are there.
    Stock { environment: EnvironmentId, content: Digest, most: u32 },
    /// A session takes it.
    Claim { environment: EnvironmentId },
    /// It is not to be had any more: it is lost, or its content is not what is published.
    Drop { environment: EnvironmentId },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PoolEvent {
    Reserved {
        count: u32,
        previous: u32,
    },
    /// `total` is how many all runs need.
    Needed {
        run: RunId,
        count: u32,
        total: u32,
    },
    Stocked {
        environment: EnvironmentId,
        content: Digest,
    },
    Claimed {
        environment: EnvironmentId,
    },
    Dropped {
        environment: EnvironmentId,
    },
}

impl Pool {
    /// The most that may be reserved for one workshop.
    pub const MOST: u32 = 50;

    /// How many are to be there now: what is reserved, and what runs need.
    #[must_use]
    pub fn wanted(&self) -> u32 {
        self.needs.values().fold(self.reserved, |sum, count| sum.saturating_add(*count))
    }

    /// How many are to be there at any time.
    #[must_use]
    pub const fn reserved(&self) -> u32 {
        self.reserved
    }

    /// Those that were made, or are being made, ahead, oldest first, and from which content.
    pub fn members(&self) -> impl Iterator<Item = (EnvironmentId, &Digest)> {
        self.members.iter().map(|(environment, content)| (*environment, content))
    }
}

impl Decider for Pool {
    const STREAM: &'static str = "environment_pool";
    const STATE_VERSION: u32 = 2;
    type Command = PoolCommand;
    type Event = PoolEvent;
    type Rejection = Rejection;

    fn decide(&self, command: PoolCommand, _now: Timestamp) -> Result<Vec<PoolEvent>, Rejection> {
        match command {
            PoolCommand::Reserve { count } if count > Self::MOST => Err(Rejection::PoolTooLarge { most: Self::MOST }),
            PoolCommand::Reserve { count } if count == self.reserved => Ok(vec![]),
            PoolCommand::Reserve { count } => Ok(vec![PoolEvent::Reserved { count, previous: self.reserved }]),
            PoolCommand::Need { run, count } => {
                let before = self.needs.get(&run).copied().unwrap_or_default();
                let others = self.needs.iter().filter(|(other, _)| **other != run).map(|(_, count)| *count);
                let total = others.fold(count, u32::saturating_add);
                Ok(if count == before { vec![] } else { vec![PoolEvent::Needed { run, count, total }] })
            }
            PoolCommand::Stock { environment, .. } if self.members.contains_key(&environment) => Ok(vec![]),
            PoolCommand::Stock { most, .. } if self.members.len() >= most as usize => Err(Rejection::PoolFull),
            PoolCommand::Stock { environment, content, .. } => Ok(vec![PoolEvent::Stocked { environment, content }]),
            PoolCommand::Claim { environment } if self.members.contains_key(&environment) => Ok(vec![PoolEvent::Claimed { environment }]),
            PoolCommand::Claim { .. } => Err(Rejection::NotInPool),
            PoolCommand::Drop { environment } if self.members.contains_key(&environment) => Ok(vec![PoolEvent::Dropped { environment }]),
            PoolCommand::Drop { .. } => Ok(vec![]),
        }
    }

    fn evolve(&mut self, event: &PoolEvent) {
        match event {
            PoolEvent::Reserved { count, .. } => self.reserved = *count,
            PoolEvent::Needed { run, count: 0, .. } => {
                self.needs.remove(run);
            }
            PoolEvent::Needed { run, count, .. } => {
                self.needs.insert(*run, *count);
            }
            PoolEvent::Stocked { environment, content } => drop(self.members.insert(*environment, content.clone())),
            PoolEvent::Claimed { environment } | PoolEvent::Dropped { environment } => drop(self.members.remove(environment)),
        }
    }
}

impl Event for PoolEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Reserved { .. } => "EnvironmentPoolReserved",
            Self::Needed { .. } => "EnvironmentPoolNeeded",
            Self::Stocked { .. } => "EnvironmentPoolStocked",
            Self::Claimed { .. } => "EnvironmentPoolClaimed",
            Self::Dropped { .. } => "EnvironmentPoolDropped",
        }
    }
}

#[cfg(test)]
mod tests;
