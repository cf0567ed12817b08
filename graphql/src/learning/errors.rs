//! Why `learning` turned something down.

use async_graphql::{Enum, SimpleObject};
use domain::{Rejection, learning::LearningRejection};

use crate::{decided::Errors, identity::PlanLimitReached};

/// Why `learning` turned something down.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LearningErrorCode {
    /// There is no such session, or it is somebody else's.
    NotFound,
    WorkshopNotFound,
    AlreadyActive,
    TooManyActive,
    Ended,
    StepNotFound,
    OutOfOrder,
    WrongRule,
    ChoicesInvalid,
    StepsRemaining,
    EnvironmentNotReady,
    CheckRunning,
    /// It cannot be extended by so much.
    ExtensionInvalid,
    /// There is no such run, or one is not registered for it.
    RunNotFound,
    /// The registration is not confirmed.
    NotLetIn,
    /// It is too early for the run's sessions, or too late.
    RunNotNow,
    /// As many as the registration is for have begun a session.
    SessionsTaken,
}

/// Why `learning` turned something down.
#[derive(SimpleObject)]
pub(crate) struct LearningError {
    code: LearningErrorCode,
    /// For people; do not parse it.
    message: String,
    /// The input field it is about.
    field: Option<String>,
    /// The limit of the plan that would have been exceeded, if it was that.
    limit_reached: Option<PlanLimitReached>,
}

impl From<&LearningRejection> for LearningErrorCode {
    fn from(rejection: &LearningRejection) -> Self {
        match rejection {
            LearningRejection::NotFound => Self::NotFound,
            LearningRejection::WorkshopNotFound => Self::WorkshopNotFound,
            LearningRejection::AlreadyActive { .. } => Self::AlreadyActive,
            LearningRejection::TooManyActive { .. } => Self::TooManyActive,
            LearningRejection::Ended => Self::Ended,
            LearningRejection::StepNotFound { .. } => Self::StepNotFound,
            LearningRejection::OutOfOrder { .. } => Self::OutOfOrder,
            LearningRejection::WrongRule { .. } => Self::WrongRule,
            LearningRejection::ChoicesInvalid { .. } => Self::ChoicesInvalid,
            LearningRejection::StepsRemaining { .. } => Self::StepsRemaining,
            LearningRejection::EnvironmentNotReady { .. } => Self::EnvironmentNotReady,
            LearningRejection::CheckRunning => Self::CheckRunning,
            LearningRejection::ExtensionInvalid { .. } => Self::ExtensionInvalid,
            LearningRejection::RunNotFound => Self::RunNotFound,
            LearningRejection::NotLetIn { .. } => Self::NotLetIn,
            LearningRejection::RunNotNow { .. } => Self::RunNotNow,
            LearningRejection::SessionsTaken { .. } => Self::SessionsTaken,
        }
    }
}

impl Errors<LearningError> for LearningRejection {
    fn errors(self) -> Vec<LearningError> {
        let limit_reached = match &self {
            Self::TooManyActive { cap, active, plan } => Some(PlanLimitReached::sessions(*plan, *cap, *active)),
            _ => None,
        };
        vec![LearningError { code: (&self).into(), message: self.to_string(), field: self.field().map(Into::into), limit_reached }]
    }
}
