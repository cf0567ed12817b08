//! One environment, and the log of the saga that makes and unmakes it.
//!
//! `StepStarted` is recorded before the effect: a start without an outcome means "may have run".

mod decide;
mod request;

pub use request::{Preparation, Request};
use serde::{Deserialize, Serialize};

use super::EnvironmentRejection as Rejection;
use crate::{
    Event,
    kernel::{ClusterId, SessionId, Timestamp},
};

/// One environment.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum Environment {
    #[default]
    Absent,
    /// Asked for, being placed or being made.
    Provisioning(Made),
    Ready(Made),
    TearingDown(Made, TeardownReason),
    /// Nothing of it is left.
    TornDown(Request),
    /// Undoing it failed; an operator decides.
    Stuck(Made, TeardownReason),
}

/// What was asked for, and what may stand of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Made {
    pub request: Request,
    /// Where; once placed.
    pub placement: Option<Placement>,
    /// Steps that succeeded, in order.
    pub done: Vec<String>,
    /// A step that was started and has no outcome: it may have run.
    pub open: Option<Attempt>,
    /// It was made ahead, and nobody has looked yet whether it still stood when it was claimed.
    pub claimed: bool,
}

/// Where an environment is, and why there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    /// `sandbox` or `kubernetes`.
    pub driver: String,
    /// The host or the cluster.
    pub node: String,
    pub reason: String,
}

/// One try at a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    pub step: String,
    /// From 1.
    pub attempt: u32,
}

/// Why an environment goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TeardownReason {
    SessionFinished,
    SessionAbandoned,
    SessionExpired,
    ProvisioningFailed,
    /// No cluster takes it, and too many wait for that already.
    NoCapacity,
    /// The cluster it is on is removed, whoever works there.
    ClusterRemoved,
    /// An operator wants it gone, whoever works there.
    Forced,
    /// It was made ahead of a session, and is not needed.
    NotNeeded,
}

/// Whether a failed step is worth another try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    Transient,
    Terminal,
}

#[derive(Debug)]
pub enum EnvironmentCommand {
    Request(Request),
    /// It is made ahead of its session.
    Prepare(Preparation),
    /// A session takes one that was made ahead.
    Claim(Request),
    Place(Placement),
    StartStep {
        step: String,
    },
    SucceedStep {
        step: String,
    },
    FailStep {
        step: String,
        failure: Failure,
        reason: String,
    },
    /// All steps succeeded.
    MarkReady,
    /// It was found gone, as after a crash of its node; it is made again.
    ReportLost,
    BeginTeardown {
        reason: TeardownReason,
    },
    FinishTeardown,
    /// A teardown that failed for good.
    GetStuck {
        reason: String,
    },
    /// An operator lets the teardown be tried again.
    Resolve,
    /// An operator takes it for gone, though something of it may be left.
    Skip,
    /// Its session may take longer.
    Extend {
        expires_at: Timestamp,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EnvironmentEvent {
    Requested(Request),
    Prepared(Preparation),
    /// From now on it is this session's. What the session brings is put into it by the last step, which is done again.
    Claimed(Request),
    Placed(Placement),
    StepStarted {
        step: String,
        attempt: u32,
    },
    StepSucceeded {
        step: String,
        attempt: u32,
    },
    StepFailed {
        step: String,
        attempt: u32,
        failure: Failure,
        reason: String,
    },
    Ready {
        session: SessionId,
    },
    /// Nothing of it is left, though its session goes on: it is placed and made again.
    Lost {
        session: SessionId,
    },
    TeardownStarted {
        session: SessionId,
        reason: TeardownReason,
    },
    TornDown {
        session: SessionId,
        reason: TeardownReason,
    },
    Stuck {
        session: SessionId,
        reason: String,
    },
    Resolved,
    /// Taken for gone. Whatever is left of it is removed when it is found.
    Skipped {
        session: SessionId,
        reason: TeardownReason,
    },
    Extended {
        expires_at: Timestamp,
    },
}

impl Environment {
    /// What may stand of it, while anything may.
    #[must_use]
    pub const fn made(&self) -> Option<&Made> {
        match self {
            Self::Provisioning(made) | Self::Ready(made) | Self::TearingDown(made, _) | Self::Stuck(made, _) => Some(made),
            Self::Absent | Self::TornDown(_) => None,
        }
    }

    /// A word for the state, as the API shows it.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Provisioning(_) => "provisioning",
            Self::Ready(_) => "ready",
            Self::TearingDown(..) => "tearing_down",
            Self::TornDown(_) => "torn_down",
            Self::Stuck(..) => "stuck",
        }
    }

    fn wrong_state(&self) -> Rejection {
        match self {
            Self::Absent => Rejection::NotFound,
            _ => Rejection::WrongState { state: self.state().into() },
        }
    }
}

impl Placement {
    /// The cluster it is on, if it is on one.
    #[must_use]
    pub fn cluster(&self) -> Option<ClusterId> {
        self.node.parse().ok()
    }
}

impl Made {
    const fn nothing(request: Request) -> Self {
        Self { request, placement: None, done: vec![], open: None, claimed: false }
    }

    fn until(self, expires_at: Timestamp) -> Self {
        Self { request: Request { expires_at, ..self.request }, ..self }
    }

    /// Whether a step may be started: it has somewhere to run, and no other step's outcome is open. An attempt that
    /// may have run must not be forgotten, or nobody would undo it.
    fn may_start(&self, step: &str) -> bool {
        self.placement.is_some() && self.open.as_ref().is_none_or(|open| open.step == step) && self.done.iter().all(|done| done != step)
    }

    fn attempt_of(&self, step: &str) -> Option<u32> {
        self.open.as_ref().filter(|open| open.step == step).map(|open| open.attempt)
    }
}

impl Event for EnvironmentEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Requested(_) => "EnvironmentRequested",
            Self::Prepared(_) => "EnvironmentPrepared",
            Self::Claimed(_) => "EnvironmentClaimed",
            Self::Placed(_) => "EnvironmentPlaced",
            Self::StepStarted { .. } => "EnvironmentStepStarted",
            Self::StepSucceeded { .. } => "EnvironmentStepSucceeded",
            Self::StepFailed { .. } => "EnvironmentStepFailed",
            Self::Ready { .. } => "EnvironmentReady",
            Self::Lost { .. } => "EnvironmentLost",
            Self::TeardownStarted { .. } => "EnvironmentTeardownStarted",
            Self::TornDown { .. } => "EnvironmentTornDown",
            Self::Stuck { .. } => "EnvironmentStuck",
            Self::Resolved => "EnvironmentResolved",
            Self::Skipped { .. } => "EnvironmentSkipped",
            Self::Extended { .. } => "EnvironmentExtended",
        }
    }
}

#[cfg(test)]
mod tests;
