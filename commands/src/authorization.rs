//! The one place that says who may do what.

use domain::{identity::Permission, kernel::AccountId};

use crate::{Actor, Fault, Request};

impl Actor {
    /// Whether a permission is held. Parts of this program may do what they were written for.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        match self {
            Self::Anonymous => false,
            Self::Account { roles, .. } => roles.iter().any(|role| role.permits(permission)),
            Self::System(_) => true,
        }
    }
}

impl Request {
    /// The person asking, if they hold the permission.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`].
    pub fn person_with(&self, permission: Permission) -> Result<AccountId, Fault> {
        let account = self.actor.account().ok_or(Fault::Unauthenticated)?;
        self.require(permission).map(|()| account)
    }

    /// Lets through whoever holds the permission, person or program.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`].
    pub fn require(&self, permission: Permission) -> Result<(), Fault> {
        match &self.actor {
            Actor::Anonymous => Err(Fault::Unauthenticated),
            actor if actor.may(permission) => Ok(()),
            _ => Err(Fault::Forbidden),
        }
    }
}
