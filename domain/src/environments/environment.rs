//! One environment, and the log of the saga that makes and unmakes it.
//!
//! `StepStarted` is recorded before the effect: a start without an outcome means "may have run".

use serde::{Deserialize, Serialize};

use super::EnvironmentRejection as Rejection;
use crate::{
    Decider, Event,
    kernel::{AccountId, Digest, SessionId, Timestamp, WorkshopId},
};

/// One environment.
#[derive(Debug, Default, Serialize, Deserialize)]
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
}

/// What an environment is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub session: SessionId,
    pub learner: AccountId,
    pub workshop: WorkshopId,
    /// The workshop's content, which says what is needed.
    pub content: Digest,
    pub expires_at: Timestamp,
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
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EnvironmentEvent {
    Requested(Request),
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
}

impl Environment {
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

impl Made {
    const fn nothing(request: Request) -> Self {
        Self { request, placement: None, done: vec![], open: None }
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

impl Decider for Environment {
    const STREAM: &'static str = "environment";
    type Command = EnvironmentCommand;
    type Event = EnvironmentEvent;
    type Rejection = Rejection;

    fn decide(&self, command: EnvironmentCommand, _now: Timestamp) -> Result<Vec<EnvironmentEvent>, Rejection> {
        use EnvironmentCommand as Do;
        use EnvironmentEvent as Did;
        Ok(match (self, command) {
            (Self::Absent, Do::Request(request)) => vec![Did::Requested(request)],
            // Asking twice is no mistake, neither for an environment nor for its end.
            (_, Do::Request(_))
            | (Self::TearingDown(..) | Self::TornDown(_) | Self::Stuck(..), Do::BeginTeardown { .. })
            | (Self::TornDown(_), Do::FinishTeardown) => vec![],
            (Self::Provisioning(made), Do::Place(placement)) if made.placement.is_none() => vec![Did::Placed(placement)],
            (Self::Provisioning(made), Do::StartStep { step }) if made.may_start(&step) => {
                let attempt = made.attempt_of(&step).unwrap_or(0) + 1;
                vec![Did::StepStarted { step, attempt }]
            }
            (Self::Provisioning(made), Do::SucceedStep { step }) => match made.attempt_of(&step) {
                Some(attempt) => vec![Did::StepSucceeded { step, attempt }],
                None => return Err(self.wrong_state()),
            },
            (Self::Provisioning(made), Do::FailStep { step, failure, reason }) => match made.attempt_of(&step) {
                Some(attempt) => vec![Did::StepFailed { step, attempt, failure, reason }],
                None => return Err(self.wrong_state()),
            },
            (Self::Provisioning(made), Do::MarkReady) if made.placement.is_some() && made.open.is_none() => {
                vec![Did::Ready { session: made.request.session }]
            }
            (Self::Provisioning(made), Do::ReportLost) if made.placement.is_some() => vec![Did::Lost { session: made.request.session }],
            (Self::Ready(made), Do::ReportLost) => vec![Did::Lost { session: made.request.session }],
            (Self::Provisioning(made) | Self::Ready(made), Do::BeginTeardown { reason }) => {
                vec![Did::TeardownStarted { session: made.request.session, reason }]
            }
            (Self::TearingDown(made, reason), Do::FinishTeardown) => vec![Did::TornDown { session: made.request.session, reason: *reason }],
            (Self::TearingDown(made, _), Do::GetStuck { reason }) => vec![Did::Stuck { session: made.request.session, reason }],
            (Self::Stuck(..), Do::Resolve) => vec![Did::Resolved],
            _ => return Err(self.wrong_state()),
        })
    }

    fn evolve(&mut self, event: &EnvironmentEvent) {
        use EnvironmentEvent as Did;
        *self = match (std::mem::take(self), event) {
            (_, Did::Requested(request)) => Self::Provisioning(Made::nothing(request.clone())),
            (Self::Provisioning(made) | Self::Ready(made), Did::Lost { .. }) => Self::Provisioning(Made::nothing(made.request)),
            (Self::Provisioning(made), Did::Placed(placement)) => Self::Provisioning(Made { placement: Some(placement.clone()), ..made }),
            (Self::Provisioning(made), Did::StepStarted { step, attempt }) => {
                Self::Provisioning(Made { open: Some(Attempt { step: step.clone(), attempt: *attempt }), ..made })
            }
            (Self::Provisioning(mut made), Did::StepSucceeded { step, .. }) => {
                made.done.push(step.clone());
                Self::Provisioning(Made { open: None, ..made })
            }
            (Self::Provisioning(made), Did::Ready { .. }) => Self::Ready(made),
            (Self::Provisioning(made) | Self::Ready(made), Did::TeardownStarted { reason, .. }) => Self::TearingDown(made, *reason),
            (Self::TearingDown(made, _), Did::TornDown { .. }) => Self::TornDown(made.request),
            (Self::TearingDown(made, reason), Did::Stuck { .. }) => Self::Stuck(made, reason),
            (Self::Stuck(made, reason), Did::Resolved) => Self::TearingDown(made, reason),
            // A failed attempt may have run in part, so it stays open until the step succeeds or is undone.
            (state, _) => state,
        };
    }
}

impl Event for EnvironmentEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Requested(_) => "EnvironmentRequested",
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
        }
    }
}

#[cfg(test)]
mod tests;
