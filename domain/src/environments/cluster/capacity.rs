//! When a cluster is short of something, and when not any more: between the two is room, so that it does not flap.

use serde::{Deserialize, Serialize};

use super::{Capacity, ClusterEvent, Member};

/// What a cluster has to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    Cpu,
    Memory,
    /// Of the nodes' own disks.
    Storage,
    Pods,
}

/// How many percent of what there is must be requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// For the cluster to be short of it.
    pub short: u32,
    /// For it not to be any more: less than these.
    pub regained: u32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { short: 85, regained: 75 }
    }
}

impl Resource {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Cpu, Self::Memory, Self::Storage, Self::Pods];

    /// A word for it, as people are told.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Storage => "storage",
            Self::Pods => "pods",
        }
    }

    const fn of(self, capacity: &Capacity) -> u32 {
        match self {
            Self::Cpu => capacity.cpu.0,
            Self::Memory => capacity.memory.0,
            Self::Storage => capacity.storage.0,
            Self::Pods => capacity.pods,
        }
    }

    /// How much of it is requested; none, if there is none of it or the cluster does not say.
    fn percent(self, capacity: &Capacity, requested: &Capacity) -> Option<u32> {
        let (all, requested) = (u64::from(self.of(capacity)), u64::from(self.of(requested)));
        let percent = (requested * 100).checked_div(all)?;
        Some(u32::try_from(percent).unwrap_or(u32::MAX))
    }
}

impl Member {
    pub(super) fn measure(&self, capacity: &Capacity, requested: &Capacity, thresholds: Thresholds) -> Vec<ClusterEvent> {
        let changed = |resource: Resource| {
            let percent = resource.percent(capacity, requested)?;
            match self.short_of.contains(&resource) {
                false if percent >= thresholds.short => Some(ClusterEvent::CapacityShort { resource, percent }),
                true if percent < thresholds.regained => Some(ClusterEvent::CapacityRegained { resource, percent }),
                _ => None,
            }
        };
        Resource::ALL.into_iter().filter_map(changed).collect()
    }
}
