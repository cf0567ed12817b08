//! Why `communities` turned something down.

use async_graphql::{Enum, SimpleObject};
use domain::{Rejection, communities::CommunityRejection};

use crate::decided::Errors;

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
            CommunityRejection::Erased => Self::Erased,
        }
    }
}

impl Errors<CommunityError> for CommunityRejection {
    fn errors(self) -> Vec<CommunityError> {
        vec![CommunityError { code: (&self).into(), message: self.to_string(), field: self.field().map(Into::into) }]
    }
}
