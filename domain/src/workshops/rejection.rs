use serde::{Deserialize, Serialize};

use super::defects::Defect;
use crate::{Rejection, kernel::Plan};

/// Why `workshops` turns a command down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum WorkshopRejection {
    #[error("there is no such workshop")]
    NotFound,
    #[error("another workshop has this slug")]
    SlugTaken,
    #[error("expected a slug of 1 to 80 lower-case letters, digits and single hyphens")]
    SlugInvalid,
    #[error("the workshop is archived")]
    Archived,
    #[error("the latest draft is published already")]
    NothingToPublish,
    #[error("the {plan} plan allows {limit} bytes of workshops, of which {used} are used; archive one, or ask for another plan")]
    StorageExceeded { limit: u64, used: u64, plan: Plan },
    #[error("{}", Defect::listed(.0))]
    Defective(Vec<Defect>),
}

impl Rejection for WorkshopRejection {
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound | Self::Archived | Self::NothingToPublish => Some("workshopId"),
            Self::SlugTaken | Self::SlugInvalid => Some("slug"),
            Self::Defective(_) | Self::StorageExceeded { .. } => Some("content"),
        }
    }
}
