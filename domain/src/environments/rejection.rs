use serde::{Deserialize, Serialize};

use crate::Rejection;

/// Why `environments` turns a command down. Nothing of a cluster's credentials is ever in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum EnvironmentRejection {
    #[error("there is no such environment")]
    NotFound,
    #[error("the environment is {state}, and cannot do this any more or not yet")]
    WrongState { state: String },
    #[error("there is no such cluster")]
    ClusterNotFound,
    #[error("the cluster is {state}, and cannot do this any more or not yet")]
    ClusterWrongState { state: String },
    #[error("the cluster is {state}, and takes no environments")]
    ClusterClosed { state: String },
    #[error("the cluster cannot be reached")]
    ClusterUnreachable,
    #[error("the cluster is full: {limit} environments at most")]
    ClusterFull { limit: u32 },
    #[error("expected a name of 1 to 63 lower-case letters, digits and hyphens that begins and ends with a letter or digit")]
    NameInvalid,
    #[error("a cluster of this name exists")]
    NameTaken,
    #[error(
        "label {label}: expected at most 32, with keys of 1 to 63 of a-z, 0-9, '.', '_', '-', '/' and values of up to 63 plain letters"
    )]
    LabelInvalid { label: String },
    #[error("expected a weight from 1 to 1000")]
    WeightInvalid,
    #[error("expected a limit from 1 to 100000 environments, or none")]
    LimitInvalid,
    /// `at` is where in what was given, such as `users[0].user.exec`.
    #[error("{at}: {problem}")]
    AccessInvalid { at: String, problem: String },
    /// Each failure names the point that was tested.
    #[error("the cluster cannot be used as it is: {}", failures.join("; "))]
    NotUsable { failures: Vec<String> },
    #[error("this is another server than {server}, where environments live; expected credentials for the same, or a cluster of its own")]
    ServerDiffers { server: String },
    #[error("the credentials were rotated meanwhile; look at them and try again")]
    RotatedMeanwhile,
    #[error("{live} environments live there; drain it first, or force the removal, which tears them down")]
    EnvironmentsLive { live: u32 },
    #[error("the environment is on no cluster, so there are no objects in it")]
    NotOnCluster,
    #[error("the vCluster is not ready; try again in a moment")]
    VclusterNotReady,
    #[error("there is no such pod; expected the name of one that is listed")]
    PodNotFound,
    #[error("there is no such workshop")]
    WorkshopNotFound,
    #[error("expected at most {most} environments that are made ahead")]
    PoolTooLarge { most: u32 },
    #[error("as many environments as may be are made ahead")]
    PoolFull,
    #[error("the environment was not made ahead, or somebody else has taken it")]
    NotInPool,
    #[error("the log cannot be shown: {problem}")]
    LogUnavailable { problem: String },
}

impl Rejection for EnvironmentRejection {
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound | Self::WrongState { .. } | Self::NotInPool => Some("environmentId"),
            Self::NameInvalid | Self::NameTaken => Some("name"),
            Self::LabelInvalid { .. } => Some("labels"),
            Self::WeightInvalid => Some("weight"),
            Self::LimitInvalid => Some("limit"),
            Self::AccessInvalid { .. } | Self::NotUsable { .. } | Self::ServerDiffers { .. } => Some("access"),
            Self::EnvironmentsLive { .. } => Some("force"),
            Self::NotOnCluster | Self::VclusterNotReady => Some("sessionId"),
            Self::PoolTooLarge { .. } => Some("count"),
            Self::PoolFull | Self::WorkshopNotFound => Some("workshopId"),
            Self::PodNotFound | Self::LogUnavailable { .. } => Some("pod"),
            Self::ClusterNotFound
            | Self::ClusterWrongState { .. }
            | Self::ClusterClosed { .. }
            | Self::ClusterUnreachable
            | Self::ClusterFull { .. }
            | Self::RotatedMeanwhile => Some("clusterId"),
        }
    }
}
