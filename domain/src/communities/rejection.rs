use serde::{Deserialize, Serialize};

use crate::{Rejection, kernel::Plan};

/// Why `communities` turns a command down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum CommunityRejection {
    #[error("there is no such community")]
    NotFound,
    #[error("the community is closed")]
    Closed,
    #[error("expected a name of 1 to 80 characters without control characters")]
    NameInvalid,
    #[error("expected at most 2000 characters without control characters other than line breaks")]
    DescriptionInvalid,
    #[error("this account is not of the community")]
    NotMember,
    #[error("whoever founded a community stays as long as it is open; it can be closed")]
    FounderStays,
    #[error("who was removed from a community does not come back")]
    Removed,
    #[error("the community is full: {most} people at most")]
    Full { most: u32 },
    #[error("an account is of {most} communities at most; leave one first")]
    TooManyJoined { most: u32 },
    #[error("the {plan} plan allows {limit} open communities, and you have {used}; close one, or ask for another plan")]
    CommunitiesExceeded { limit: u32, used: u32, plan: Plan },
    #[error("the account has been erased")]
    Erased,
}

impl Rejection for CommunityRejection {
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound | Self::Closed | Self::Removed | Self::Full { .. } | Self::TooManyJoined { .. } => Some("communityId"),
            Self::NameInvalid => Some("name"),
            Self::DescriptionInvalid => Some("description"),
            Self::NotMember => Some("accountId"),
            Self::FounderStays | Self::CommunitiesExceeded { .. } | Self::Erased => None,
        }
    }
}
