//! How a cluster does, and how often that must have been seen before it counts: one lost answer is no outage, and one answer is
//! no recovery.

use serde::{Deserialize, Serialize};

use crate::kernel::Timestamp;

/// How often in a row a cluster must be seen in trouble before that is recorded.
const TROUBLE_COUNTS_AFTER: u32 = 3;
/// How often in a row it must be seen well.
const RECOVERY_COUNTS_AFTER: u32 = 2;

/// How a cluster does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    #[default]
    Healthy,
    /// It answers, but something is wrong with it.
    Degraded,
    Unreachable,
}

/// What one look at a cluster gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    pub health: Health,
    /// Why, where it is not well.
    pub reason: String,
    pub at: Timestamp,
}

/// Equal observations in a row. Whoever watches a cluster keeps one for it, in memory: a watcher that takes over counts anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Streak {
    /// As seen last.
    last: Observation,
    since: Timestamp,
    length: u32,
}

impl Streak {
    /// The streak after another observation.
    #[must_use]
    pub fn after(before: Option<Self>, last: Observation) -> Self {
        match before.filter(|before| before.last.health == last.health) {
            Some(before) => Self { last, since: before.since, length: before.length.saturating_add(1) },
            None => Self { since: last.at, last, length: 1 },
        }
    }

    /// What has been seen often enough to count, and since when; none yet, if it has not.
    #[must_use]
    pub fn settled(&self) -> Option<(Health, Timestamp)> {
        let enough = match self.last.health {
            Health::Healthy => RECOVERY_COUNTS_AFTER,
            Health::Degraded | Health::Unreachable => TROUBLE_COUNTS_AFTER,
        };
        (self.length >= enough).then_some((self.last.health, self.since))
    }

    /// Why, as seen last.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.last.reason
    }
}
