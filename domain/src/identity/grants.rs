//! The roles that an account holds, some of them until an instant, and some within a community alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AnyRole, Role};
use crate::kernel::{CommunityId, Timestamp};

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

    /// Whether it is held for longer than until then.
    pub(super) fn outlasts(&self, until: Option<Timestamp>) -> bool {
        until.is_some_and(|until| self.until.is_none_or(|held| held > until))
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

    /// These and others, each role as long as it is held by any of them.
    #[must_use]
    pub fn and(&self, others: impl IntoIterator<Item = Grant>) -> Self {
        let mut all = self.clone();
        for grant in others {
            let longer = |until: Option<Timestamp>| until.zip(grant.until).map(|(one, other)| one.max(other));
            all.0.entry(grant.role).and_modify(|until| *until = longer(*until)).or_insert(grant.until);
        }
        all
    }

    /// These, and those that are held within communities as if they were held everywhere: all that somebody is trusted with anywhere.
    #[must_use]
    pub fn and_within(&self, within: Option<&GrantsWithin>) -> Self {
        self.and(within.into_iter().flat_map(GrantsWithin::iter).flat_map(|(_, grants)| grants.iter()))
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

/// The roles that an account holds within communities, and nowhere else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantsWithin(BTreeMap<CommunityId, Grants>);

impl GrantsWithin {
    /// How many an account holds at the most, over all communities; what has run out is none.
    pub const MOST: usize = 100;

    /// Those of each community in which there are any.
    pub fn iter(&self) -> impl Iterator<Item = (CommunityId, &Grants)> {
        self.0.iter().map(|(community, grants)| (*community, grants))
    }

    /// Those of one community.
    pub fn of(&self, community: CommunityId) -> impl Iterator<Item = Grant> {
        self.0.get(&community).into_iter().flat_map(Grants::iter)
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes in that a role is held.
    pub fn add(&mut self, community: CommunityId, grant: Grant) {
        let grants = self.0.entry(community).or_default();
        *grants = grants.with(grant);
    }

    /// Takes in that a role is not held any more.
    pub fn remove(&mut self, community: CommunityId, role: AnyRole) {
        if let Some(grants) = self.0.get_mut(&community) {
            *grants = grants.without(role);
        }
        self.0.retain(|_, grants| !grants.0.is_empty());
    }

    pub(super) fn get(&self, community: CommunityId, role: AnyRole) -> Option<Grant> {
        self.0.get(&community).and_then(|grants| grants.get(role))
    }

    /// How many permit anything at an instant.
    pub(super) fn count(&self, now: Timestamp) -> usize {
        self.0.values().flat_map(Grants::iter).filter(|grant| grant.is_good(now)).count()
    }
}

#[cfg(test)]
mod tests;
