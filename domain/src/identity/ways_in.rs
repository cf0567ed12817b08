//! By what an account is signed in to, apart from its password: people at providers that it is linked with, and passkeys. Whatever takes a
//! way in away is decided here, so that one is always left. The stream has the account's id.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    AnyRole, ErasureReason, IdentityRejection as Rejection, ProviderName,
    passkey::{Kept, Passkey},
};
use crate::{
    Decider, Event,
    kernel::{AccountId, PasskeyId, Personal, Timestamp},
};

mod passkeys;

/// How many people at providers an account is linked with at the most.
const MOST: usize = 20;

/// By what an account is signed in to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct WaysIn {
    /// Somebody came by a provider, and no password was set since: nobody knows one.
    no_password: bool,
    /// By the stream in which each is claimed.
    linked: BTreeMap<Uuid, Linked>,
    passkeys: BTreeMap<PasskeyId, Kept>,
}

/// A person at a provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Linked {
    pub provider: ProviderName,
    /// What the person knows it by, such as an address.
    pub shown: Option<Personal<String>>,
    pub linked_at: Timestamp,
    /// Those that the account holds because of it.
    pub roles: BTreeSet<AnyRole>,
}

/// A person at a provider who is to be linked.
#[derive(Clone, Debug)]
pub struct Link {
    /// The stream in which they are claimed.
    pub identity: Uuid,
    pub provider: ProviderName,
    pub shown: Option<Personal<String>>,
}

#[derive(Debug)]
pub enum WaysInCommand {
    /// The account is opened by somebody who came by a provider.
    Open {
        account: AccountId,
        link: Link,
    },
    Link {
        account: AccountId,
        link: Link,
    },
    Unlink {
        account: AccountId,
        identity: Uuid,
    },
    /// What the account holds because of somebody at a provider changes.
    MapRoles {
        account: AccountId,
        identity: Uuid,
        given: BTreeSet<AnyRole>,
        taken: BTreeSet<AnyRole>,
    },
    /// A password is set. If it is by whoever reads the address, and that was not known to be the owner's before, then nobody else who
    /// came in before stays.
    SetPassword {
        account: AccountId,
        alone: bool,
    },
    RegisterPasskey {
        account: AccountId,
        id: PasskeyId,
        passkey: Passkey,
    },
    /// What it signed is right.
    UsePasskey {
        account: AccountId,
        id: PasskeyId,
        counter: u32,
        backed_up: bool,
    },
    /// The same, and its counter was behind.
    ReportPasskey {
        account: AccountId,
        id: PasskeyId,
        counter: u32,
    },
    RemovePasskey {
        account: AccountId,
        id: PasskeyId,
    },
    /// People at providers and passkeys, all of them: some may be of who got in and has no business there.
    TakeBack {
        account: AccountId,
        reason: ErasureReason,
    },
    /// All of them, by an administrator for an owner who has lost them.
    ResetPasskeys {
        account: AccountId,
        by: Option<AccountId>,
        reason: ErasureReason,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum WaysInEvent {
    /// Nobody knows a password.
    OpenedWithoutPassword {
        account: AccountId,
    },
    /// Somebody does from now on.
    PasswordSet {
        account: AccountId,
    },
    Linked {
        account: AccountId,
        identity: Uuid,
        provider: ProviderName,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shown: Option<Personal<String>>,
        linked_at: Timestamp,
    },
    Unlinked {
        account: AccountId,
        identity: Uuid,
        provider: ProviderName,
    },
    /// The provider says what the person is, and the configuration what that is worth here.
    RolesMapped {
        account: AccountId,
        identity: Uuid,
        provider: ProviderName,
        given: BTreeSet<AnyRole>,
        taken: BTreeSet<AnyRole>,
    },
    PasskeyRegistered {
        account: AccountId,
        id: PasskeyId,
        passkey: Passkey,
    },
    PasskeyUsed {
        account: AccountId,
        id: PasskeyId,
        counter: u32,
        backed_up: bool,
        at: Timestamp,
    },
    /// Two have it: nobody signs in by it from now on.
    PasskeyCounterWentBack {
        account: AccountId,
        id: PasskeyId,
        kept: u32,
        shown: u32,
    },
    /// Who took it away and why, if it was not its owner.
    PasskeyRemoved {
        account: AccountId,
        id: PasskeyId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<AccountId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<ErasureReason>,
    },
}

impl WaysIn {
    /// Whether somebody knows a password.
    #[must_use]
    pub const fn has_password(&self) -> bool {
        !self.no_password
    }

    /// Who at providers it is linked with, by the stream in which each is claimed.
    pub fn linked(&self) -> impl Iterator<Item = (Uuid, &Linked)> {
        self.linked.iter().map(|(identity, linked)| (*identity, linked))
    }

    /// Whether it is linked with who is claimed in this stream.
    #[must_use]
    pub fn has(&self, identity: Uuid) -> bool {
        self.linked.contains_key(&identity)
    }

    fn is_only(&self, identity: Uuid) -> bool {
        self.no_password && !self.has_passkey() && self.linked.keys().all(|other| *other == identity)
    }

    fn all_unlinked(&self, account: AccountId) -> impl Iterator<Item = WaysInEvent> {
        self.linked().map(move |(identity, linked)| WaysInEvent::Unlinked { account, identity, provider: linked.provider.clone() })
    }

    fn link(&self, account: AccountId, link: Link, now: Timestamp) -> Result<Vec<WaysInEvent>, Rejection> {
        let Link { identity, provider, shown } = link;
        match self.has(identity) {
            true => Ok(vec![]),
            false if self.linked.len() >= MOST => Err(Rejection::TooManyLinked),
            false => Ok(vec![WaysInEvent::Linked { account, identity, provider, shown, linked_at: now }]),
        }
    }
}

impl Decider for WaysIn {
    const STREAM: &'static str = "ways_in";
    const STATE_VERSION: u32 = 2;
    type Command = WaysInCommand;
    type Event = WaysInEvent;
    type Rejection = Rejection;

    fn decide(&self, command: WaysInCommand, now: Timestamp) -> Result<Vec<WaysInEvent>, Rejection> {
        match command {
            WaysInCommand::Open { account, link } => {
                let mut events = vec![WaysInEvent::OpenedWithoutPassword { account }];
                events.extend(self.link(account, link, now)?);
                Ok(events)
            }
            WaysInCommand::Link { account, link } => self.link(account, link, now),
            WaysInCommand::Unlink { account, identity } => match self.linked.get(&identity) {
                None => Err(Rejection::IdentityNotFound),
                Some(_) if self.is_only(identity) => Err(Rejection::LastWayIn),
                Some(Linked { provider, .. }) => Ok(vec![WaysInEvent::Unlinked { account, identity, provider: provider.clone() }]),
            },
            WaysInCommand::MapRoles { given, taken, .. } if given.is_empty() && taken.is_empty() => Ok(vec![]),
            WaysInCommand::MapRoles { account, identity, given, taken } => {
                let Linked { provider, .. } = self.linked.get(&identity).ok_or(Rejection::IdentityNotFound)?;
                Ok(vec![WaysInEvent::RolesMapped { account, identity, provider: provider.clone(), given, taken }])
            }
            WaysInCommand::SetPassword { account, alone } => {
                let unlinked = self.all_unlinked(account).filter(|_| alone);
                let set = self.no_password.then_some(WaysInEvent::PasswordSet { account });
                let removed = self.passkeys.keys().filter(|_| alone).map(|id| passkeys::removed(account, *id));
                Ok(unlinked.chain(removed).chain(set).collect())
            }
            WaysInCommand::RegisterPasskey { account, id, passkey } => self.register_passkey(account, id, passkey),
            WaysInCommand::UsePasskey { account, id, counter, backed_up } => {
                self.use_passkey(id, counter)?;
                Ok(vec![WaysInEvent::PasskeyUsed { account, id, counter, backed_up, at: now }])
            }
            WaysInCommand::ReportPasskey { account, id, counter } => Ok(self.report_passkey(account, id, counter)),
            WaysInCommand::RemovePasskey { account, id } => self.remove_passkey(account, id),
            WaysInCommand::ResetPasskeys { account, by, .. } if by == Some(account) => Err(Rejection::OwnAccount),
            WaysInCommand::ResetPasskeys { account, by, reason } => Ok(self.reset_passkeys(account, by, &reason).collect()),
            WaysInCommand::TakeBack { account, reason } => {
                Ok(self.all_unlinked(account).chain(self.reset_passkeys(account, None, &reason)).collect())
            }
        }
    }

    fn evolve(&mut self, event: &WaysInEvent) {
        match event {
            WaysInEvent::OpenedWithoutPassword { .. } => self.no_password = true,
            WaysInEvent::PasswordSet { .. } => self.no_password = false,
            WaysInEvent::Linked { identity, provider, shown, linked_at, .. } => {
                let (provider, shown) = (provider.clone(), shown.clone());
                self.linked.insert(*identity, Linked { provider, shown, linked_at: *linked_at, roles: BTreeSet::new() });
            }
            WaysInEvent::Unlinked { identity, .. } => drop(self.linked.remove(identity)),
            WaysInEvent::RolesMapped { identity, given, taken, .. } => {
                if let Some(Linked { roles, .. }) = self.linked.get_mut(identity) {
                    roles.extend(given);
                    roles.retain(|role| !taken.contains(role));
                }
            }
            WaysInEvent::PasskeyRegistered { .. }
            | WaysInEvent::PasskeyUsed { .. }
            | WaysInEvent::PasskeyCounterWentBack { .. }
            | WaysInEvent::PasskeyRemoved { .. } => self.evolve_passkeys(event),
        }
    }
}

impl Event for WaysInEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::OpenedWithoutPassword { .. } => "AccountOpenedWithoutPassword",
            Self::PasswordSet { .. } => "AccountPasswordSet",
            Self::Linked { .. } => "ProviderLinked",
            Self::Unlinked { .. } => "ProviderUnlinked",
            Self::RolesMapped { .. } => "ProviderRolesMapped",
            Self::PasskeyRegistered { .. } => "PasskeyRegistered",
            Self::PasskeyUsed { .. } => "PasskeyUsed",
            Self::PasskeyCounterWentBack { .. } => "PasskeyCounterWentBack",
            Self::PasskeyRemoved { .. } => "PasskeyRemoved",
        }
    }
}

#[cfg(test)]
mod tests;
