//! Which roles administrators have defined, and who owns the platform. Whoever gives or takes a role meets in this one stream, so
//! that names are unique, nobody gives more than they hold, and one super administrator is always left.

mod giving;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    AnyRole, Grants, GrantsWithin, IdentityRejection as Rejection, Networks, Permissions, Protection, Role, RoleDescription, RoleName,
    Standing,
};
use crate::{
    Decider, Event,
    kernel::{AccountId, CommunityId, RoleId, Timestamp},
};

/// Which roles are defined, and who owns the platform.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RoleBook {
    roles: BTreeMap<RoleId, Definition>,
    super_administrators: BTreeSet<AccountId>,
    /// Of those roles that ask anything of who holds them, or were said not to.
    #[serde(default)]
    protections: BTreeMap<AnyRole, Protection>,
}

/// What a role is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    pub name: RoleName,
    pub description: RoleDescription,
    pub permissions: Permissions,
}

/// `held` is what whoever asks may do themselves; absent for a part of the program, which may do all.
#[derive(Debug)]
pub enum RoleBookCommand {
    Define {
        role: RoleId,
        definition: Definition,
        held: Option<Permissions>,
    },
    /// What is absent stays.
    Revise {
        role: RoleId,
        name: Option<RoleName>,
        description: Option<RoleDescription>,
        permissions: Option<Permissions>,
        held: Option<Permissions>,
    },
    /// Has a role ask something of those who hold it. What is absent stays. `from` is where whoever asks is, if they hold it.
    Protect {
        role: AnyRole,
        second_factor: Option<bool>,
        networks: Option<Networks>,
        held: Option<Permissions>,
        from: Option<IpAddr>,
        holds_it: bool,
    },
    /// To give a role to an account.
    Give {
        role: AnyRole,
        account: AccountId,
        held: Option<Permissions>,
    },
    /// To take a role from an account.
    Take {
        role: AnyRole,
        account: AccountId,
        held: Option<Permissions>,
    },
    /// To give or take a role within a community, where `held` is what whoever asks may do.
    Lend {
        role: AnyRole,
        held: Option<Permissions>,
    },
    /// To do to an account what only those may who hold as much.
    Judge {
        grants: Grants,
        held: Option<Permissions>,
    },
    /// To have an account go, with all that it holds.
    Leave {
        account: AccountId,
        grants: Grants,
        held: Option<Permissions>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RoleBookEvent {
    Defined { role: RoleId, definition: Definition },
    Revised { role: RoleId, definition: Definition },
    Protected { role: AnyRole, protection: Protection },
    SuperAdministratorAppointed { account: AccountId },
    SuperAdministratorDismissed { account: AccountId },
}

impl RoleBook {
    /// The id of the only stream there is of it.
    pub const ID: Uuid = Uuid::from_u128(0x0001);
    /// How many roles may be defined.
    pub const MOST: usize = 200;

    /// What a role permits; nothing where there is no such role.
    fn permits(&self, role: AnyRole) -> Option<Permissions> {
        match role {
            AnyRole::BuiltIn(role) => Some(role.permissions()),
            AnyRole::Defined(role) => self.roles.get(&role).map(|role| role.permissions.clone()),
        }
    }

    /// All that these roles permit at an instant.
    #[must_use]
    pub fn permissions(&self, grants: &Grants, now: Timestamp) -> Permissions {
        grants.iter().filter(|grant| grant.is_good(now)).filter_map(|grant| self.permits(grant.role)).flatten().collect()
    }

    /// Whether there is a role.
    #[must_use]
    pub fn has(&self, role: AnyRole) -> bool {
        self.permits(role).is_some()
    }

    /// Who owns the platform. Whether they can come in, their accounts say.
    pub fn super_administrators(&self) -> impl Iterator<Item = AccountId> {
        self.super_administrators.iter().copied()
    }

    /// What somebody with these roles may do at an instant, asking from an address. `factor_for` are the roles that are held with a
    /// second factor where nothing else was said of them.
    #[must_use]
    pub fn standing(&self, grants: &Grants, now: Timestamp, from: Option<IpAddr>, factor_for: &BTreeSet<Role>) -> Standing {
        let mut standing = Standing::default();
        for grant in grants.iter().filter(|grant| grant.is_good(now)) {
            let permits = self.permits(grant.role).unwrap_or_default();
            let protection = self.protection(grant.role, factor_for);
            standing.second_factor |= protection.second_factor == Some(true);
            if protection.networks.contain(from) { &mut standing.permissions } else { &mut standing.elsewhere }.extend(permits);
        }
        standing.elsewhere.retain(|permission| !standing.permissions.contains(permission));
        standing
    }

    /// The same within each community in which somebody holds a role, where that permits anything or would.
    #[must_use]
    pub fn standing_within(
        &self,
        within: &GrantsWithin,
        now: Timestamp,
        from: Option<IpAddr>,
        factor_for: &BTreeSet<Role>,
    ) -> BTreeMap<CommunityId, Standing> {
        let standing = |(community, grants)| (community, self.standing(grants, now, from, factor_for));
        within.iter().map(standing).filter(|(_, standing)| *standing != Standing::default()).collect()
    }

    /// What a role asks of those who hold it.
    #[must_use]
    pub fn protection(&self, role: AnyRole, factor_for: &BTreeSet<Role>) -> Protection {
        let said = self.protections.get(&role).cloned().unwrap_or_default();
        let configured = matches!(role, AnyRole::BuiltIn(role) if factor_for.contains(&role));
        Protection { second_factor: Some(said.second_factor.unwrap_or(configured)), ..said }
    }

    /// All roles there are.
    pub fn roles(&self) -> impl Iterator<Item = AnyRole> {
        Role::ALL.into_iter().map(AnyRole::from).chain(self.roles.keys().copied().map(AnyRole::from))
    }

    fn defined(&self, role: RoleId, definition: Definition) -> Result<Definition, Rejection> {
        let names = self.roles.iter().filter(|(other, _)| **other != role).map(|(_, taken)| taken.name.as_str());
        if names.chain(Role::ALL.map(Role::name)).any(|taken| definition.name.is_like(taken)) {
            return Err(Rejection::RoleNameTaken);
        }
        Ok(definition)
    }

    fn dismiss(&self, account: AccountId) -> Result<Vec<RoleBookEvent>, Rejection> {
        match self.super_administrators.contains(&account) {
            false => Ok(vec![]),
            true if self.super_administrators.len() == 1 => Err(Rejection::LastSuperAdministrator),
            true => Ok(vec![RoleBookEvent::SuperAdministratorDismissed { account }]),
        }
    }
}

/// Nobody gives, takes or defines what they do not hold.
fn within(permissions: &Permissions, held: Option<&Permissions>) -> Result<(), Rejection> {
    if held.is_none_or(|held| permissions.is_subset(held)) { Ok(()) } else { Err(Rejection::MoreThanHeld) }
}

impl Decider for RoleBook {
    const STREAM: &'static str = "role_book";
    const STATE_VERSION: u32 = 2;
    type Command = RoleBookCommand;
    type Event = RoleBookEvent;
    type Rejection = Rejection;

    fn decide(&self, command: RoleBookCommand, now: Timestamp) -> Result<Vec<RoleBookEvent>, Rejection> {
        use RoleBookCommand::{Define, Give, Judge, Leave, Lend, Protect, Revise, Take};
        match command {
            Define { .. } if self.roles.len() >= Self::MOST => Err(Rejection::TooManyRoles),
            Define { role, definition, held } => {
                within(&definition.permissions, held.as_ref())?;
                Ok(vec![RoleBookEvent::Defined { role, definition: self.defined(role, definition)? }])
            }
            Revise { role, name, description, permissions, held } => {
                let before = self.roles.get(&role).ok_or(Rejection::RoleNotFound)?;
                within(&before.permissions, held.as_ref())?;
                let definition = Definition {
                    name: name.unwrap_or_else(|| before.name.clone()),
                    description: description.unwrap_or_else(|| before.description.clone()),
                    permissions: permissions.unwrap_or_else(|| before.permissions.clone()),
                };
                within(&definition.permissions, held.as_ref())?;
                if definition == *before {
                    return Ok(vec![]);
                }
                Ok(vec![RoleBookEvent::Revised { role, definition: self.defined(role, definition)? }])
            }
            Protect { role, second_factor, networks, held, from, holds_it } => {
                within(&self.permits(role).ok_or(Rejection::RoleNotFound)?, held.as_ref())?;
                let before = self.protections.get(&role).cloned().unwrap_or_default();
                let protection = Protection {
                    second_factor: second_factor.or(before.second_factor),
                    networks: networks.unwrap_or_else(|| before.networks.clone()),
                };
                if protection == before {
                    return Ok(vec![]);
                }
                // Nobody is left outside by their own hand.
                if holds_it && !protection.networks.contain(from) {
                    return Err(Rejection::NetworksExcludeYou);
                }
                Ok(vec![RoleBookEvent::Protected { role, protection }])
            }
            Give { role, account, held } => {
                within(&self.permits(role).ok_or(Rejection::RoleNotFound)?, held.as_ref())?;
                let appoints = role == Role::SuperAdministrator.into() && !self.super_administrators.contains(&account);
                Ok(appoints.then_some(RoleBookEvent::SuperAdministratorAppointed { account }).into_iter().collect())
            }
            Take { role, account, held } => {
                within(&self.permits(role).ok_or(Rejection::RoleNotFound)?, held.as_ref())?;
                if role == Role::SuperAdministrator.into() { self.dismiss(account) } else { Ok(vec![]) }
            }
            Lend { role, .. } if !role.may_be_within() => Err(Rejection::RoleNotWithin),
            Lend { role, held } => within(&self.permits(role).ok_or(Rejection::RoleNotFound)?, held.as_ref()).map(|()| vec![]),
            Judge { grants, held } => within(&self.permissions(&grants, now), held.as_ref()).map(|()| vec![]),
            Leave { account, grants, held } => {
                within(&self.permissions(&grants, now), held.as_ref())?;
                self.dismiss(account)
            }
        }
    }

    fn evolve(&mut self, event: &RoleBookEvent) {
        match event {
            RoleBookEvent::Defined { role, definition } | RoleBookEvent::Revised { role, definition } => {
                self.roles.insert(*role, definition.clone());
            }
            RoleBookEvent::Protected { role, protection } => drop(self.protections.insert(*role, protection.clone())),
            RoleBookEvent::SuperAdministratorAppointed { account } => drop(self.super_administrators.insert(*account)),
            RoleBookEvent::SuperAdministratorDismissed { account } => drop(self.super_administrators.remove(account)),
        }
    }
}

impl Event for RoleBookEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Defined { .. } => "RoleDefined",
            Self::Revised { .. } => "RoleRevised",
            Self::Protected { .. } => "RoleProtected",
            Self::SuperAdministratorAppointed { .. } => "SuperAdministratorAppointed",
            Self::SuperAdministratorDismissed { .. } => "SuperAdministratorDismissed",
        }
    }
}

#[cfg(test)]
mod tests;
