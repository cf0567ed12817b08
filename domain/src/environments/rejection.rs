use serde::{Deserialize, Serialize};

use crate::Rejection;

/// Why `environments` turns a command down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum EnvironmentRejection {
    #[error("there is no such environment")]
    NotFound,
    #[error("the environment is {state}, and cannot do this any more or not yet")]
    WrongState { state: String },
}

impl Rejection for EnvironmentRejection {
    fn field(&self) -> Option<&'static str> {
        Some("environmentId")
    }
}
