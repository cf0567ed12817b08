//! Why `workshops` turned something down.

use async_graphql::{Enum, SimpleObject};
use domain::{Rejection, workshops::WorkshopRejection};

use crate::{decided::Errors, identity::PlanLimitReached};

/// Why `workshops` turned something down.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkshopErrorCode {
    NotFound,
    SlugTaken,
    SlugInvalid,
    Archived,
    NothingToPublish,
    /// The author has as much content as their plan allows.
    StorageExceeded,
    /// The content is not right; there is an error for each place.
    Defective,
}

/// Why `workshops` turned something down.
#[derive(SimpleObject)]
pub(crate) struct WorkshopError {
    code: WorkshopErrorCode,
    /// For people; do not parse it.
    message: String,
    /// The input field it is about, such as `content.steps[2].title`.
    field: Option<String>,
    /// The limit of the plan that would have been exceeded, if it was that.
    limit_reached: Option<PlanLimitReached>,
}

impl Errors<WorkshopError> for WorkshopRejection {
    fn errors(self) -> Vec<WorkshopError> {
        let code = match &self {
            Self::NotFound => WorkshopErrorCode::NotFound,
            Self::SlugTaken => WorkshopErrorCode::SlugTaken,
            Self::SlugInvalid => WorkshopErrorCode::SlugInvalid,
            Self::Archived => WorkshopErrorCode::Archived,
            Self::NothingToPublish => WorkshopErrorCode::NothingToPublish,
            Self::StorageExceeded { .. } => WorkshopErrorCode::StorageExceeded,
            Self::Defective(defects) => {
                let each = |defect: &domain::workshops::defects::Defect| WorkshopError {
                    code: WorkshopErrorCode::Defective,
                    message: format!("expected {}", defect.expected),
                    field: Some(if defect.path == "content" { defect.path.clone() } else { format!("content.{}", defect.path) }),
                    limit_reached: None,
                };
                return defects.iter().map(each).collect();
            }
        };
        let limit_reached = match &self {
            Self::StorageExceeded { limit, used, plan } => Some(PlanLimitReached::storage(*plan, *limit, *used)),
            _ => None,
        };
        vec![WorkshopError { code, message: self.to_string(), field: self.field().map(Into::into), limit_reached }]
    }
}
