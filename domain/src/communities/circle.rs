//! Of which communities an account is, and how many it founded. Its stream has the account's id: whatever happens at the same time meets
//! here.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::CommunityRejection as Rejection;
use crate::{
    Decider, Event,
    kernel::{CommunityId, Plan, Timestamp},
};

/// Of which communities an account is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Circle {
    joined: BTreeSet<CommunityId>,
    /// Those of them that it founded and that are open.
    founded: BTreeSet<CommunityId>,
    /// The person is erased: nothing is added any more.
    dissolved: bool,
}

#[derive(Debug)]
pub enum CircleCommand {
    /// `cap` is how many open ones that it founded the account's plan allows.
    Found {
        community: CommunityId,
        plan: Plan,
        cap: u32,
    },
    Enter {
        community: CommunityId,
    },
    Leave {
        community: CommunityId,
    },
    /// One that it founded is closed.
    Free {
        community: CommunityId,
    },
    /// Because the person is erased.
    Dissolve,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CircleEvent {
    /// `open` is how many that it founded are open afterwards.
    Founded {
        community: CommunityId,
        open: u32,
    },
    Entered {
        community: CommunityId,
    },
    Left {
        community: CommunityId,
    },
    Freed {
        community: CommunityId,
        open: u32,
    },
    Dissolved,
}

impl Circle {
    /// Of how many communities an account is at the most, those aside that it founded.
    pub const MOST: u32 = 1000;

    /// How many that it founded are open.
    #[must_use]
    pub fn open(&self) -> u32 {
        u32::try_from(self.founded.len()).unwrap_or(u32::MAX)
    }

    /// All that it is of.
    pub fn communities(&self) -> impl Iterator<Item = CommunityId> {
        self.joined.iter().copied()
    }
}

impl Decider for Circle {
    const STREAM: &'static str = "community_circle";
    type Command = CircleCommand;
    type Event = CircleEvent;
    type Rejection = Rejection;

    fn decide(&self, command: CircleCommand, _now: Timestamp) -> Result<Vec<CircleEvent>, Rejection> {
        use CircleCommand::{Dissolve, Enter, Found, Free, Leave};
        match command {
            Found { .. } | Enter { .. } if self.dissolved => Err(Rejection::Erased),
            Found { community, .. } | Enter { community } if self.joined.contains(&community) => Ok(vec![]),
            Found { plan, cap, .. } if self.open() >= cap => Err(Rejection::CommunitiesExceeded { limit: cap, used: self.open(), plan }),
            Found { community, .. } => Ok(vec![CircleEvent::Founded { community, open: self.open() + 1 }]),
            Enter { .. } if self.joined.len() - self.founded.len() >= Self::MOST as usize => {
                Err(Rejection::TooManyJoined { most: Self::MOST })
            }
            Enter { community } => Ok(vec![CircleEvent::Entered { community }]),
            Leave { community } if self.joined.contains(&community) => Ok(vec![CircleEvent::Left { community }]),
            Free { community } if self.founded.contains(&community) => Ok(vec![CircleEvent::Freed { community, open: self.open() - 1 }]),
            Dissolve if !self.dissolved => Ok(vec![CircleEvent::Dissolved]),
            Leave { .. } | Free { .. } | Dissolve => Ok(vec![]),
        }
    }

    fn evolve(&mut self, event: &CircleEvent) {
        match event {
            CircleEvent::Founded { community, .. } => {
                self.joined.insert(*community);
                self.founded.insert(*community);
            }
            CircleEvent::Entered { community } => drop(self.joined.insert(*community)),
            CircleEvent::Left { community } | CircleEvent::Freed { community, .. } => {
                self.joined.remove(community);
                self.founded.remove(community);
            }
            CircleEvent::Dissolved => self.dissolved = true,
        }
    }
}

impl Event for CircleEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Founded { .. } => "CircleFounded",
            Self::Entered { .. } => "CircleEntered",
            Self::Left { .. } => "CircleLeft",
            Self::Freed { .. } => "CircleFreed",
            Self::Dissolved => "CircleDissolved",
        }
    }
}

#[cfg(test)]
mod tests;
