//! The roles that an account holds, some of them until an instant.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AnyRole, Role};
use crate::kernel::Timestamp;

/// One role that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub role: AnyRole,
    /// From then on it permits nothing; absent: held for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Grant {
    /// Whether it permits anything at an instant.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// The roles that an account holds, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<Grant>", from = "Vec<Grant>")]
pub struct Grants(BTreeMap<AnyRole, Option<Timestamp>>);

impl Grants {
    /// Whether a role is held for good or was, whatever the time.
    #[must_use]
    pub fn has(&self, role: impl Into<AnyRole>) -> bool {
        self.0.contains_key(&role.into())
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Grant> {
        self.0.iter().map(|(role, until)| Grant { role: *role, until: *until })
    }

    pub(super) fn get(&self, role: AnyRole) -> Option<Grant> {
        self.0.get(&role).map(|until| Grant { role, until: *until })
    }

    #[must_use]
    pub(super) fn with(&self, grant: Grant) -> Self {
        self.iter().chain([grant]).collect()
    }

    #[must_use]
    pub(super) fn without(&self, role: AnyRole) -> Self {
        self.iter().filter(|grant| grant.role != role).collect()
    }
}

impl FromIterator<Grant> for Grants {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        Self(grants.into_iter().map(|grant| (grant.role, grant.until)).collect())
    }
}

impl<'r> FromIterator<&'r Role> for Grants {
    fn from_iter<I: IntoIterator<Item = &'r Role>>(roles: I) -> Self {
        Self(roles.into_iter().map(|role| ((*role).into(), None)).collect())
    }
}

impl From<Vec<Grant>> for Grants {
    fn from(grants: Vec<Grant>) -> Self {
        grants.into_iter().collect()
    }
}

impl From<Grants> for Vec<Grant> {
    fn from(grants: Grants) -> Self {
        grants.iter().collect()
    }
}
