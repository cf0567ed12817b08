//! A person's account.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{DisplayName, Email, ErasureReason, IdentityRejection as Rejection, Role};
use crate::{
    Decider, Event,
    kernel::{AccountId, Personal, Timestamp},
};

/// A person's account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum Account {
    #[default]
    Absent,
    Open {
        email: Personal<Email>,
        password: Personal<String>,
        roles: BTreeSet<Role>,
    },
    /// For ever: the person's key is destroyed.
    Erased,
}

#[derive(Debug)]
pub enum AccountCommand {
    /// `password` is an argon2id hash in PHC form.
    Register {
        email: Personal<Email>,
        display_name: Personal<DisplayName>,
        password: Personal<String>,
        roles: BTreeSet<Role>,
    },
    GrantRole {
        role: Role,
    },
    RevokeRole {
        account: AccountId,
        role: Role,
        by: Option<AccountId>,
    },
    /// `reason` is needed of whoever erases somebody else.
    Erase {
        account: AccountId,
        by: Option<AccountId>,
        reason: Option<ErasureReason>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AccountEvent {
    Registered {
        email: Personal<Email>,
        display_name: Personal<DisplayName>,
        password: Personal<String>,
        roles: BTreeSet<Role>,
    },
    /// `roles` is what the account holds afterwards.
    RoleGranted {
        role: Role,
        roles: BTreeSet<Role>,
    },
    RoleRevoked {
        role: Role,
        roles: BTreeSet<Role>,
    },
    /// The person's key is destroyed because of this event. `by` is absent where a part of the program asked for it.
    Erased {
        by: Option<AccountId>,
        reason: Option<ErasureReason>,
    },
}

impl Decider for Account {
    const STREAM: &'static str = "account";
    type Command = AccountCommand;
    type Event = AccountEvent;
    type Rejection = Rejection;

    fn decide(&self, command: AccountCommand, _now: Timestamp) -> Result<Vec<AccountEvent>, Rejection> {
        use AccountCommand::{Erase, GrantRole, Register, RevokeRole};
        match (self, command) {
            (Self::Erased, _) => Err(Rejection::Erased),
            (Self::Absent, Register { email, display_name, password, mut roles }) => {
                roles.insert(Role::Learner);
                Ok(vec![AccountEvent::Registered { email, display_name, password, roles }])
            }
            (Self::Open { .. }, Register { .. }) => Err(Rejection::EmailTaken),
            (Self::Absent, GrantRole { .. } | RevokeRole { .. } | Erase { .. }) => Err(Rejection::NotFound),
            (Self::Open { roles, .. }, GrantRole { role }) if roles.contains(&role) => Ok(vec![]),
            (Self::Open { roles, .. }, GrantRole { role }) => {
                let roles = roles.iter().copied().chain([role]).collect();
                Ok(vec![AccountEvent::RoleGranted { role, roles }])
            }
            (Self::Open { .. }, RevokeRole { role: Role::Learner, .. }) => Err(Rejection::BasicRole),
            (Self::Open { .. }, RevokeRole { account, role: Role::Administrator, by }) if by == Some(account) => Err(Rejection::OwnRole),
            (Self::Open { roles, .. }, RevokeRole { role, .. }) if !roles.contains(&role) => Ok(vec![]),
            (Self::Open { roles, .. }, RevokeRole { role, .. }) => {
                let roles = roles.iter().copied().filter(|held| *held != role).collect();
                Ok(vec![AccountEvent::RoleRevoked { role, roles }])
            }
            // Whoever erases an administrator is another one, so that one is left.
            (Self::Open { roles, .. }, Erase { account, by, .. })
                if roles.contains(&Role::Administrator) && by.is_none_or(|by| by == account) =>
            {
                Err(Rejection::LastAdministrator)
            }
            (Self::Open { .. }, Erase { account, by, reason: None }) if by != Some(account) => Err(Rejection::ReasonRequired),
            (Self::Open { .. }, Erase { by, reason, .. }) => Ok(vec![AccountEvent::Erased { by, reason }]),
        }
    }

    fn evolve(&mut self, event: &AccountEvent) {
        match (self, event) {
            (state, AccountEvent::Registered { email, password, roles, .. }) => {
                *state = Self::Open { email: email.clone(), password: password.clone(), roles: roles.clone() };
            }
            (Self::Open { roles, .. }, AccountEvent::RoleGranted { roles: now, .. } | AccountEvent::RoleRevoked { roles: now, .. }) => {
                roles.clone_from(now);
            }
            (state, AccountEvent::Erased { .. }) => *state = Self::Erased,
            (Self::Absent | Self::Erased, AccountEvent::RoleGranted { .. } | AccountEvent::RoleRevoked { .. }) => {}
        }
    }
}

impl Event for AccountEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Registered { .. } => "AccountRegistered",
            Self::RoleGranted { .. } => "RoleGranted",
            Self::RoleRevoked { .. } => "RoleRevoked",
            Self::Erased { .. } => "AccountErased",
        }
    }
}

#[cfg(test)]
mod tests;
