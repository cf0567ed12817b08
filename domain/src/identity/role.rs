//! What people are trusted with: roles that are built in, and roles that administrators define.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{IdentityRejection, Permission, Permissions};
use crate::kernel::{RoleId, is_hidden};

/// A role that is built in. Each is a set of [`Permission`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Learner,
    Author,
    Analyst,
    Administrator,
    Organiser,
    Moderator,
    Support,
    Sales,
    Finance,
    SuperAdministrator,
}

impl Role {
    /// All there are, from those who may least.
    pub const ALL: [Self; 10] = [
        Self::Learner,
        Self::Author,
        Self::Organiser,
        Self::Moderator,
        Self::Support,
        Self::Sales,
        Self::Finance,
        Self::Analyst,
        Self::Administrator,
        Self::SuperAdministrator,
    ];

    /// Whether holding this role permits it.
    #[must_use]
    pub const fn permits(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Learner => matches!(permission, P::Learn),
            Self::Organiser => matches!(permission, P::Learn | P::OrganiseRuns),
            Self::Author => matches!(permission, P::Learn | P::WriteWorkshops | P::PublishWorkshops),
            Self::Moderator => matches!(permission, P::Learn | P::ManageWorkshops | P::ModerateCommunities),
            Self::Support => matches!(permission, P::Learn | P::ReadAccounts | P::ManageSessions),
            Self::Sales | Self::Finance => matches!(permission, P::Learn | P::ReadAccounts),
            Self::Analyst => matches!(permission, P::Learn | P::ReadEvents | P::ReadAudit),
            Self::Administrator => !matches!(permission, P::OwnPlatform),
            Self::SuperAdministrator => true,
        }
    }

    /// All that it permits.
    #[must_use]
    pub fn permissions(self) -> Permissions {
        Permission::ALL.iter().copied().filter(|permission| self.permits(*permission)).collect()
    }

    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Learner => "learner",
            Self::Author => "author",
            Self::Organiser => "organiser",
            Self::Moderator => "moderator",
            Self::Support => "support",
            Self::Sales => "sales",
            Self::Finance => "finance",
            Self::Analyst => "analyst",
            Self::Administrator => "administrator",
            Self::SuperAdministrator => "super_administrator",
        }
    }

    /// Who has it.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Learner => "Everybody who has an account.",
            Self::Author => "Writes and publishes workshops.",
            Self::Organiser => "Puts on runs of workshops.",
            Self::Moderator => "Keeps everybody's workshops and communities in order.",
            Self::Support => "Helps people with their accounts and sessions.",
            Self::Sales => "Looks after customers.",
            Self::Finance => "Looks after invoices.",
            Self::Analyst => "Reads the journal and the audit.",
            Self::Administrator => "Runs the platform.",
            Self::SuperAdministrator => "Owns the platform, and appoints others who do. There is always one.",
        }
    }
}

/// A role, built in or defined: `author`, `rol_…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum AnyRole {
    BuiltIn(Role),
    Defined(RoleId),
}

impl AnyRole {
    /// Whether it can be held within a community. What everybody is, and what is about the whole platform, is held everywhere or not at
    /// all.
    #[must_use]
    pub const fn may_be_within(self) -> bool {
        !matches!(self, Self::BuiltIn(Role::Learner | Role::Administrator | Role::SuperAdministrator))
    }
}

impl From<Role> for AnyRole {
    fn from(role: Role) -> Self {
        Self::BuiltIn(role)
    }
}

impl From<RoleId> for AnyRole {
    fn from(role: RoleId) -> Self {
        Self::Defined(role)
    }
}

impl fmt::Display for AnyRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn(role) => f.write_str(role.name()),
            Self::Defined(role) => role.fmt(f),
        }
    }
}

impl FromStr for AnyRole {
    type Err = IdentityRejection;

    fn from_str(text: &str) -> Result<Self, IdentityRejection> {
        let built_in = Role::ALL.into_iter().find(|role| role.name() == text).map(Self::BuiltIn);
        built_in.or_else(|| text.parse().ok().map(Self::Defined)).ok_or(IdentityRejection::RoleNotFound)
    }
}

impl From<AnyRole> for String {
    fn from(role: AnyRole) -> Self {
        role.to_string()
    }
}

impl TryFrom<String> for AnyRole {
    type Error = IdentityRejection;

    fn try_from(text: String) -> Result<Self, IdentityRejection> {
        text.parse()
    }
}

/// What a defined role is called. No two are called alike, in whatever case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoleName(String);

impl RoleName {
    /// # Errors
    /// [`IdentityRejection::RoleNameInvalid`].
    pub fn try_new(text: &str) -> Result<Self, IdentityRejection> {
        let name = text.trim();
        let valid = (1..=60).contains(&name.chars().count()) && !name.contains(is_hidden);
        if valid { Ok(Self(name.to_owned())) } else { Err(IdentityRejection::RoleNameInvalid) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a reader would take one for the other.
    pub(super) fn is_like(&self, other: &str) -> bool {
        self.0.to_lowercase() == other.to_lowercase().replace('_', " ")
    }
}

/// What a defined role is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoleDescription(String);

impl RoleDescription {
    /// # Errors
    /// [`IdentityRejection::RoleDescriptionInvalid`].
    pub fn try_new(text: &str) -> Result<Self, IdentityRejection> {
        let text = text.trim();
        let valid = text.chars().count() <= 500 && !text.contains(is_hidden);
        if valid { Ok(Self(text.to_owned())) } else { Err(IdentityRejection::RoleDescriptionInvalid) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests;
