//! A learner's way through one version of a workshop.

mod decide;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::LearningRejection as Rejection;
use crate::{
    Decider, Event,
    kernel::{AccountId, Digest, EnvironmentId, Minutes, Personal, Points, RunId, Seconds, Timestamp, WorkshopId},
    workshops::{RuleKind, StepOutline, content::StepOrder},
};

/// A learner's way through one version of a workshop.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum Session {
    #[default]
    Absent,
    Active(Box<Active>),
    Ended {
        learner: AccountId,
        workshop: WorkshopId,
    },
}

/// A session that goes on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Active {
    pub start: Start,
    /// When the last step was completed, or the session started.
    pub since: Timestamp,
    /// Attempts at steps, by key.
    pub attempts: BTreeMap<String, u32>,
    /// Keys of completed steps, in the order of completion.
    pub completed: Vec<String>,
    pub points: Points,
    /// By how much it takes longer than it was to.
    pub extended: Minutes,
}

/// What a session is about; it does not change, even if the workshop does. Only its end may be put off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Start {
    pub learner: AccountId,
    pub workshop: WorkshopId,
    /// The workshop's author, for their dashboard.
    pub author: AccountId,
    /// The version; absent in an author's preview of a draft.
    pub version: Option<u32>,
    pub content: Digest,
    pub title: String,
    pub order: StepOrder,
    pub steps: Vec<StepOutline>,
    pub completion_points: Points,
    /// Made for it, if the workshop needs one.
    pub environment: Option<EnvironmentId>,
    /// The run it is begun for, and ends with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    pub started_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(Debug)]
pub enum SessionCommand {
    Start(Box<Start>),
    /// Complete a step that is read.
    CompleteStep {
        by: AccountId,
        step: String,
    },
    /// `right` are the right choices, and `of` how many there are to choose from.
    AnswerStep {
        by: AccountId,
        step: String,
        choices: Vec<u16>,
        right: Vec<u16>,
        of: u16,
    },
    /// What running the step's checks gave, in order, up to the first that failed; `all` if none was left out.
    RecordChecks {
        by: AccountId,
        step: String,
        results: Vec<CheckResult>,
        all: bool,
    },
    Finish {
        by: AccountId,
    },
    Abandon {
        by: AccountId,
    },
    Expire,
    /// It ends at another time; one that has ended is left alone.
    Reschedule {
        until: Timestamp,
    },
    /// `by` is its learner; none: somebody who may manage sessions. `limit` is for all extensions together.
    Extend {
        by: Option<AccountId>,
        minutes: Minutes,
        limit: Minutes,
    },
}

/// What running one check gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckResult {
    /// The check's name within the step.
    pub check: String,
    pub end: CheckEnd,
    /// The last 4 KiB of what it printed.
    pub output: Personal<String>,
    /// Tells whether two runs of this learner's printed the same: an HMAC-SHA256 over the SHA-256 of all it printed. Up to
    /// version 0.1 it was that SHA-256 itself.
    pub digest: Digest,
    pub milliseconds: u32,
}

/// How a check's script ended, as observed from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckEnd {
    /// With 0: passed. Anything else: failed.
    Exited(i32),
    Signalled(i32),
    TimedOut,
    OutputLimit,
}

impl CheckEnd {
    /// Whether the check passed.
    #[must_use]
    pub const fn passed(self) -> bool {
        matches!(self, Self::Exited(0))
    }
}

/// What happened in a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SessionEvent {
    Started(Start),
    StepAnswered {
        step: String,
        attempt: u32,
        choices: Vec<u16>,
        correct: bool,
    },
    StepCheckPassed {
        step: String,
        attempt: u32,
        result: CheckResult,
    },
    StepCheckFailed {
        step: String,
        attempt: u32,
        result: CheckResult,
    },
    /// With totals, so that no reader has to count. `spent` is since the step before was completed.
    StepCompleted {
        step: String,
        points: Points,
        attempts: u32,
        at: Timestamp,
        spent: Seconds,
        completed: u32,
        of: u32,
        total: Points,
    },
    Finished {
        end: End,
    },
    Abandoned {
        end: End,
    },
    Expired {
        end: End,
    },
    /// It takes longer; `extended` is by how much in all.
    Extended {
        environment: Option<EnvironmentId>,
        extended: Minutes,
        expires_at: Timestamp,
    },
    /// It ends at another time, as what it was begun for does.
    Rescheduled {
        environment: Option<EnvironmentId>,
        expires_at: Timestamp,
    },
}

/// Totals of a session that has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    pub learner: AccountId,
    pub workshop: WorkshopId,
    pub author: AccountId,
    /// In a preview no points are earned.
    pub preview: bool,
    pub environment: Option<EnvironmentId>,
    pub completed: u32,
    pub of: u32,
    /// Of the steps, and the bonus.
    pub points: Points,
    /// What finishing earned on top of the steps.
    pub bonus: Points,
    pub spent: Seconds,
}

impl Start {
    /// The step under a key, if there is one.
    #[must_use]
    pub fn step(&self, key: &str) -> Option<&StepOutline> {
        self.steps.iter().find(|step| step.key == key)
    }
}

impl Active {
    /// The first step that is not completed.
    #[must_use]
    pub fn current(&self) -> Option<&StepOutline> {
        self.start.steps.iter().find(|step| !self.completed.contains(&step.key))
    }

    /// The step, if it is this step's turn and it is completed by `rule`; `Ok(None)` if it is completed already.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub fn turn(&self, key: &str, rule: RuleKind) -> Result<Option<&StepOutline>, Rejection> {
        let step = self.start.step(key).ok_or_else(|| Rejection::StepNotFound { step: key.chars().take(80).collect() })?;
        if step.rule != rule {
            let expected = match step.rule {
                RuleKind::Read => "stepComplete",
                RuleKind::Answer => "stepAnswer",
                RuleKind::Check => "stepCheck",
            };
            return Err(Rejection::WrongRule { expected: expected.into() });
        }
        if self.completed.contains(&step.key) {
            return Ok(None);
        }
        match self.current() {
            Some(current) if self.start.order == StepOrder::Sequential && current.key != step.key => {
                Err(Rejection::OutOfOrder { current: current.key.clone() })
            }
            _ => Ok(Some(step)),
        }
    }
}

impl Session {
    /// The session, if it is this learner's and goes on.
    ///
    /// # Errors
    /// [`Rejection::NotFound`] also for somebody else's: that there is one is nobody's business.
    pub fn active_of(&self, by: AccountId) -> Result<&Active, Rejection> {
        match self {
            Self::Active(active) if active.start.learner == by => Ok(active),
            Self::Ended { learner, .. } if *learner == by => Err(Rejection::Ended),
            Self::Absent | Self::Active(_) | Self::Ended { .. } => Err(Rejection::NotFound),
        }
    }

    /// The session, if it goes on, whoever's it is.
    ///
    /// # Errors
    /// There is none, or it has ended.
    pub fn active(&self) -> Result<&Active, Rejection> {
        match self {
            Self::Active(active) => Ok(active),
            Self::Ended { .. } => Err(Rejection::Ended),
            Self::Absent => Err(Rejection::NotFound),
        }
    }
}

impl Decider for Session {
    const STREAM: &'static str = "session";
    const STATE_VERSION: u32 = 2;
    type Command = SessionCommand;
    type Event = SessionEvent;
    type Rejection = Rejection;

    fn decide(&self, command: SessionCommand, now: Timestamp) -> Result<Vec<SessionEvent>, Rejection> {
        decide::decide(self, command, now)
    }

    fn evolve(&mut self, event: &SessionEvent) {
        decide::evolve(self, event);
    }
}

impl Event for SessionEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Started(_) => "SessionStarted",
            Self::StepAnswered { .. } => "StepAnswered",
            Self::StepCheckPassed { .. } => "StepCheckPassed",
            Self::StepCheckFailed { .. } => "StepCheckFailed",
            Self::StepCompleted { .. } => "StepCompleted",
            Self::Finished { .. } => "SessionFinished",
            Self::Abandoned { .. } => "SessionAbandoned",
            Self::Expired { .. } => "SessionExpired",
            Self::Extended { .. } => "SessionExtended",
            Self::Rescheduled { .. } => "SessionRescheduled",
        }
    }
}

#[cfg(test)]
mod tests;
