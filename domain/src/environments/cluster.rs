//! A cluster that environments are made on: what it is, whether it takes more of them, and which have a place there.
//!
//! Credentials are never here. The vault keeps them; events say which they are, of what kind, and until when.

mod capacity;
mod decide;
mod health;
mod profile;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::EnvironmentRejection as Rejection;
use crate::{
    Event,
    kernel::{CredentialsId, EnvironmentId, Mebibytes, Millicores, Timestamp},
};
pub use capacity::{Resource, Thresholds};
pub use health::{Health, Observation, Streak};
pub use profile::{ClusterName, Labels, Profile};

/// A cluster.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum Cluster {
    #[default]
    Absent,
    Member(Box<Member>),
    /// For ever; its credentials are destroyed.
    Removed,
}

/// A cluster that is registered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    pub profile: Profile,
    pub endpoint: Endpoint,
    pub credentials: Credentials,
    /// As it was found last.
    pub assessment: Assessment,
    pub schedule: Schedule,
    pub health: Health,
    /// The environments that have a place, whether they stand already or not.
    pub places: BTreeSet<EnvironmentId>,
    /// Of what nearly all is requested.
    pub short_of: BTreeSet<Resource>,
}

/// Where a cluster's API is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// An https address.
    pub server: String,
    /// Which context of a kubeconfig it came from.
    pub context: Option<String>,
}

/// What is known of a cluster's credentials without having them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// Under which the vault keeps them.
    pub id: CredentialsId,
    /// From 1, one more with each rotation.
    pub version: u32,
    pub kind: CredentialsKind,
    /// A digest keyed by the vault: tells credentials apart and nothing about them.
    pub fingerprint: String,
    /// When they stop to be good, where that is known.
    pub expires_at: Option<Timestamp>,
}

/// How a cluster is told who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialsKind {
    Token,
    ClientCertificate,
    /// Those of the pod that this program runs in.
    InCluster,
}

/// What a test found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// Of the API server, such as `v1.36.0`.
    pub version: String,
    pub capacity: Capacity,
    /// Whether it says what is used.
    pub has_metrics: bool,
    /// What administrators should know, though it keeps nothing from working.
    pub warnings: Vec<String>,
}

/// What all nodes together have to give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    pub nodes: u32,
    pub cpu: Millicores,
    pub memory: Mebibytes,
    pub storage: Mebibytes,
    pub pods: u32,
}

/// Whether a cluster takes environments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    Open,
    /// No new ones, until it is uncordoned.
    Cordoned,
    /// No new ones; those that live there finish, and then it is empty.
    Draining,
    /// On its way out: those that live there are torn down.
    Removing,
}

/// What a cluster is registered with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Registration {
    pub profile: Profile,
    pub endpoint: Endpoint,
    pub credentials: Credentials,
    pub assessment: Assessment,
}

#[derive(Debug)]
pub enum ClusterCommand {
    Register(Box<Registration>),
    Revise {
        profile: Profile,
    },
    /// In the vault already; those before stay there until this is recorded.
    RotateCredentials {
        endpoint: Endpoint,
        credentials: Credentials,
        assessment: Assessment,
    },
    Assess {
        assessment: Assessment,
    },
    Cordon,
    Uncordon,
    Drain,
    /// With `force` also where environments live: they are torn down first.
    Remove {
        force: bool,
    },
    FinishRemoval,
    Reserve {
        environment: EnvironmentId,
    },
    Release {
        environment: EnvironmentId,
    },
    /// Something stood there that belongs to no environment with a place, and is removed.
    ReportLeftovers {
        environment: EnvironmentId,
    },
    Observe(Streak),
    /// What pods request of what there is.
    Measure {
        capacity: Capacity,
        requested: Capacity,
        thresholds: Thresholds,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ClusterEvent {
    Registered(Box<Registration>),
    Revised {
        profile: Profile,
    },
    CredentialsRotated {
        endpoint: Endpoint,
        credentials: Credentials,
        assessment: Assessment,
    },
    Assessed {
        assessment: Assessment,
    },
    Cordoned,
    Uncordoned,
    DrainStarted {
        live: u32,
    },
    Drained,
    RemovalStarted {
        live: u32,
    },
    Removed,
    /// `taken` is how many places are taken afterwards.
    PlaceReserved {
        environment: EnvironmentId,
        taken: u32,
    },
    PlaceReleased {
        environment: EnvironmentId,
        taken: u32,
    },
    /// Of an environment that is gone, is elsewhere, or was never asked for.
    LeftoversRemoved {
        environment: EnvironmentId,
    },
    /// `since` is when it was first seen so.
    Unreachable {
        reason: String,
        since: Timestamp,
    },
    Degraded {
        reason: String,
        since: Timestamp,
    },
    Recovered {
        since: Timestamp,
    },
    /// So many percent of something are requested, which is much.
    CapacityShort {
        resource: Resource,
        percent: u32,
    },
    /// Enough of it is free again.
    CapacityRegained {
        resource: Resource,
        percent: u32,
    },
}

impl Cluster {
    /// The cluster, while it is one.
    #[must_use]
    pub fn member(&self) -> Option<&Member> {
        match self {
            Self::Member(member) => Some(member),
            Self::Absent | Self::Removed => None,
        }
    }
}

impl Member {
    /// How many places are taken.
    #[must_use]
    pub fn taken(&self) -> u32 {
        u32::try_from(self.places.len()).unwrap_or(u32::MAX)
    }

    /// Whether new sessions may begin there: it is open, and well.
    #[must_use]
    pub fn is_eligible(&self) -> bool {
        self.schedule == Schedule::Open && self.health == Health::Healthy
    }

    fn wrong_state(&self) -> Rejection {
        Rejection::ClusterWrongState { state: self.schedule.name().to_owned() }
    }
}

impl Schedule {
    /// A word for it, as the API shows it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Cordoned => "cordoned",
            Self::Draining => "draining",
            Self::Removing => "removing",
        }
    }
}

impl Event for ClusterEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Registered(_) => "ClusterRegistered",
            Self::Revised { .. } => "ClusterRevised",
            Self::CredentialsRotated { .. } => "ClusterCredentialsRotated",
            Self::Assessed { .. } => "ClusterAssessed",
            Self::Cordoned => "ClusterCordoned",
            Self::Uncordoned => "ClusterUncordoned",
            Self::DrainStarted { .. } => "ClusterDrainStarted",
            Self::Drained => "ClusterDrained",
            Self::RemovalStarted { .. } => "ClusterRemovalStarted",
            Self::Removed => "ClusterRemoved",
            Self::PlaceReserved { .. } => "ClusterPlaceReserved",
            Self::PlaceReleased { .. } => "ClusterPlaceReleased",
            Self::LeftoversRemoved { .. } => "ClusterLeftoversRemoved",
            Self::Unreachable { .. } => "ClusterUnreachable",
            Self::Degraded { .. } => "ClusterDegraded",
            Self::Recovered { .. } => "ClusterRecovered",
            Self::CapacityShort { .. } => "ClusterCapacityShort",
            Self::CapacityRegained { .. } => "ClusterCapacityRegained",
        }
    }
}

#[cfg(test)]
mod tests;
