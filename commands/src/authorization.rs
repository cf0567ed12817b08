//! The one place that says who may do what. Whatever can be asked for is an [`Act`] that declares what it needs: commands in
//! [`acts`], reads in [`reads`]. A command cannot be run without one.

/// Constants for acts, and a list of them all. Those that are dangerous say so.
macro_rules! acts {
    (@is dangerous) => { true };
    (@is) => { false };
    ($($constant:ident = $name:literal needs $needs:expr $(, $mark:tt)?;)+) => {
        $(pub const $constant: Act = Act { name: $name, needs: $needs, dangerous: acts!(@is $($mark)?) };)+

        /// All of them.
        pub const ALL: &[Act] = &[$($constant),+];
    };
}

pub mod acts;
mod proof;
pub mod reads;

use domain::{
    identity::{Permission, Permissions},
    kernel::{AccountId, SignInId},
};

use crate::{Actor, Fault, Request};

/// What whoever asks must be, or hold. Parts of this program may do all that they were written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// To be signed in. What comes of it is one's own.
    Person,
    /// This permission.
    Permission(Permission),
    /// One of these permissions. With which of them whose things may be had, the command says.
    OneOf(&'static [Permission]),
    /// To be signed in for oneself; this permission for somebody else.
    OwnOr(Permission),
    /// To be a part of this program.
    Program,
}

/// Something that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    /// As in the API, such as `workshopPublish`.
    pub name: &'static str,
    pub needs: Needs,
    /// It also needs a proof of not long ago who asks, see `stepUp`.
    pub dangerous: bool,
}

impl Actor {
    /// Whether a permission is held.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        match self {
            Self::Anonymous => false,
            Self::Account { permissions, scopes, .. } => {
                permissions.contains(&permission) && scopes.as_ref().is_none_or(|scopes| scopes.permit(permission))
            }
            Self::System(_) => true,
        }
    }

    /// What is held; none where it is everything, as for a part of this program.
    #[must_use]
    pub fn held(&self) -> Option<Permissions> {
        match self {
            Self::Anonymous => Some(Permissions::new()),
            Self::Account { permissions, .. } => Some(permissions.iter().copied().filter(|permission| self.may(*permission)).collect()),
            Self::System(_) => None,
        }
    }

    /// Lets through whoever an act may be done by at all.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`].
    pub fn allowed(&self, act: &Act) -> Result<(), Fault> {
        let may = match act.needs {
            Needs::Nothing => return Ok(()),
            Needs::Person | Needs::OwnOr(_) => *self != Self::Anonymous,
            Needs::Permission(permission) => self.may(permission),
            Needs::OneOf(permissions) => permissions.iter().any(|permission| self.may(*permission)),
            Needs::Program => matches!(self, Self::System(_)),
        };
        match self {
            _ if may => Ok(()),
            Self::Anonymous => Err(Fault::Unauthenticated),
            Self::Account { .. } | Self::System(_) => Err(Fault::Forbidden),
        }
    }
}

impl Request {
    /// Lets through whoever an act may be done by at all, whatever else it needs.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`].
    pub fn allowed(&self, act: &Act) -> Result<(), Fault> {
        self.actor.allowed(act)
    }

    /// The person asking, if they may do it.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`].
    pub fn person(&self, act: &Act) -> Result<AccountId, Fault> {
        let account = self.actor.account().ok_or(Fault::Unauthenticated)?;
        self.allowed(act).map(|()| account)
    }

    /// The person asking and their sign-in; programs with a token are not let through.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`].
    pub fn in_person(&self) -> Result<(AccountId, SignInId), Fault> {
        match &self.actor {
            Actor::Account { account, sign_in, scopes: None, .. } => Ok((*account, *sign_in)),
            Actor::Account { scopes: Some(_), .. } => Err(Fault::Forbidden),
            Actor::Anonymous | Actor::System(_) => Err(Fault::Unauthenticated),
        }
    }

    /// Whose things may be had: none for whoever may have anybody's, or the person asking.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`].
    pub fn own_unless(&self, anybodys: Permission, act: &Act) -> Result<Option<AccountId>, Fault> {
        if self.actor.may(anybodys) { Ok(None) } else { self.person(act).map(Some) }
    }
}

#[cfg(test)]
mod tests;
