use serde::{Deserialize, Serialize};

use crate::{
    Rejection,
    kernel::{Plan, SessionId, Timestamp},
};

/// Why `learning` turns a command down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum LearningRejection {
    #[error("there is no such session")]
    NotFound,
    #[error("there is no such workshop, or it has not been published")]
    WorkshopNotFound,
    #[error("session {session} of this workshop is still active; go on with it, finish it or abandon it")]
    AlreadyActive { session: SessionId },
    /// Those that were stored without `active` and `plan` tell the limit alone.
    #[error("the {plan} plan allows {cap} sessions at once, and you have {active}; finish or abandon one first")]
    TooManyActive {
        cap: u32,
        #[serde(default)]
        active: u32,
        #[serde(default)]
        plan: Plan,
    },
    #[error("the session has ended")]
    Ended,
    #[error("this workshop has no step {step}")]
    StepNotFound { step: String },
    #[error("step {current} comes first")]
    OutOfOrder { current: String },
    #[error("this step is completed by {expected}")]
    WrongRule { expected: String },
    #[error("expected indices of this question's choices, from 0, each once, {choices} choices")]
    ChoicesInvalid { choices: u16 },
    #[error("steps not completed yet: {remaining}")]
    StepsRemaining { remaining: u32 },
    #[error("the environment is {state}; checks run once it is ready")]
    EnvironmentNotReady { state: String },
    #[error("a check of this session is running already")]
    CheckRunning,
    #[error("{}", extension(*left))]
    ExtensionInvalid { left: u32 },
    #[error("there is no such run, or you are not registered for it")]
    RunNotFound,
    #[error("your registration is {stage}; expected one that is confirmed")]
    NotLetIn { stage: String },
    #[error("the run's sessions begin from {from} on and before {until}")]
    RunNotNow { from: Timestamp, until: Timestamp },
    #[error("your registration is for {seats}, and as many have begun a session")]
    SessionsTaken { seats: u16 },
}

fn extension(left: u32) -> String {
    match left {
        0 => "the session cannot be extended, or not any further".to_owned(),
        left => format!("expected from 1 to {left} minutes, by which the session can be extended yet"),
    }
}

impl Rejection for LearningRejection {
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound | Self::Ended | Self::StepsRemaining { .. } | Self::EnvironmentNotReady { .. } | Self::CheckRunning => {
                Some("sessionId")
            }
            Self::WorkshopNotFound | Self::AlreadyActive { .. } => Some("workshopId"),
            Self::StepNotFound { .. } | Self::OutOfOrder { .. } | Self::WrongRule { .. } => Some("step"),
            Self::ChoicesInvalid { .. } => Some("choices"),
            Self::ExtensionInvalid { .. } => Some("minutes"),
            Self::RunNotFound | Self::NotLetIn { .. } | Self::RunNotNow { .. } | Self::SessionsTaken { .. } => Some("runId"),
            Self::TooManyActive { .. } => None,
        }
    }
}
