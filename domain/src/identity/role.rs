use serde::{Deserialize, Serialize};

/// What an account is trusted with. Each role is a set of [`Permission`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Learner,
    Author,
    Analyst,
    Administrator,
}

/// One thing that may be done. Commands and reads name the permission they need; roles are what people hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Start sessions and work in them.
    Learn,
    /// Write and publish workshops of one's own.
    WriteWorkshops,
    /// Change anybody's workshops, and see private ones.
    ManageWorkshops,
    /// Read the journal.
    ReadEvents,
    /// See accounts, grant and revoke roles.
    ManageAccounts,
    /// See anybody's sessions and environments.
    ManageSessions,
    /// See clusters (`cluster:read`).
    ReadClusters,
    /// Register clusters, change and remove them (`cluster:manage`).
    ManageClusters,
    /// Give clusters new credentials (`cluster:rotate_credentials`).
    RotateClusterCredentials,
    /// Help on, give up or end anybody's environments (`environment:operate`).
    OperateEnvironments,
    /// See how the platform does inside, and help it on.
    OperatePlatform,
}

impl Role {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Learner, Self::Author, Self::Analyst, Self::Administrator];

    /// Whether holding this role permits it.
    #[must_use]
    pub const fn permits(self, permission: Permission) -> bool {
        match permission {
            Permission::Learn => true,
            Permission::WriteWorkshops => matches!(self, Self::Author | Self::Administrator),
            Permission::ReadEvents => matches!(self, Self::Analyst | Self::Administrator),
            Permission::ManageWorkshops
            | Permission::ManageAccounts
            | Permission::ManageSessions
            | Permission::ReadClusters
            | Permission::ManageClusters
            | Permission::RotateClusterCredentials
            | Permission::OperateEnvironments
            | Permission::OperatePlatform => matches!(self, Self::Administrator),
        }
    }

    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Learner => "learner",
            Self::Author => "author",
            Self::Analyst => "analyst",
            Self::Administrator => "administrator",
        }
    }
}

#[cfg(test)]
mod tests;
