//! A community. Who is of it is decided in its own stream, and so nobody who was removed comes back by being quick.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{CommunityDescription, CommunityName, CommunityRejection as Rejection};
use crate::{
    Decider, Event,
    kernel::{AccountId, Timestamp},
};

/// A community.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum Community {
    #[default]
    Absent,
    Open(Box<Open>),
    /// For good.
    Closed {
        founder: AccountId,
    },
}

/// A community that people may join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    pub founder: AccountId,
    pub name: CommunityName,
    pub description: CommunityDescription,
    members: BTreeSet<AccountId>,
    /// They do not come back.
    removed: BTreeSet<AccountId>,
}

/// As whom somebody changes a community.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Somebody who may moderate it.
    Moderator,
    /// A person: what they may depends on whether they founded it.
    Account(AccountId),
}

#[derive(Debug)]
pub enum CommunityCommand {
    Found {
        founder: AccountId,
        name: CommunityName,
        description: CommunityDescription,
    },
    /// What is absent stays.
    Revise {
        by: By,
        name: Option<CommunityName>,
        description: Option<CommunityDescription>,
    },
    Close {
        by: By,
    },
    /// Joining where one is already changes nothing.
    Join {
        account: AccountId,
    },
    Leave {
        account: AccountId,
    },
    Remove {
        by: By,
        account: AccountId,
    },
    /// Because the person is erased.
    Forget {
        account: AccountId,
    },
}

/// `members` is how many there are afterwards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CommunityEvent {
    /// Whoever founded it is of it.
    Founded {
        founder: AccountId,
        name: CommunityName,
        description: CommunityDescription,
    },
    Revised {
        name: CommunityName,
        description: CommunityDescription,
    },
    Closed,
    Joined {
        account: AccountId,
        members: u32,
    },
    Left {
        account: AccountId,
        members: u32,
    },
    Removed {
        account: AccountId,
        members: u32,
    },
}

impl Community {
    /// The most people that a community has.
    pub const MOST: u32 = 10_000;

    /// Whoever founded it.
    #[must_use]
    pub const fn founder(&self) -> Option<AccountId> {
        match self {
            Self::Absent => None,
            Self::Open(open) => Some(open.founder),
            Self::Closed { founder } => Some(*founder),
        }
    }

    /// Whether anything can happen in it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// Whether somebody is of it.
    #[must_use]
    pub fn has(&self, account: AccountId) -> bool {
        matches!(self, Self::Open(open) if open.members.contains(&account))
    }

    /// Lets through whoever may change it. To all others there is none that they could change.
    fn is_changed(&self, by: By) -> Result<(), Rejection> {
        match by {
            By::Moderator if self.founder().is_some() => Ok(()),
            By::Account(account) if self.founder() == Some(account) => Ok(()),
            By::Moderator | By::Account(_) => Err(Rejection::NotFound),
        }
    }
}

impl Open {
    fn count(&self) -> u32 {
        u32::try_from(self.members.len()).unwrap_or(u32::MAX)
    }

    fn join(&self, account: AccountId) -> Result<Vec<CommunityEvent>, Rejection> {
        if self.members.contains(&account) {
            return Ok(vec![]);
        }
        if self.removed.contains(&account) {
            return Err(Rejection::Removed);
        }
        if self.count() >= Community::MOST {
            return Err(Rejection::Full { most: Community::MOST });
        }
        Ok(vec![CommunityEvent::Joined { account, members: self.count() + 1 }])
    }

    fn leave(&self, account: AccountId) -> Vec<CommunityEvent> {
        let is_of_it = self.members.contains(&account);
        is_of_it.then(|| CommunityEvent::Left { account, members: self.count() - 1 }).into_iter().collect()
    }

    fn remove(&self, account: AccountId) -> Result<Vec<CommunityEvent>, Rejection> {
        if account == self.founder {
            return Err(Rejection::FounderStays);
        }
        if !self.members.contains(&account) {
            return Err(Rejection::NotMember);
        }
        Ok(vec![CommunityEvent::Removed { account, members: self.count() - 1 }])
    }
}

impl Decider for Community {
    const STREAM: &'static str = "community";
    type Command = CommunityCommand;
    type Event = CommunityEvent;
    type Rejection = Rejection;

    fn decide(&self, command: CommunityCommand, _now: Timestamp) -> Result<Vec<CommunityEvent>, Rejection> {
        use CommunityCommand::{Close, Forget, Found, Join, Leave, Remove, Revise};
        match (self, command) {
            (Self::Absent, Found { founder, name, description }) => Ok(vec![CommunityEvent::Founded { founder, name, description }]),
            // Its id was drawn for it: it is founded once. Nobody is of one that was closed.
            (Self::Open(_) | Self::Closed { .. }, Found { .. }) | (Self::Closed { .. }, Leave { .. } | Forget { .. }) => Ok(vec![]),
            (Self::Absent, _) => Err(Rejection::NotFound),
            (Self::Closed { .. }, Close { by }) => self.is_changed(by).map(|()| vec![]),
            (Self::Closed { .. }, Revise { by, .. } | Remove { by, .. }) => self.is_changed(by).and(Err(Rejection::Closed)),
            (Self::Closed { .. }, Join { .. }) => Err(Rejection::Closed),
            (Self::Open(open), Revise { by, name, description }) => {
                self.is_changed(by)?;
                let (name, description) =
                    (name.unwrap_or_else(|| open.name.clone()), description.unwrap_or_else(|| open.description.clone()));
                let is_new = name != open.name || description != open.description;
                Ok(is_new.then_some(CommunityEvent::Revised { name, description }).into_iter().collect())
            }
            (Self::Open(_), Close { by }) => self.is_changed(by).map(|()| vec![CommunityEvent::Closed]),
            (Self::Open(open), Join { account }) => open.join(account),
            (Self::Open(open), Leave { account }) if account == open.founder => Err(Rejection::FounderStays),
            (Self::Open(open), Leave { account } | Forget { account }) => Ok(open.leave(account)),
            (Self::Open(open), Remove { by, account }) => self.is_changed(by).and_then(|()| open.remove(account)),
        }
    }

    fn evolve(&mut self, event: &CommunityEvent) {
        match (self, event) {
            (state, CommunityEvent::Founded { founder, name, description }) => {
                *state = Self::Open(Box::new(Open {
                    founder: *founder,
                    name: name.clone(),
                    description: description.clone(),
                    members: BTreeSet::from([*founder]),
                    removed: BTreeSet::new(),
                }));
            }
            (Self::Open(open), CommunityEvent::Revised { name, description }) => {
                (open.name, open.description) = (name.clone(), description.clone());
            }
            (Self::Open(open), CommunityEvent::Joined { account, .. }) => drop(open.members.insert(*account)),
            (Self::Open(open), CommunityEvent::Left { account, .. }) => drop(open.members.remove(account)),
            (Self::Open(open), CommunityEvent::Removed { account, .. }) => {
                open.members.remove(account);
                open.removed.insert(*account);
            }
            (state, CommunityEvent::Closed) => {
                if let Self::Open(open) = state {
                    *state = Self::Closed { founder: open.founder };
                }
            }
            (Self::Absent | Self::Closed { .. }, _) => {}
        }
    }
}

impl Event for CommunityEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Founded { .. } => "CommunityFounded",
            Self::Revised { .. } => "CommunityRevised",
            Self::Closed => "CommunityClosed",
            Self::Joined { .. } => "CommunityJoined",
            Self::Left { .. } => "CommunityLeft",
            Self::Removed { .. } => "CommunityMemberRemoved",
        }
    }
}

#[cfg(test)]
mod tests;
