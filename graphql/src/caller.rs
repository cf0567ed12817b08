//! Who asks.

use commands::{Actor, Request, authorization::Act};
use domain::{
    identity::{Language, Permission},
    kernel::{AccountId, SignInId},
};
use projections::workshops::workshops::Viewer;
use uuid::Uuid;

use crate::{
    cookie::Cookie,
    failure::{Failure, Result},
    notes::Outcomes,
    services::Services,
};

/// Who asks, and by what request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) actor: Actor,
    /// Ties together all that one request causes.
    pub(crate) correlation: Uuid,
    /// The network address it came from.
    pub(crate) address: Option<String>,
    /// What the program that it came from calls itself.
    pub(crate) user_agent: Option<String>,
    /// The language it asks to be answered in, if that is one of ours.
    pub(crate) language: Option<Language>,
    /// W3C trace context.
    pub(crate) traceparent: Option<String>,
    /// What a browser keeps for us, where the request can be answered with a cookie.
    pub(crate) cookie: Option<Cookie>,
    /// What comes of what they ask for.
    pub(crate) outcomes: Outcomes,
}

impl Caller {
    /// What commands want to know of a request.
    pub(crate) fn request(&self, key: Option<String>) -> Request {
        Request {
            actor: self.actor.clone(),
            correlation: self.correlation,
            causation: None,
            on_behalf_of: None,
            address: self.address.clone(),
            user_agent: self.user_agent.clone(),
            language: self.language,
            traceparent: self.traceparent.clone(),
            key,
            fence: None,
            traces: self.outcomes.traces.clone(),
        }
    }

    /// The person asking.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`], [`Failure::SecondFactorRequired`].
    pub(crate) fn account(&self) -> Result<AccountId> {
        Ok(self.actor.known()?)
    }

    /// Lets through whoever may do anything at all, a person or a program.
    fn somebody(&self) -> Result<()> {
        match self.actor {
            Actor::Service { .. } => Ok(()),
            _ => self.account().map(drop),
        }
    }

    /// By which sign-in they came, in person.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`], [`Failure::Forbidden`].
    pub(crate) fn sign_in(&self) -> Result<SignInId> {
        Ok(self.request(None).in_person()?.1)
    }

    /// Whether they may see what is this person's, or falls under the permission.
    pub(crate) fn is_or_may(&self, account: AccountId, permission: Permission) -> bool {
        self.actor.account() == Some(account) || self.actor.may(permission)
    }

    /// Lets through whoever may read something at all.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`], [`Failure::Forbidden`].
    pub(crate) fn allowed(&self, act: &Act) -> Result<()> {
        Ok(self.actor.allowed(act)?)
    }

    /// Which workshops they may see.
    pub(crate) fn viewer(&self) -> Viewer {
        match self.actor.account() {
            _ if self.actor.may(Permission::ManageWorkshops) => Viewer::Manager,
            Some(account) => Viewer::Account(account),
            None => Viewer::Anonymous,
        }
    }

    /// The same caller with what they may do by now. Subscriptions ask before they read.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`] if they signed out meanwhile, [`Failure::SecondFactorRequired`], or a fault.
    pub(crate) async fn renewed(&self, services: &Services) -> Result<Self> {
        self.somebody()?;
        let caller = self.by_now(services).await?;
        caller.somebody()?;
        Ok(caller)
    }

    /// The same as at each request: from what this node knows, which is a second old at the most. Subscriptions ask before each item of
    /// several.
    ///
    /// # Errors
    /// As [`Self::renewed`].
    pub(crate) async fn lately(&self, services: &Services) -> Result<Self> {
        self.somebody()?;
        let actor = services.commands.identity.renewed_lately(&self.actor, self.request(None).came_from()).await?;
        let caller = self.acting(actor)?;
        caller.somebody()?;
        Ok(caller)
    }

    /// The same, also if they may do nothing but set up a second factor.
    ///
    /// # Errors
    /// [`Failure::Unauthenticated`] if they signed out meanwhile, or a fault.
    pub(crate) async fn by_now(&self, services: &Services) -> Result<Self> {
        let actor = services.commands.identity.renewed(&self.actor, self.request(None).came_from()).await?;
        self.acting(actor)
    }

    fn acting(&self, actor: Option<Actor>) -> Result<Self> {
        let actor = actor.ok_or_else(|| Failure::Unauthenticated("you have signed out".into()))?;
        Ok(Self { actor, ..self.clone() })
    }
}
