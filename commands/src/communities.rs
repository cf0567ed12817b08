//! Founding communities and looking after them, joining and leaving them.

use domain::{
    communities::{
        CommunityDescription, CommunityName, CommunityRejection as Rejection,
        circle::{Circle, CircleCommand},
        community::{By, Community, CommunityCommand},
    },
    identity::Permission,
    kernel::{AccountId, CommunityId},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Dispatcher, Fault, Outcome, Request,
    authorization::{Act, acts},
    dispatch::{Operation, Transaction},
    plans::Plans,
};

/// Commands of the context `communities`.
#[derive(Clone)]
pub struct Communities {
    dispatcher: Dispatcher,
    plans: Plans,
}

/// What is to change about a community; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct CommunityChange {
    pub name: Option<String>,
    pub description: Option<String>,
}

impl Communities {
    pub(crate) const fn new(dispatcher: Dispatcher, plans: Plans) -> Self {
        Self { dispatcher, plans }
    }

    /// Founds a community, of which whoever asks is from then on, if their plan allows one more.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn found(&self, request: &Request, name: &str, description: &str) -> Result<Outcome<CommunityId, Rejection>, Fault> {
        let founder = request.person(&acts::COMMUNITY_FOUND)?;
        let (name, description) = match (CommunityName::try_new(name), CommunityDescription::try_new(description)) {
            (Ok(name), Ok(description)) => (name, description),
            (Err(rejection), _) | (_, Err(rejection)) => return Ok(Outcome::Rejected(rejection)),
        };
        let community = CommunityId(Uuid::now_v7());
        let operation = Operation::new(acts::COMMUNITY_FOUND, json!({ "name": name, "description": description }));
        let (name, description) = (&name, &description);
        let work = |transaction: Transaction| async move {
            let (plan, limits) = self.plans.of(founder).await?;
            let found = CircleCommand::Found { community, plan, cap: limits.communities };
            transaction.decide::<Circle>(founder.into(), found).await?;
            let found = CommunityCommand::Found { founder, name: name.clone(), description: description.clone() };
            transaction.decide::<Community>(community.into(), found).await.map(|_| community)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Changes what a community says of itself: for who founded it, and for its moderators.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn revise(
        &self,
        request: &Request,
        community: CommunityId,
        change: CommunityChange,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let by = founder_or_moderator(request, community, &acts::COMMUNITY_REVISE)?;
        let CommunityChange { name, description } = change;
        let name = name.as_deref().map(CommunityName::try_new).transpose();
        let description = description.as_deref().map(CommunityDescription::try_new).transpose();
        let (name, description) = match (name, description) {
            (Ok(name), Ok(description)) => (name, description),
            (Err(rejection), _) | (_, Err(rejection)) => return Ok(Outcome::Rejected(rejection)),
        };
        let input = json!({ "community": community, "name": name, "description": description });
        let command = || CommunityCommand::Revise { by, name: name.clone(), description: description.clone() };
        let operation = Operation::new(acts::COMMUNITY_REVISE, input);
        self.dispatcher.command::<Community>(request, operation, community.into(), command).await
    }

    /// Closes a community for good: for who founded it, and for moderators of all communities.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn close(&self, request: &Request, community: CommunityId) -> Result<Outcome<(), Rejection>, Fault> {
        // What is for good takes somebody who moderates everywhere.
        let by = request.own_unless(Permission::ModerateCommunities, &acts::COMMUNITY_CLOSE)?.map_or(By::Moderator, By::Account);
        let operation = Operation::new(acts::COMMUNITY_CLOSE, json!({ "community": community }));
        let work = |transaction: Transaction| async move {
            transaction.decide::<Community>(community.into(), CommunityCommand::Close { by }).await?;
            // Who founded it never changes.
            let founder = self.dispatcher.look::<Community, _>(community.into(), Community::founder).await?;
            if let Some(founder) = founder {
                transaction.decide::<Circle>(founder.into(), CircleCommand::Free { community }).await?;
            }
            Ok(())
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Joins a community. Who is of it already stays.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn join(&self, request: &Request, community: CommunityId) -> Result<Outcome<(), Rejection>, Fault> {
        let account = request.person(&acts::COMMUNITY_JOIN)?;
        let operation = Operation::new(acts::COMMUNITY_JOIN, json!({ "community": community }));
        let work = |transaction: Transaction| async move {
            transaction.decide::<Community>(community.into(), CommunityCommand::Join { account }).await?;
            transaction.decide::<Circle>(account.into(), CircleCommand::Enter { community }).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Leaves a community. Who is not of it is not afterwards.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn leave(&self, request: &Request, community: CommunityId) -> Result<Outcome<(), Rejection>, Fault> {
        let account = request.person(&acts::COMMUNITY_LEAVE)?;
        let operation = Operation::new(acts::COMMUNITY_LEAVE, json!({ "community": community }));
        let work = |transaction: Transaction| async move {
            transaction.decide::<Community>(community.into(), CommunityCommand::Leave { account }).await?;
            transaction.decide::<Circle>(account.into(), CircleCommand::Leave { community }).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Removes somebody from a community for good: for who founded it, and for its moderators.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn remove(&self, request: &Request, community: CommunityId, account: AccountId) -> Result<Outcome<(), Rejection>, Fault> {
        let by = founder_or_moderator(request, community, &acts::COMMUNITY_MEMBER_REMOVE)?;
        let operation = Operation::new(acts::COMMUNITY_MEMBER_REMOVE, json!({ "community": community, "account": account }));
        let work = |transaction: Transaction| async move {
            transaction.decide::<Community>(community.into(), CommunityCommand::Remove { by, account }).await?;
            transaction.decide::<Circle>(account.into(), CircleCommand::Leave { community }).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Has an account be of no community any more because the person is erased. It is asked for by a reaction, under a key of its own for
    /// each part, and goes on where it broke off.
    ///
    /// # Errors
    /// A fault: try again.
    pub(crate) async fn forget(&self, request: &Request, account: AccountId) -> Result<(), Fault> {
        let part = |name: String| request.clone().with_key(request.key.as_ref().map(|key| format!("{key} {name}")));
        // Nothing is added from here on.
        let operation = Operation::new(acts::COMMUNITY_FORGET, json!({ "account": account }));
        let asked = part("all".to_owned());
        self.dispatcher.command::<Circle>(&asked, operation, account.into(), || CircleCommand::Dissolve).await?;
        let circle = self.dispatcher.state::<Circle>(account.into()).await?;
        for community in circle.communities() {
            let operation = Operation::new(acts::COMMUNITY_FORGET, json!({ "account": account, "community": community }));
            let work = |transaction: Transaction| async move {
                transaction.decide::<Community>(community.into(), CommunityCommand::Forget { account }).await?;
                transaction.decide::<Circle>(account.into(), CircleCommand::Leave { community }).await.map(drop)
            };
            let forgotten: Outcome<(), Rejection> = self.dispatcher.execute(&part(community.to_string()), operation, work).await?;
            if let Outcome::Rejected(rejection) = forgotten {
                return Err(Fault::Outside(format!("{account} is still of {community}: {rejection}")));
            }
        }
        Ok(())
    }
}

/// As whom a request changes a community: as its moderator, everywhere or there, or for themselves.
fn founder_or_moderator(request: &Request, community: CommunityId, act: &Act) -> Result<By, Fault> {
    Ok(request.own_unless_within(Permission::ModerateCommunities, community, act)?.map_or(By::Moderator, By::Account))
}
