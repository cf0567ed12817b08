//! Which clusters there are: names are unique and one at the most is the default, because whoever changes either meets in this
//! one stream.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{EnvironmentRejection as Rejection, cluster::ClusterName};
use crate::{
    Decider, Event,
    kernel::{ClusterId, Timestamp},
};

/// Which clusters there are.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Roster {
    clusters: BTreeMap<ClusterId, ClusterName>,
    default: Option<ClusterId>,
}

#[derive(Debug)]
pub enum RosterCommand {
    /// The first one becomes the default.
    Admit {
        cluster: ClusterId,
        name: ClusterName,
    },
    Rename {
        cluster: ClusterId,
        name: ClusterName,
    },
    SetDefault {
        cluster: ClusterId,
    },
    Dismiss {
        cluster: ClusterId,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RosterEvent {
    /// From now on it goes by this name, and by no other.
    Named {
        cluster: ClusterId,
        name: ClusterName,
    },
    Dismissed {
        cluster: ClusterId,
    },
    /// Of two clusters that fit equally well, this one is taken.
    DefaultChanged {
        default: Option<ClusterId>,
        previous: Option<ClusterId>,
    },
}

impl Roster {
    /// The id of the only stream there is of it.
    pub const ID: Uuid = Uuid::from_u128(0x0001);

    fn named(&self, cluster: ClusterId, name: ClusterName) -> Result<Vec<RosterEvent>, Rejection> {
        if self.clusters.get(&cluster) == Some(&name) {
            return Ok(vec![]);
        }
        if self.clusters.values().any(|taken| *taken == name) {
            return Err(Rejection::NameTaken);
        }
        Ok(vec![RosterEvent::Named { cluster, name }])
    }
}

impl Decider for Roster {
    const STREAM: &'static str = "cluster_roster";
    type Command = RosterCommand;
    type Event = RosterEvent;
    type Rejection = Rejection;

    fn decide(&self, command: RosterCommand, _now: Timestamp) -> Result<Vec<RosterEvent>, Rejection> {
        use RosterCommand::{Admit, Dismiss, Rename, SetDefault};
        match command {
            Admit { cluster, name } => {
                let first = self.default.is_none().then_some(RosterEvent::DefaultChanged { default: Some(cluster), previous: None });
                Ok(self.named(cluster, name)?.into_iter().chain(first).collect())
            }
            Dismiss { cluster } if !self.clusters.contains_key(&cluster) => Ok(vec![]),
            Rename { cluster, .. } | SetDefault { cluster } if !self.clusters.contains_key(&cluster) => Err(Rejection::ClusterNotFound),
            Rename { cluster, name } => self.named(cluster, name),
            SetDefault { cluster } if self.default == Some(cluster) => Ok(vec![]),
            SetDefault { cluster } => Ok(vec![RosterEvent::DefaultChanged { default: Some(cluster), previous: self.default }]),
            Dismiss { cluster } => {
                let was_default = self.default == Some(cluster);
                let none = was_default.then_some(RosterEvent::DefaultChanged { default: None, previous: self.default });
                Ok([RosterEvent::Dismissed { cluster }].into_iter().chain(none).collect())
            }
        }
    }

    fn evolve(&mut self, event: &RosterEvent) {
        match event {
            RosterEvent::Named { cluster, name } => drop(self.clusters.insert(*cluster, name.clone())),
            RosterEvent::Dismissed { cluster } => drop(self.clusters.remove(cluster)),
            RosterEvent::DefaultChanged { default, .. } => self.default = *default,
        }
    }
}

impl Event for RosterEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Named { .. } => "ClusterNamed",
            Self::Dismissed { .. } => "ClusterDismissed",
            Self::DefaultChanged { .. } => "DefaultClusterChanged",
        }
    }
}

#[cfg(test)]
mod tests;
