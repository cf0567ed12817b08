//! How much plans allow, until an administrator says otherwise.

use commands::plans::PlanLimits;
use domain::{
    identity::plan_book::{Limits, PlanBook},
    kernel::Mebibytes,
};
use serde::{Deserialize, Serialize};

use super::ConfigError;

/// How much each plan allows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlansConfig {
    pub free: PlanConfig,
    pub team: PlanConfig,
    pub enterprise: PlanConfig,
}

/// How much one plan allows.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanConfig {
    /// Sessions that are active at once.
    pub sessions: u32,
    /// Content of workshops.
    pub storage_mebibytes: u32,
    /// Runs that are not over.
    pub runs: u32,
    /// Communities that an account founded and that are open.
    pub communities: u32,
}

impl Default for PlansConfig {
    fn default() -> Self {
        let PlanLimits { free, team, enterprise } = PlanLimits::default();
        Self { free: free.into(), team: team.into(), enterprise: enterprise.into() }
    }
}

impl From<Limits> for PlanConfig {
    fn from(Limits { sessions, storage, runs, communities }: Limits) -> Self {
        Self { sessions, storage_mebibytes: storage.0, runs, communities }
    }
}

impl From<PlanConfig> for Limits {
    fn from(PlanConfig { sessions, storage_mebibytes, runs, communities }: PlanConfig) -> Self {
        Self { sessions, storage: Mebibytes(storage_mebibytes), runs, communities }
    }
}

impl PlansConfig {
    /// As commands want it.
    pub(crate) fn limits(&self) -> PlanLimits {
        PlanLimits { free: self.free.into(), team: self.team.into(), enterprise: self.enterprise.into() }
    }

    /// Whether all of it can be what it is: administrators can say the same.
    pub(super) fn checked(&self) -> Result<(), ConfigError> {
        for (name, plan) in [("free", self.free), ("team", self.team), ("enterprise", self.enterprise)] {
            for (setting, value, most) in [
                ("sessions", plan.sessions, PlanBook::MOST_SESSIONS),
                ("storage_mebibytes", plan.storage_mebibytes, PlanBook::MOST_STORAGE.0),
                ("runs", plan.runs, PlanBook::MOST_RUNS),
                ("communities", plan.communities, PlanBook::MOST_COMMUNITIES),
            ] {
                if value > most {
                    return Err(ConfigError(format!("plans.{name}.{setting}: expected a number up to {most}")));
                }
            }
        }
        Ok(())
    }
}
