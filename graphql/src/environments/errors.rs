//! Why `environments` turned something down.

use async_graphql::{Enum, SimpleObject};
use domain::{
    Rejection,
    environments::{ClusterRejection, EnvironmentRejection},
};

use crate::decided::Errors;

/// Why `environments` turned something down.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EnvironmentErrorCode {
    /// There is no such environment, or it is somebody else's.
    NotFound,
    /// It is not ready yet, or not any more.
    WrongState,
    /// The cluster has none for it.
    NoPlace,
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
            Self::NoPlace { .. } => EnvironmentErrorCode::NoPlace,
        };
        vec![EnvironmentError { code, message: self.to_string(), field: self.field().map(Into::into) }]
    }
}

/// Why something was turned down about a cluster.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClusterErrorCode {
    NotFound,
    NameInvalid,
    NameTaken,
    LabelInvalid,
    WeightInvalid,
    LimitInvalid,
    /// What it was to be connected with is refused.
    AccessInvalid,
    /// It was tried, and does not do.
    NotUsable,
    /// The credentials are for another server, and environments live on this one.
    ServerDiffers,
    /// Somebody else gave it other credentials at the same time.
    RotatedMeanwhile,
    /// It cannot do this any more, or not yet.
    WrongState,
    /// Environments live there.
    EnvironmentsLive,
    /// It takes no environments.
    Closed,
    Unreachable,
    Full,
}

/// Why something was turned down about a cluster.
#[derive(SimpleObject)]
pub(crate) struct ClusterError {
    code: ClusterErrorCode,
    /// For people; do not parse it.
    message: String,
    /// The input field it is about.
    field: Option<String>,
}

impl Errors<ClusterError> for ClusterRejection {
    fn errors(self) -> Vec<ClusterError> {
        let code = match &self {
            Self::NotFound => ClusterErrorCode::NotFound,
            Self::NameInvalid => ClusterErrorCode::NameInvalid,
            Self::NameTaken => ClusterErrorCode::NameTaken,
            Self::LabelInvalid { .. } => ClusterErrorCode::LabelInvalid,
            Self::WeightInvalid => ClusterErrorCode::WeightInvalid,
            Self::LimitInvalid => ClusterErrorCode::LimitInvalid,
            Self::AccessInvalid { .. } => ClusterErrorCode::AccessInvalid,
            Self::NotUsable { .. } => ClusterErrorCode::NotUsable,
            Self::ServerDiffers { .. } => ClusterErrorCode::ServerDiffers,
            Self::RotatedMeanwhile => ClusterErrorCode::RotatedMeanwhile,
            Self::WrongState { .. } => ClusterErrorCode::WrongState,
            Self::EnvironmentsLive { .. } => ClusterErrorCode::EnvironmentsLive,
            Self::Closed { .. } => ClusterErrorCode::Closed,
            Self::Unreachable => ClusterErrorCode::Unreachable,
            Self::Full { .. } => ClusterErrorCode::Full,
        };
        vec![ClusterError { code, message: self.to_string(), field: self.field().map(Into::into) }]
    }
}
