//! What an access token may be used for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{IdentityRejection as Rejection, Permission, Permissions};

/// Permissions by their stored names, at least one. They are given by them no more than the owner holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(BTreeSet<String>);

impl Scopes {
    /// # Errors
    /// [`Rejection::ScopesInvalid`].
    pub fn try_new<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, Rejection> {
        let names: BTreeSet<String> = names.into_iter().map(ToOwned::to_owned).collect();
        if names.is_empty() || names.iter().any(|name| Permission::of(name).is_none()) {
            Err(Rejection::ScopesInvalid)
        } else {
            Ok(Self(names))
        }
    }

    /// None at all, as of a link that shows one thing.
    #[must_use]
    pub const fn none() -> Self {
        Self(BTreeSet::new())
    }

    /// Whether it is among them.
    #[must_use]
    pub fn permit(&self, permission: Permission) -> bool {
        self.0.contains(permission.name())
    }

    /// The permissions that they name.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        self.names().filter_map(Permission::of).collect()
    }

    /// In order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests;
