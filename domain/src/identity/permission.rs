//! What may be done, one thing at a time.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A set of permissions.
pub type Permissions = BTreeSet<Permission>;

macro_rules! permissions {
    ($($(#[doc = $doc:literal])+ $permission:ident = $name:literal,)+) => {
        /// One thing that may be done. Commands and reads name the permission they need; roles are sets of them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Permission {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $permission,)+
        }

        impl Permission {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$permission),+];

            /// Its name, in the API and in the journal: what it is about, and what is done to it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$permission => $name,)+
                }
            }

            /// What it is for.
            #[must_use]
            pub fn description(self) -> &'static str {
                match self {
                    $(Self::$permission => concat!($($doc),+).trim(),)+
                }
            }

            /// The one of this name.
            #[must_use]
            pub fn of(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|permission| permission.name() == name)
            }
        }
    };
}

permissions! {
    /// Start sessions and work in them; register for runs; found communities and be of them.
    Learn = "session:take",
    /// See and extend anybody's sessions, and see their environments.
    ManageSessions = "session:manage",
    /// Write workshops of one's own.
    WriteWorkshops = "workshop:write",
    /// Publish workshops of one's own.
    PublishWorkshops = "workshop:publish",
    /// Change anybody's workshops, and see private ones.
    ManageWorkshops = "workshop:manage",
    /// Schedule runs of workshops, and see to them.
    OrganiseRuns = "run:organise",
    /// See to anybody's runs, and to who registered for them.
    ManageRuns = "run:manage",
    /// Look after communities: revise and close them, and remove people from them.
    ModerateCommunities = "community:moderate",
    /// Read the journal.
    ReadEvents = "event:read",
    /// See everybody's accounts.
    ReadAccounts = "account:read",
    /// Import accounts; suspend and reinstate people who hold no more than oneself.
    ManageAccounts = "account:manage",
    /// Have all that is known of people put together who hold no more than oneself.
    ExportAccounts = "account:export",
    /// Erase people who hold no more than oneself.
    EraseAccounts = "account:erase",
    /// Give and take roles that permit no more than one holds oneself.
    GrantRoles = "role:grant",
    /// Say how much plans allow, assign plans to accounts, and see how much of it anybody uses.
    ManagePlans = "plan:manage",
    /// Make programs that do something by themselves and may no more than oneself, see all of them, and revoke those.
    ManageServiceAccounts = "service_account:manage",
    /// Define roles that permit no more than one holds oneself.
    DefineRoles = "role:define",
    /// See clusters.
    ReadClusters = "cluster:read",
    /// Register clusters, change and remove them.
    ManageClusters = "cluster:manage",
    /// Give clusters new credentials.
    RotateClusterCredentials = "cluster:rotate_credentials",
    /// Help on, give up or end anybody's environments.
    OperateEnvironments = "environment:operate",
    /// See how the platform does inside, and help it on.
    OperatePlatform = "platform:operate",
    /// Read who did what, and how things came to be as they are.
    ReadAudit = "audit:read",
    /// Keep people from being erased while what they did is looked into.
    HoldAudit = "audit:hold",
    /// Appoint and dismiss those who hold everything.
    OwnPlatform = "platform:own",
}

#[cfg(test)]
mod tests;
