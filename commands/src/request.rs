//! Who asks, and how they came.

use std::{collections::BTreeMap, net::IpAddr};

use domain::{
    identity::{Language, Permissions, Scopes, Standing},
    kernel::{AccessTokenId, AccountId, CommunityId, Personal, ServiceAccountId, SignInId},
};
use journal::{Fence, Metadata, Recorded};
use uuid::Uuid;

use crate::audit::Traces;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody in particular.
    Anonymous,
    /// A person, or a program in their stead: that has scopes, and what stands for its sign-in is the id of its token.
    Account {
        account: AccountId,
        sign_in: SignInId,
        permissions: Permissions,
        /// What they would be permitted in another network.
        elsewhere: Permissions,
        /// What they may do within communities alone, beside that; nothing of it where that needs a second factor still. Programs have
        /// nothing at all.
        within: BTreeMap<CommunityId, Standing>,
        scopes: Option<Scopes>,
    },
    /// A person, or a program in their stead, who holds a role that needs a second factor and has none: until there is one they are
    /// nobody, but to set it up.
    Enrolling { account: AccountId, sign_in: SignInId, scopes: Option<Scopes> },
    /// A program that does something by itself, and who made it.
    Service { service: ServiceAccountId, creator: AccountId, permissions: Permissions, elsewhere: Permissions },
    /// A part of this program, such as a reaction.
    System(&'static str),
}

impl Actor {
    /// A person with these permissions, from wherever they come.
    #[must_use]
    pub const fn person(account: AccountId, sign_in: SignInId, permissions: Permissions) -> Self {
        Self::Account { account, sign_in, permissions, elsewhere: Permissions::new(), within: BTreeMap::new(), scopes: None }
    }

    /// As stored with events and receipts.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".into(),
            Self::Account { account, .. } | Self::Enrolling { account, .. } => account.to_string(),
            Self::Service { service, .. } => service.to_string(),
            Self::System(name) => format!("system:{name}"),
        }
    }

    /// The person, if it is one who may do anything.
    #[must_use]
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Account { account, .. } => Some(*account),
            Self::Anonymous | Self::Enrolling { .. } | Self::Service { .. } | Self::System(_) => None,
        }
    }

    /// By what it is counted how often somebody asks: the person, also one who may do nothing yet, or the program that does so by itself.
    /// Nobody in particular has nothing of the kind.
    #[must_use]
    pub const fn rate_key(&self) -> Option<Uuid> {
        match self {
            Self::Account { account, .. } | Self::Enrolling { account, .. } => Some(account.0),
            Self::Service { service, .. } => Some(service.0),
            Self::Anonymous | Self::System(_) => None,
        }
    }

    /// Under whose key it is kept where they came from: the person, also one who may do nothing yet, or whoever made the program.
    pub(crate) const fn subject(&self) -> Option<AccountId> {
        match self {
            Self::Account { account, .. } | Self::Enrolling { account, .. } | Self::Service { creator: account, .. } => Some(*account),
            Self::Anonymous | Self::System(_) => None,
        }
    }
}

/// The circumstances of a command.
#[derive(Clone, Debug)]
pub struct Request {
    pub actor: Actor,
    /// Ties together all that one request causes.
    pub correlation: Uuid,
    /// The event a reaction answers to.
    pub causation: Option<Uuid>,
    /// For whom, if not for themselves: whoever caused the event that a reaction answers to.
    pub on_behalf_of: Option<String>,
    /// The network address it came from.
    pub address: Option<String>,
    /// What the program that it came from calls itself.
    pub user_agent: Option<String>,
    /// The language that it asks to be answered in, if that is one of ours.
    pub language: Option<Language>,
    /// W3C trace context.
    pub traceparent: Option<String>,
    /// Chosen by the caller, so that a retry does nothing twice.
    pub key: Option<String>,
    /// Of the lease under which this is done: once that has passed to another, nothing is written.
    pub fence: Option<Fence>,
    /// What comes of it, for the audit.
    pub traces: Traces,
}

impl Request {
    /// A request of a part of this program.
    #[must_use]
    pub fn system(name: &'static str) -> Self {
        Self {
            actor: Actor::System(name),
            correlation: Uuid::now_v7(),
            causation: None,
            on_behalf_of: None,
            address: None,
            user_agent: None,
            language: None,
            traceparent: None,
            key: None,
            fence: None,
            traces: Traces::default(),
        }
    }

    /// What a reaction asks for because of an event; asked again, it does nothing.
    #[must_use]
    pub fn because_of(reaction: &'static str, event: &Recorded) -> Self {
        Self {
            actor: Actor::System(reaction),
            correlation: event.metadata.correlation,
            causation: Some(event.event_id),
            on_behalf_of: Some(event.metadata.on_behalf_of.clone().unwrap_or_else(|| event.metadata.actor.clone())),
            address: None,
            user_agent: None,
            language: None,
            traceparent: event.metadata.traceparent.clone(),
            key: Some(event.event_id.to_string()),
            fence: None,
            traces: Traces::default(),
        }
    }

    /// The same request under an idempotency key.
    #[must_use]
    pub fn with_key(mut self, key: Option<String>) -> Self {
        self.key = key;
        self
    }

    /// The network address it came from, if it is one.
    #[must_use]
    pub fn came_from(&self) -> Option<IpAddr> {
        self.address.as_deref().and_then(|address| address.parse().ok())
    }

    /// By which sign-in or token somebody came.
    pub(crate) fn via(&self) -> Option<String> {
        match &self.actor {
            Actor::Account { sign_in, scopes: Some(_), .. } | Actor::Enrolling { sign_in, scopes: Some(_), .. } => {
                Some(AccessTokenId(sign_in.0).to_string())
            }
            Actor::Account { sign_in, scopes: None, .. } | Actor::Enrolling { sign_in, scopes: None, .. } => Some(sign_in.to_string()),
            Actor::Anonymous | Actor::Service { .. } | Actor::System(_) => None,
        }
    }

    /// As stored with each event. The address belongs to `subject`, if it is to be kept at all; its digest is nobody's.
    pub(crate) fn metadata(&self, operation: &'static str, subject: Option<AccountId>, address_digest: Option<String>) -> Metadata {
        let address = subject.or(self.actor.subject()).zip(self.address.clone());
        Metadata {
            command: Uuid::now_v7(),
            correlation: self.correlation,
            causation: self.causation,
            actor: self.actor.name(),
            via: self.via(),
            on_behalf_of: self.on_behalf_of.clone(),
            address: address.and_then(|(subject, address)| serde_json::to_value(Personal::new(subject, address)).ok()),
            address_digest,
            operation: Some(operation.to_owned()),
            traceparent: self.traceparent.clone(),
        }
    }
}
