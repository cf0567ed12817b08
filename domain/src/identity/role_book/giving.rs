//! For how long somebody gives a role.

use std::{collections::BTreeSet, net::IpAddr};

use super::{AnyRole, Grants, Role, RoleBook, Timestamp};
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
        let needed = self.permits(role)?.into_iter().chain([Permission::GrantRoles]);
        needed.map(held_until).min().flatten()
    }
}

#[cfg(test)]
mod tests;
