//! How much each plan allows. Whoever changes that meets in this one stream; what nobody has changed is as the installation is
//! configured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::IdentityRejection as Rejection;
use crate::{
    Decider, Event,
    kernel::{Mebibytes, Plan, Timestamp},
};

/// How much a plan allows. Each is a kind that is enforced; another joins them with the context whose commands it limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Sessions that are active at once.
    pub sessions: u32,
    /// Content of workshops: drafts, and versions that are published.
    pub storage: Mebibytes,
    /// Runs, as drafts or published, that are not over.
    pub runs: u32,
    /// Communities that an account founded and that are open.
    pub communities: u32,
}

/// What administrators have said of a plan; what is absent is as configured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Mebibytes>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub communities: Option<u32>,
}

/// How much each plan allows, as far as administrators have said.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PlanBook {
    revised: BTreeMap<Plan, Revision>,
}

#[derive(Debug)]
pub enum PlanBookCommand {
    /// What is absent stays.
    Revise { plan: Plan, change: Revision },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PlanBookEvent {
    /// `revision` is all that was said of the plan by then.
    Revised { plan: Plan, revision: Revision },
}

impl PlanBook {
    /// The id of the only stream there is of it.
    pub const ID: Uuid = Uuid::from_u128(0x0001);
    /// The most sessions at once that a plan can allow.
    pub const MOST_SESSIONS: u32 = 10_000;
    /// The most storage that a plan can allow: 16 TiB.
    pub const MOST_STORAGE: Mebibytes = Mebibytes(16 << 20);
    /// The most runs at once that a plan can allow.
    pub const MOST_RUNS: u32 = 10_000;
    /// The most open communities of one founder that a plan can allow.
    pub const MOST_COMMUNITIES: u32 = 10_000;

    fn revision(&self, plan: Plan) -> Revision {
        self.revised.get(&plan).copied().unwrap_or_default()
    }

    /// How much a plan allows, where an installation is configured with `configured` for it.
    #[must_use]
    pub fn limits(&self, plan: Plan, configured: Limits) -> Limits {
        let Revision { sessions, storage, runs, communities } = self.revision(plan);
        Limits {
            sessions: sessions.unwrap_or(configured.sessions),
            storage: storage.unwrap_or(configured.storage),
            runs: runs.unwrap_or(configured.runs),
            communities: communities.unwrap_or(configured.communities),
        }
    }
}

impl Decider for PlanBook {
    const STREAM: &'static str = "plan_book";
    const STATE_VERSION: u32 = 3;
    type Command = PlanBookCommand;
    type Event = PlanBookEvent;
    type Rejection = Rejection;

    fn decide(&self, command: PlanBookCommand, _now: Timestamp) -> Result<Vec<PlanBookEvent>, Rejection> {
        let PlanBookCommand::Revise { plan, change } = command;
        if change.sessions.is_some_and(|sessions| sessions > Self::MOST_SESSIONS) {
            return Err(Rejection::PlanSessionsInvalid);
        }
        if change.storage.is_some_and(|storage| storage > Self::MOST_STORAGE) {
            return Err(Rejection::PlanStorageInvalid);
        }
        if change.runs.is_some_and(|runs| runs > Self::MOST_RUNS) {
            return Err(Rejection::PlanRunsInvalid);
        }
        if change.communities.is_some_and(|communities| communities > Self::MOST_COMMUNITIES) {
            return Err(Rejection::PlanCommunitiesInvalid);
        }
        let before = self.revision(plan);
        let revision = Revision {
            sessions: change.sessions.or(before.sessions),
            storage: change.storage.or(before.storage),
            runs: change.runs.or(before.runs),
            communities: change.communities.or(before.communities),
        };
        Ok(if revision == before { vec![] } else { vec![PlanBookEvent::Revised { plan, revision }] })
    }

    fn evolve(&mut self, event: &PlanBookEvent) {
        let PlanBookEvent::Revised { plan, revision } = event;
        self.revised.insert(*plan, *revision);
    }
}

impl Event for PlanBookEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Revised { .. } => "PlanRevised",
        }
    }
}

#[cfg(test)]
mod tests;
