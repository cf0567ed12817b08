//! Why `communities` turned something down.

use async_graphql::{Enum, SimpleObject};
use domain::{Rejection, communities::CommunityRejection};

use crate::{decided::Errors, identity::PlanLimitReached};

/// Why `communities` turned something down.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommunityErrorCode {
    /// There is no such community, or it is not for the caller to change.
    NotFound,
    Closed,
    NameInvalid,
    DescriptionInvalid,
    NotMember,
    /// Whoever founded it stays as long as it is open.
    FounderStays,
    /// Who was removed does not come back.
    Removed,
    Full,
    TooManyJoined,
    /// The account has founded as many that are open as its plan allows; `limitReached` says how many.
    CommunitiesExceeded,
    Erased,
}

/// Why `communities` turned something down.
#[derive(SimpleObject)]
pub(crate) struct CommunityError {
    code: CommunityErrorCode,
    /// For people; do not parse it.
    message: String,
    /// The input field it is about.
    field: Option<String>,
    /// The limit of the plan that would have been exceeded, if it was that.
    limit_reached: Option<PlanLimitReached>,
}

impl From<&CommunityRejection> for CommunityErrorCode {
    fn from(rejection: &CommunityRejection) -> Self {
        match rejection {
            CommunityRejection::NotFound => Self::NotFound,
            CommunityRejection::Closed => Self::Closed,
            CommunityRejection::NameInvalid => Self::NameInvalid,
            CommunityRejection::DescriptionInvalid => Self::DescriptionInvalid,
            CommunityRejection::NotMember => Self::NotMember,
            CommunityRejection::FounderStays => Self::FounderStays,
            CommunityRejection::Removed => Self::Removed,
            CommunityRejection::Full { .. } => Self::Full,
            CommunityRejection::TooManyJoined { .. } => Self::TooManyJoined,
            CommunityRejection::CommunitiesExceeded { .. } => Self::CommunitiesExceeded,
            CommunityRejection::Erased => Self::Erased,
        }
    }
}

impl Errors<CommunityError> for CommunityRejection {
    fn errors(self) -> Vec<CommunityError> {
        let limit_reached = match &self {
            Self::CommunitiesExceeded { limit, used, plan } => Some(PlanLimitReached::communities(*plan, *limit, *used)),
            _ => None,
        };
        vec![CommunityError { code: (&self).into(), message: self.to_string(), field: self.field().map(Into::into), limit_reached }]
    }
}
