//! The one place that says who may do what. Whatever can be asked for is an [`Act`] that declares what it needs: commands in
//! [`acts`], reads in [`reads`]. A command cannot be run without one.

/// Constants for acts, and a list of them all. Those that are dangerous say so, those that take the password by themselves, and those that
/// people do to get a second factor.
macro_rules! acts {
    (@dangerous) => { false };
    (@dangerous dangerous $($more:tt)*) => { true };
    (@dangerous $other:tt $($more:tt)*) => { acts!(@dangerous $($more)*) };
    (@takes_password) => { false };
    (@takes_password takes_password $($more:tt)*) => { true };
    (@takes_password $other:tt $($more:tt)*) => { acts!(@takes_password $($more)*) };
    (@enrolling) => { false };
    (@enrolling enrolling $($more:tt)*) => { true };
    (@enrolling $other:tt $($more:tt)*) => { acts!(@enrolling $($more)*) };
    ($($constant:ident = $name:literal needs $needs:expr $(, $mark:tt)*;)+) => {
        $(pub const $constant: Act = Act {
            name: $name,
            needs: $needs,
            dangerous: acts!(@dangerous $($mark)*),
            takes_password: acts!(@takes_password $($mark)*),
            enrolling: acts!(@enrolling $($mark)*),
        };)+

        /// All of them.
        pub const ALL: &[Act] = &[$($constant),+];
    };
}

pub mod acts;
mod proof;
pub mod reads;

use domain::{
    identity::{Permission, Permissions, Standing},
    kernel::{AccountId, CommunityId, SignInId},
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
    /// This permission; within the community that it is asked for in, what is held there is enough.
    PermissionWithin(Permission),
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
    /// It takes the current password, which is the proof of who asks. That of who has a second factor is a proof with it, as of what is
    /// dangerous.
    pub takes_password: bool,
    /// Whoever holds a role that needs a second factor, and has none yet, may do it.
    pub enrolling: bool,
}

impl Act {
    /// Whether what is read is other people's, or of everybody: then it is noted who read it.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        use Permission::{ReadAccounts, ReadAudit, ReadEvents};
        // It is for who organises as well: the run is their own, and who comes to it is not.
        matches!(self.needs, Needs::Permission(ReadAccounts | ReadAudit | ReadEvents)) || *self == reads::REGISTRATIONS
    }
}

impl Actor {
    /// Whether a permission is held.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        match self {
            Self::Anonymous | Self::Enrolling { .. } => false,
            Self::Account { permissions, scopes, .. } => {
                permissions.contains(&permission) && scopes.as_ref().is_none_or(|scopes| scopes.permit(permission))
            }
            Self::Service { permissions, .. } => permissions.contains(&permission),
            Self::System(_) => true,
        }
    }

    /// What is held; none where it is everything, as for a part of this program.
    #[must_use]
    pub fn held(&self) -> Option<Permissions> {
        match self {
            Self::Anonymous | Self::Enrolling { .. } => Some(Permissions::new()),
            Self::Account { permissions, .. } => Some(permissions.iter().copied().filter(|permission| self.may(*permission)).collect()),
            Self::Service { permissions, .. } => Some(permissions.clone()),
            Self::System(_) => None,
        }
    }

    /// What is held within a community alone. No program has anything of it, in nobody's stead.
    fn standing_within(&self, community: CommunityId) -> Option<&Standing> {
        match self {
            Self::Account { within, scopes: None, .. } => within.get(&community),
            Self::Account { .. } | Self::Anonymous | Self::Enrolling { .. } | Self::Service { .. } | Self::System(_) => None,
        }
    }

    /// Whether a permission is held for what belongs to a community: everywhere, or within that one. Nothing else asks this.
    #[must_use]
    pub fn may_within(&self, permission: Permission, community: CommunityId) -> bool {
        let is_held = |standing: &Standing| !standing.second_factor && standing.permissions.contains(&permission);
        self.may(permission) || self.standing_within(community).is_some_and(is_held)
    }

    /// What is held for what belongs to a community; none where it is everything, as for a part of this program.
    #[must_use]
    pub fn held_within(&self, community: CommunityId) -> Option<Permissions> {
        let within = self.standing_within(community).filter(|standing| !standing.second_factor);
        let within = within.map(|standing| standing.permissions.clone()).unwrap_or_default();
        self.held().map(|held| held.into_iter().chain(within).collect())
    }

    /// Whether a permission is held, and good in another network alone.
    fn may_elsewhere(&self, permission: Permission) -> bool {
        match self {
            Self::Account { elsewhere, scopes, .. } => {
                elsewhere.contains(&permission) && scopes.as_ref().is_none_or(|scopes| scopes.permit(permission))
            }
            Self::Service { elsewhere, .. } => elsewhere.contains(&permission),
            Self::Anonymous | Self::Enrolling { .. } | Self::System(_) => false,
        }
    }

    /// Lets through whoever holds a permission.
    ///
    /// # Errors
    /// As [`Self::allowed`].
    pub fn holds(&self, permission: Permission) -> Result<(), Fault> {
        self.allowed(&Act {
            name: permission.name(),
            needs: Needs::Permission(permission),
            dangerous: false,
            takes_password: false,
            enrolling: false,
        })
    }

    /// The person, if they may do anything.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`], [`Fault::SecondFactorRequired`].
    pub const fn known(&self) -> Result<AccountId, Fault> {
        match self {
            Self::Account { account, .. } => Ok(*account),
            Self::Enrolling { .. } => Err(Fault::SecondFactorRequired),
            Self::Service { .. } => Err(Fault::Forbidden),
            Self::Anonymous | Self::System(_) => Err(Fault::Unauthenticated),
        }
    }

    /// Lets through whoever an act may be done by at all.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`], [`Fault::NetworkNotAllowed`], [`Fault::SecondFactorRequired`].
    pub fn allowed(&self, act: &Act) -> Result<(), Fault> {
        let may = match act.needs {
            Needs::Nothing => return Ok(()),
            // A program by itself has nothing of its own.
            Needs::Person => !matches!(self, Self::Anonymous | Self::Service { .. }),
            Needs::OwnOr(permission) => *self != Self::Anonymous && (!matches!(self, Self::Service { .. }) || self.may(permission)),
            Needs::Permission(permission) | Needs::PermissionWithin(permission) => self.may(permission),
            Needs::OneOf(permissions) => permissions.iter().any(|permission| self.may(*permission)),
            Needs::Program => matches!(self, Self::System(_)),
        };
        let elsewhere = match act.needs {
            Needs::Permission(permission) | Needs::PermissionWithin(permission) => self.may_elsewhere(permission),
            Needs::OneOf(permissions) => permissions.iter().any(|permission| self.may_elsewhere(*permission)),
            Needs::Nothing | Needs::Person | Needs::OwnOr(_) | Needs::Program => false,
        };
        match self {
            Self::Enrolling { scopes: None, .. } if act.enrolling => Ok(()),
            Self::Enrolling { .. } => Err(Fault::SecondFactorRequired),
            _ if may => Ok(()),
            Self::Anonymous => Err(Fault::Unauthenticated),
            Self::Account { .. } | Self::Service { .. } if elsewhere => Err(Fault::NetworkNotAllowed),
            Self::Account { .. } | Self::Service { .. } | Self::System(_) => Err(Fault::Forbidden),
        }
    }

    /// Lets through whoever an act may be done by at all, where it is asked for within a community: whoever holds what it needs there as
    /// well, if it is one of those that declare so.
    ///
    /// # Errors
    /// As [`Self::allowed`].
    pub fn allowed_within(&self, act: &Act, community: Option<CommunityId>) -> Result<(), Fault> {
        let (Needs::PermissionWithin(permission), Some(community)) = (act.needs, community) else { return self.allowed(act) };
        if self.may_within(permission, community) {
            return Ok(());
        }
        match (self.allowed(act), self.standing_within(community)) {
            (Err(Fault::Forbidden), Some(standing)) if standing.elsewhere.contains(&permission) => Err(Fault::NetworkNotAllowed),
            (Err(Fault::Forbidden), Some(standing)) if standing.permissions.contains(&permission) => Err(Fault::SecondFactorRequired),
            (answer, _) => answer,
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
        self.allowed(act)?;
        self.actor.known()
    }

    /// The person asking and their sign-in; programs with a token are not let through.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`].
    pub fn in_person(&self) -> Result<(AccountId, SignInId), Fault> {
        match &self.actor {
            Actor::Account { account, sign_in, scopes: None, .. } => Ok((*account, *sign_in)),
            Actor::Account { scopes: Some(_), .. } | Actor::Service { .. } => Err(Fault::Forbidden),
            Actor::Enrolling { .. } => Err(Fault::SecondFactorRequired),
            Actor::Anonymous | Actor::System(_) => Err(Fault::Unauthenticated),
        }
    }

    /// The same, also of who may do nothing yet but set up a second factor: what they ask for says whether that is it.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`], [`Fault::SecondFactorRequired`].
    pub(crate) fn signed_in(&self) -> Result<(AccountId, SignInId), Fault> {
        match &self.actor {
            Actor::Enrolling { account, sign_in, scopes: None } => Ok((*account, *sign_in)),
            _ => self.in_person(),
        }
    }

    /// Whose things may be had: none for whoever may have anybody's, or the person asking.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`].
    pub fn own_unless(&self, anybodys: Permission, act: &Act) -> Result<Option<AccountId>, Fault> {
        if self.actor.may(anybodys) { Ok(None) } else { self.person(act).map(Some) }
    }

    /// The same of a community and what belongs to it, where it is enough to hold the permission there.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`].
    pub fn own_unless_within(&self, anybodys: Permission, community: CommunityId, act: &Act) -> Result<Option<AccountId>, Fault> {
        if self.actor.may_within(anybodys, community) { Ok(None) } else { self.person(act).map(Some) }
    }
}

#[cfg(test)]
mod tests;
