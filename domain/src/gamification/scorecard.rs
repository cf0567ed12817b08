//! What one learner has earned. Its stream's id is the learner's.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::GamificationRejection as Rejection;
use crate::{
    Decider, Event,
    kernel::{AccountId, Points, Timestamp, WorkshopId},
};

/// What one learner has earned.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Scorecard {
    earned: BTreeSet<Source>,
    total: Points,
}

/// What points are given for; each counts once in a lifetime.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Step { workshop: WorkshopId, step: String },
    Workshop { workshop: WorkshopId },
}

impl Source {
    /// The workshop it belongs to.
    #[must_use]
    pub const fn workshop(&self) -> WorkshopId {
        match self {
            Self::Step { workshop, .. } | Self::Workshop { workshop } => *workshop,
        }
    }
}

#[derive(Debug)]
pub enum ScorecardCommand {
    Award { learner: AccountId, source: Source, points: Points },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ScorecardEvent {
    /// `total` is what the learner has afterwards.
    Awarded { learner: AccountId, source: Source, points: Points, total: Points },
}

impl Decider for Scorecard {
    const STREAM: &'static str = "scorecard";
    type Command = ScorecardCommand;
    type Event = ScorecardEvent;
    type Rejection = Rejection;

    fn decide(&self, command: ScorecardCommand, _now: Timestamp) -> Result<Vec<ScorecardEvent>, Rejection> {
        let ScorecardCommand::Award { learner, source, points } = command;
        if points == Points(0) || self.earned.contains(&source) {
            return Ok(vec![]);
        }
        Ok(vec![ScorecardEvent::Awarded { learner, source, points, total: self.total.plus(points) }])
    }

    fn evolve(&mut self, event: &ScorecardEvent) {
        let ScorecardEvent::Awarded { source, total, .. } = event;
        self.earned.insert(source.clone());
        self.total = *total;
    }
}

impl Event for ScorecardEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Awarded { .. } => "PointsAwarded",
        }
    }
}

#[cfg(test)]
mod tests;
