//! A person's account.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{AnyRole, Avatar, DisplayName, Email, ErasureReason, Grant, Grants, GrantsWithin, IdentityRejection as Rejection, Role};
use crate::{
    Decider, Event,
    kernel::{AccountId, AvatarId, CommunityId, Personal, SignInId, Timestamp},
    upcast::{Upcast, newest},
};

mod everywhere;
mod upcasts;
mod within;

/// A person's account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum Account {
    #[default]
    Absent,
    Open {
        email: Personal<Email>,
        display_name: Personal<DisplayName>,
        password: Personal<String>,
        grants: Box<Grants>,
        /// What it holds within communities alone; absent while that is nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<Box<GrantsWithin>>,
        /// How often it was signed out everywhere: older sign-ins are worth nothing.
        epoch: u32,
        /// The one sign-in that outlived the last time, if one was to.
        kept: Option<Box<SignInId>>,
        /// Tokens for programs that were made in an earlier epoch are worth nothing; absent while none was ended so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        programs: Option<u32>,
        /// Nobody signs in until an administrator reinstates it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        suspended: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        avatar: Option<Box<Avatar>>,
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
    /// Giving a role that is held may change until when it is.
    GrantRole {
        account: AccountId,
        role: AnyRole,
        until: Option<Timestamp>,
        by: Option<AccountId>,
    },
    /// The same within a community.
    GrantRoleWithin {
        community: CommunityId,
        role: AnyRole,
        until: Option<Timestamp>,
    },
    RevokeRoleWithin {
        community: CommunityId,
        role: AnyRole,
    },
    RevokeRole {
        account: AccountId,
        role: AnyRole,
        by: Option<AccountId>,
    },
    /// Ends every sign-in but one, too, and every token for programs if it says so.
    ChangePassword {
        password: Personal<String>,
        except: Option<SignInId>,
        programs: bool,
    },
    Rename {
        display_name: Personal<DisplayName>,
    },
    ChooseAvatar {
        avatar: Avatar,
    },
    RemoveAvatar,
    /// Its claim changes hands with it.
    ChangeEmail {
        email: Personal<Email>,
    },
    /// Keeps the same password under another hash, if the one that was verified is still kept.
    Rehash {
        verified: Personal<String>,
        password: Personal<String>,
    },
    /// Makes every sign-in worth nothing, but for one.
    SignOutEverywhere {
        except: Option<SignInId>,
    },
    /// Ends every sign-in, too.
    Suspend {
        account: AccountId,
        by: Option<AccountId>,
        reason: ErasureReason,
    },
    Reinstate {
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
    /// `grants` is what the account holds everywhere afterwards. A role that is given or taken `within` a community leaves that as it is:
    /// so whoever does not know of communities yet never takes it for one that is held everywhere.
    RoleGranted {
        #[serde(flatten)]
        grant: Grant,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<CommunityId>,
        grants: Grants,
    },
    RoleRevoked {
        role: AnyRole,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<CommunityId>,
        grants: Grants,
    },
    /// It is a sign-out everywhere as well.
    PasswordChanged {
        password: Personal<String>,
        epoch: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        except: Option<SignInId>,
        /// Whether tokens for programs that were made before are worth nothing from now on.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        programs: bool,
    },
    Renamed {
        display_name: Personal<DisplayName>,
    },
    /// In the place of the one before.
    AvatarChosen {
        #[serde(flatten)]
        avatar: Avatar,
    },
    AvatarRemoved {
        id: AvatarId,
    },
    /// `before` is the address that it was.
    EmailChanged {
        email: Personal<Email>,
        before: Personal<Email>,
    },
    /// The password is the same as before.
    PasswordRehashed {
        password: Personal<String>,
    },
    /// Sign-ins opened in an earlier epoch are worth nothing from now on.
    SignedOutEverywhere {
        epoch: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        except: Option<SignInId>,
    },
    /// It is a sign-out everywhere as well. `by` is absent where a part of the program asked for it.
    Suspended {
        by: Option<AccountId>,
        reason: ErasureReason,
        epoch: u32,
    },
    Reinstated {
        by: Option<AccountId>,
    },
    /// The person's key is destroyed because of this event. `by` is absent where a part of the program asked for it.
    Erased {
        by: Option<AccountId>,
        reason: Option<ErasureReason>,
    },
}

impl Account {
    /// Whether a sign-in that was opened in an epoch has not been ended with all others since.
    #[must_use]
    pub fn still_has(&self, sign_in: SignInId, opened_in: u32) -> bool {
        matches!(self, Self::Open { epoch, kept, .. } if opened_in >= *epoch || kept.as_deref() == Some(&sign_in))
    }

    /// Whether its owner can come in: it is neither suspended nor erased.
    #[must_use]
    pub fn is_let_in(&self) -> bool {
        matches!(self, Self::Open { suspended: false, .. })
    }

    /// Whether its owner was put out: it is suspended or erased.
    #[must_use]
    pub fn is_put_out(&self) -> bool {
        matches!(self, Self::Open { suspended: true, .. } | Self::Erased)
    }

    /// The earliest epoch of which tokens for programs are worth anything.
    #[must_use]
    pub fn programs_since(&self) -> u32 {
        if let Self::Open { programs: Some(since), .. } = self { *since } else { 0 }
    }
}

impl Decider for Account {
    const STREAM: &'static str = "account";
    const STATE_VERSION: u32 = 6;
    const UPCASTS: &'static [Upcast] = upcasts::STEPS;
    type Command = AccountCommand;
    type Event = AccountEvent;
    type Rejection = Rejection;

    fn decide(&self, command: AccountCommand, now: Timestamp) -> Result<Vec<AccountEvent>, Rejection> {
        use AccountCommand::{
            ChangeEmail, ChangePassword, ChooseAvatar, Erase, GrantRole, GrantRoleWithin, Register, Rehash, Reinstate, RemoveAvatar,
            Rename, RevokeRole, RevokeRoleWithin, SignOutEverywhere, Suspend,
        };
        match (self, command) {
            (Self::Erased, _) => Err(Rejection::Erased),
            (Self::Absent, Register { email, display_name, password, mut roles }) => {
                roles.insert(Role::Learner);
                Ok(vec![AccountEvent::Registered { email, display_name, password, roles }])
            }
            (Self::Open { .. }, Register { .. }) => Err(Rejection::EmailTaken),
            (Self::Absent, _) => Err(Rejection::NotFound),
            (Self::Open { grants, .. }, GrantRole { account, role, until, by }) => {
                everywhere::granted(grants, Grant { role, until }, by == Some(account), now)
            }
            (Self::Open { grants, within, .. }, GrantRoleWithin { community, role, until }) => {
                within::granted(grants, within.as_deref(), community, Grant { role, until }, now)
            }
            (Self::Open { grants, within, .. }, RevokeRoleWithin { community, role }) => {
                Ok(within::revoked(grants, within.as_deref(), community, role))
            }
            (Self::Open { .. }, RevokeRole { role, .. }) if role == Role::Learner.into() => Err(Rejection::BasicRole),
            (Self::Open { .. }, RevokeRole { account, role, by }) if role == Role::Administrator.into() && by == Some(account) => {
                Err(Rejection::OwnRole)
            }
            (Self::Open { grants, .. }, RevokeRole { role, .. }) if !grants.has(role) => Ok(vec![]),
            (Self::Open { grants, .. }, RevokeRole { role, .. }) => {
                Ok(vec![AccountEvent::RoleRevoked { role, within: None, grants: grants.without(role) }])
            }
            (Self::Open { epoch, .. }, ChangePassword { password, except, programs }) => {
                Ok(vec![AccountEvent::PasswordChanged { password, epoch: epoch + 1, except, programs }])
            }
            (Self::Open { .. }, Rename { display_name }) => Ok(vec![AccountEvent::Renamed { display_name }]),
            (Self::Open { .. }, ChooseAvatar { avatar }) => Ok(vec![AccountEvent::AvatarChosen { avatar }]),
            (Self::Open { avatar, .. }, RemoveAvatar) => {
                Ok(avatar.iter().map(|avatar| AccountEvent::AvatarRemoved { id: avatar.id }).collect())
            }
            (Self::Open { email: before, .. }, ChangeEmail { email }) => {
                Ok(vec![AccountEvent::EmailChanged { email, before: before.clone() }])
            }
            (Self::Open { password: kept, .. }, Rehash { verified, .. }) if *kept != verified => Ok(vec![]),
            (Self::Open { .. }, Rehash { password, .. }) => Ok(vec![AccountEvent::PasswordRehashed { password }]),
            (Self::Open { epoch, .. }, SignOutEverywhere { except }) => {
                Ok(vec![AccountEvent::SignedOutEverywhere { epoch: epoch + 1, except }])
            }
            (Self::Open { .. }, Suspend { account, by, .. }) if by == Some(account) => Err(Rejection::OwnAccount),
            (Self::Open { suspended: true, .. }, Suspend { .. }) | (Self::Open { suspended: false, .. }, Reinstate { .. }) => Ok(vec![]),
            (Self::Open { epoch, .. }, Suspend { by, reason, .. }) => Ok(vec![AccountEvent::Suspended { by, reason, epoch: epoch + 1 }]),
            (Self::Open { .. }, Reinstate { by }) => Ok(vec![AccountEvent::Reinstated { by }]),
            // Whoever erases an administrator is another one, so that one is left.
            (Self::Open { grants, .. }, Erase { account, by, .. })
                if grants.has(Role::Administrator) && by.is_none_or(|by| by == account) =>
            {
                Err(Rejection::LastAdministrator)
            }
            (Self::Open { .. }, Erase { account, by, reason: None }) if by != Some(account) => Err(Rejection::ReasonRequired),
            (Self::Open { .. }, Erase { by, reason, .. }) => Ok(vec![AccountEvent::Erased { by, reason }]),
        }
    }

    fn evolve(&mut self, event: &AccountEvent) {
        match (self, event) {
            (state, AccountEvent::Registered { email, display_name, password, roles }) => {
                *state = Self::Open {
                    email: email.clone(),
                    display_name: display_name.clone(),
                    password: password.clone(),
                    grants: Box::new(roles.iter().collect()),
                    within: None,
                    epoch: 0,
                    kept: None,
                    programs: None,
                    suspended: false,
                    avatar: None,
                };
            }
            (
                Self::Open { grants, .. },
                AccountEvent::RoleGranted { within: None, grants: now, .. } | AccountEvent::RoleRevoked { within: None, grants: now, .. },
            ) => (**grants).clone_from(now),
            (Self::Open { within, .. }, AccountEvent::RoleGranted { within: Some(community), grant, .. }) => {
                within.get_or_insert_default().add(*community, *grant);
            }
            (Self::Open { within, .. }, AccountEvent::RoleRevoked { within: Some(community), role, .. }) => {
                within::forget(within, *community, *role);
            }
            (Self::Open { epoch, kept, .. }, AccountEvent::SignedOutEverywhere { epoch: now, except }) => {
                (*epoch, *kept) = (*now, except.map(Box::new));
            }
            (
                Self::Open { password, epoch, kept, programs, .. },
                AccountEvent::PasswordChanged { password: new, epoch: now, except, programs: ended },
            ) => {
                (*password, *epoch, *kept) = (new.clone(), *now, except.map(Box::new));
                *programs = ended.then_some(*now).or(*programs);
            }
            (Self::Open { display_name, .. }, AccountEvent::Renamed { display_name: new }) => display_name.clone_from(new),
            (Self::Open { avatar, .. }, AccountEvent::AvatarChosen { avatar: new }) => *avatar = Some(Box::new(new.clone())),
            (Self::Open { avatar, .. }, AccountEvent::AvatarRemoved { .. }) => *avatar = None,
            (Self::Open { email, .. }, AccountEvent::EmailChanged { email: new, .. }) => email.clone_from(new),
            (Self::Open { password, .. }, AccountEvent::PasswordRehashed { password: new }) => password.clone_from(new),
            (Self::Open { epoch, kept, suspended, .. }, AccountEvent::Suspended { epoch: now, .. }) => {
                (*epoch, *kept, *suspended) = (*now, None, true);
            }
            (Self::Open { suspended, .. }, AccountEvent::Reinstated { .. }) => *suspended = false,
            (state, AccountEvent::Erased { .. }) => *state = Self::Erased,
            (Self::Absent | Self::Erased, _) => {}
        }
    }
}

impl Event for AccountEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Registered { .. } => "AccountRegistered",
            Self::RoleGranted { .. } => "RoleGranted",
            Self::RoleRevoked { .. } => "RoleRevoked",
            Self::PasswordChanged { .. } => "PasswordChanged",
            Self::Renamed { .. } => "AccountRenamed",
            Self::AvatarChosen { .. } => "AvatarChosen",
            Self::AvatarRemoved { .. } => "AvatarRemoved",
            Self::EmailChanged { .. } => "EmailChanged",
            Self::PasswordRehashed { .. } => "PasswordRehashed",
            Self::SignedOutEverywhere { .. } => "SignedOutEverywhere",
            Self::Suspended { .. } => "AccountSuspended",
            Self::Reinstated { .. } => "AccountReinstated",
            Self::Erased { .. } => "AccountErased",
        }
    }

    fn version(&self) -> u16 {
        newest(upcasts::STEPS, self.name())
    }
}

#[cfg(test)]
mod tests;
