use serde::{Deserialize, Serialize};

use crate::Rejection;

/// Why an environment's command is turned down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum EnvironmentRejection {
    #[error("there is no such environment")]
    NotFound,
    #[error("the environment is {state}, and cannot do this any more or not yet")]
    WrongState { state: String },
    #[error("there is no place on the cluster: {reason}")]
    NoPlace { reason: String },
}

impl Rejection for EnvironmentRejection {
    fn field(&self) -> Option<&'static str> {
        Some("environmentId")
    }
}

/// Why a cluster's command is turned down. Nothing of credentials is ever in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ClusterRejection {
    #[error("there is no such cluster")]
    NotFound,
    #[error("expected a name of 1 to 63 lower-case letters, digits and hyphens that begins and ends with a letter or digit")]
    NameInvalid,
    #[error("a cluster of this name exists")]
    NameTaken,
    #[error("label {label}: expected at most 32 labels, of keys of 1 to 63 of a-z, 0-9, '.', '_', '-' and '/', and values of up to 63 plain letters")]
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
    #[error("the cluster is {state}, and cannot do this any more or not yet")]
    WrongState { state: String },
    #[error("{live} environments live there; drain it first, or force the removal, which tears them down")]
    EnvironmentsLive { live: u32 },
    #[error("the cluster is {state}, and takes no environments")]
    Closed { state: String },
    #[error("the cluster cannot be reached")]
    Unreachable,
    #[error("the cluster is full: {limit} environments at most")]
    Full { limit: u32 },
}

impl Rejection for ClusterRejection {
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NameInvalid | Self::NameTaken => Some("name"),
            Self::LabelInvalid { .. } => Some("labels"),
            Self::WeightInvalid => Some("weight"),
            Self::LimitInvalid => Some("limit"),
            Self::AccessInvalid { .. } | Self::NotUsable { .. } | Self::ServerDiffers { .. } => Some("access"),
            Self::EnvironmentsLive { .. } => Some("force"),
            Self::NotFound
            | Self::RotatedMeanwhile
            | Self::WrongState { .. }
            | Self::Closed { .. }
            | Self::Unreachable
            | Self::Full { .. } => Some("clusterId"),
        }
    }
}
