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
    ClusterNotFound,
    /// The cluster cannot do this any more, or not yet.
    ClusterWrongState,
    /// The cluster takes no environments.
    ClusterClosed,
    ClusterUnreachable,
    ClusterFull,
    NameInvalid,
    NameTaken,
    LabelInvalid,
    WeightInvalid,
    LimitInvalid,
    /// What the cluster was to be connected with is refused.
    AccessInvalid,
    /// The cluster was tried, and does not do.
    NotUsable,
    /// The credentials are for another server, and environments live on this one.
    ServerDiffers,
    /// Somebody else gave the cluster other credentials at the same time.
    RotatedMeanwhile,
    /// Environments live on the cluster.
    EnvironmentsLive,
    /// The environment is on no cluster.
    NotOnCluster,
    /// Not answered any more.
    #[graphql(deprecation = "what is in every kind of environment on clusters is shown")]
    IsolationNotShown,
    /// The vCluster of the environment does not answer yet, or does not for now.
    VclusterNotReady,
    WorkshopNotFound,
    PoolTooLarge,
    PoolFull,
    NotInPool,
    PodNotFound,
    LogUnavailable,
}

/// Why `environments` turned something down.
#[derive(SimpleObject)]
pub(crate) struct EnvironmentError {
    code: EnvironmentErrorCode,
    /// For people; do not parse it.
    message: String,
    /// The input field it is about.
    pub(super) field: Option<String>,
}

impl Errors<EnvironmentError> for EnvironmentRejection {
    fn errors(self) -> Vec<EnvironmentError> {
        let code = match &self {
            Self::NotFound => EnvironmentErrorCode::NotFound,
            Self::WrongState { .. } => EnvironmentErrorCode::WrongState,
            Self::ClusterNotFound => EnvironmentErrorCode::ClusterNotFound,
            Self::ClusterWrongState { .. } => EnvironmentErrorCode::ClusterWrongState,
            Self::ClusterClosed { .. } => EnvironmentErrorCode::ClusterClosed,
            Self::ClusterUnreachable => EnvironmentErrorCode::ClusterUnreachable,
            Self::ClusterFull { .. } => EnvironmentErrorCode::ClusterFull,
            Self::NameInvalid => EnvironmentErrorCode::NameInvalid,
            Self::NameTaken => EnvironmentErrorCode::NameTaken,
            Self::LabelInvalid { .. } => EnvironmentErrorCode::LabelInvalid,
            Self::WeightInvalid => EnvironmentErrorCode::WeightInvalid,
            Self::LimitInvalid => EnvironmentErrorCode::LimitInvalid,
            Self::AccessInvalid { .. } => EnvironmentErrorCode::AccessInvalid,
            Self::NotUsable { .. } => EnvironmentErrorCode::NotUsable,
            Self::ServerDiffers { .. } => EnvironmentErrorCode::ServerDiffers,
            Self::RotatedMeanwhile => EnvironmentErrorCode::RotatedMeanwhile,
            Self::EnvironmentsLive { .. } => EnvironmentErrorCode::EnvironmentsLive,
            Self::NotOnCluster => EnvironmentErrorCode::NotOnCluster,
            Self::VclusterNotReady => EnvironmentErrorCode::VclusterNotReady,
            Self::WorkshopNotFound => EnvironmentErrorCode::WorkshopNotFound,
            Self::PoolTooLarge { .. } => EnvironmentErrorCode::PoolTooLarge,
            Self::PoolFull => EnvironmentErrorCode::PoolFull,
            Self::NotInPool => EnvironmentErrorCode::NotInPool,
            Self::PodNotFound => EnvironmentErrorCode::PodNotFound,
            Self::LogUnavailable { .. } => EnvironmentErrorCode::LogUnavailable,
        };
        vec![EnvironmentError { code, message: self.to_string(), field: self.field().map(Into::into) }]
    }
}
