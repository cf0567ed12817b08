//! Why `environments` turned something down.

use async_graphql::{Enum, SimpleObject};
use domain::{Rejection, environments::EnvironmentRejection};

use crate::decided::Errors;

/// Why `environments` turned something down.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EnvironmentErrorCode {
    /// There is no such environment, or it is somebody else's.
    NotFound,
    /// It is not ready yet, or not any more.
    WrongState,
}

/// Why `environments` turned something down.
#[derive(SimpleObject)]
pub(crate) struct EnvironmentError {
    code: EnvironmentErrorCode,
    /// For people; do not parse it.
    message: String,
    /// The input field it is about.
    field: Option<String>,
}

impl Errors<EnvironmentError> for EnvironmentRejection {
    fn errors(self) -> Vec<EnvironmentError> {
        let code = match &self {
            Self::NotFound => EnvironmentErrorCode::NotFound,
            Self::WrongState { .. } => EnvironmentErrorCode::WrongState,
        };
        vec![EnvironmentError { code, message: self.to_string(), field: self.field().map(Into::into) }]
    }
}
