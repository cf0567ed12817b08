//! For how long somebody gives a role, and what it permits.

use std::{collections::BTreeSet, net::IpAddr};

use super::{AnyRole, Grants, Permissions, Role, RoleBook, RoleId, Timestamp};
use crate::identity::{Grant, Permission};

impl RoleBook {
    /// Until when somebody with these roles holds all that a role permits and gives roles: for ever, where that is for good; none, where
    /// they do not hold all of it now. What asks for a second factor that they lack, or for a network that they are not in, is not held.
    #[must_use]
    pub fn gives_until(
        &self,
        grants: &Grants,
        role: AnyRole,
        now: Timestamp,
        met: (Option<IpAddr>, bool),
        factor_for: &BTreeSet<Role>,
    ) -> Option<Timestamp> {
        let needed = self.permits(role)?.into_iter().chain([Permission::GrantRoles]);
        self.held_until(grants, needed, now, met, factor_for)
    }

    /// Until when somebody with these roles holds all that a role does not permit yet, and is to: for ever, where that is for good or
    /// nothing is added; none, where they do not hold all of it now.
    #[must_use]
    pub fn adds_until(
        &self,
        grants: &Grants,
        (role, permissions): (RoleId, &Permissions),
        now: Timestamp,
        met: (Option<IpAddr>, bool),
        factor_for: &BTreeSet<Role>,
    ) -> Option<Timestamp> {
        let before = self.permits(role.into())?;
        self.held_until(grants, permissions.difference(&before).copied(), now, met, factor_for)
    }

    /// Until when somebody with these roles holds all of what is needed.
    fn held_until(
        &self,
        grants: &Grants,
        needed: impl Iterator<Item = Permission>,
        now: Timestamp,
        (from, has_factor): (Option<IpAddr>, bool),
        factor_for: &BTreeSet<Role>,
    ) -> Option<Timestamp> {
        let is_met = |grant: &Grant| {
            let protection = self.protection(grant.role, factor_for);
            protection.networks.contain(from) && (has_factor || protection.second_factor != Some(true))
        };
        let good: Vec<Grant> = grants.iter().filter(|grant| grant.is_good(now) && is_met(grant)).collect();
        let held_until = |permission: Permission| {
            let permits = |grant: &&Grant| self.permits(grant.role).is_some_and(|all| all.contains(&permission));
            good.iter().filter(permits).map(|grant| grant.until.unwrap_or(Timestamp::MAX_UTC)).max()
        };
        needed.map(held_until).min().unwrap_or(Some(Timestamp::MAX_UTC))
    }
}

#[cfg(test)]
mod tests;
