//! Who holds which role, and what roles there are beside those built in.

use std::net::IpAddr;

use domain::{
    communities::community::Community,
    identity::{
        AnyRole, Grants, IdentityRejection as Rejection, Permissions, Role, RoleDescription, RoleName,
        account::{Account, AccountCommand},
        role_book::{Definition, RoleBook, RoleBookCommand},
        sign_in::SignIn,
    },
    kernel::{AccountId, CommunityId, RoleId, Timestamp},
};
use serde_json::json;
use uuid::Uuid;

use super::{Identity, owners};
use crate::{
    Actor, Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Halt, Operation, Transaction},
    streams::Age,
};

/// What a role is to be.
pub struct RoleDraft {
    pub name: String,
    pub description: String,
    pub permissions: Permissions,
}

/// What is to change about a role; what is absent stays.
pub struct RoleChange {
    pub name: Option<String>,
    pub description: Option<String>,
    pub permissions: Option<Permissions>,
}

impl Identity {
    /// Defines a role that permits no more than whoever asks holds.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn define_role(&self, request: &Request, draft: RoleDraft) -> Result<Outcome<RoleId, Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::ROLE_DEFINE).await?;
        let RoleDraft { name, description, permissions } = draft;
        let (name, description) = match (RoleName::try_new(&name), RoleDescription::try_new(&description)) {
            (Ok(name), Ok(description)) => (name, description),
            (Err(rejection), _) | (_, Err(rejection)) => return Ok(Outcome::Rejected(rejection)),
        };
        let definition = Definition { name, description, permissions };
        let (role, held) = (RoleId(Uuid::now_v7()), request.actor.held());
        let operation = Operation::new(acts::ROLE_DEFINE, serde_json::to_value(&definition)?);
        let (definition, held) = (&definition, &held);
        let work = |transaction: Transaction| async move {
            owners::expect_let_in(&transaction, request).await?;
            let define = RoleBookCommand::Define { role, definition: definition.clone(), held: held.clone() };
            transaction.decide::<RoleBook>(RoleBook::ID, define).await.map(|_| role)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Changes a role. Whoever holds it is felt to hold what it permits by then, so what is added is held for good by whoever adds it.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn revise_role(&self, request: &Request, role: RoleId, change: RoleChange) -> Result<Outcome<(), Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::ROLE_REVISE).await?;
        let RoleChange { name, description, permissions } = change;
        let name = name.as_deref().map(RoleName::try_new).transpose();
        let description = description.as_deref().map(RoleDescription::try_new).transpose();
        let (name, description) = match (name, description) {
            (Ok(name), Ok(description)) => (name, description),
            (Err(rejection), _) | (_, Err(rejection)) => return Ok(Outcome::Rejected(rejection)),
        };
        let input = json!({ "role": role, "name": name, "description": description, "permissions": permissions });
        let (name, description, permissions, held) = (&name, &description, &permissions, &request.actor.held());
        let work = |transaction: Transaction| async move {
            let revise = RoleBookCommand::Revise {
                role,
                name: name.clone(),
                description: description.clone(),
                permissions: permissions.clone(),
                held: held.clone(),
            };
            transaction.decide::<RoleBook>(RoleBook::ID, revise).await?;
            match permissions {
                Some(permissions) => self.expect_held_for_good(&transaction, request, role, permissions).await,
                None => Ok(()),
            }
        };
        self.dispatcher.execute(request, Operation::new(acts::ROLE_REVISE, input), work).await
    }

    /// Gives a role that permits no more than whoever asks holds; for good, or until an instant, and for no longer than they hold that.
    /// Giving a role that is held changes until when it is, if anything.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn grant_role(
        &self,
        request: &Request,
        account: AccountId,
        role: AnyRole,
        until: Option<Timestamp>,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::ROLE_GRANT).await?;
        let operation = Operation::new(acts::ROLE_GRANT, json!({ "account": account, "role": role, "until": until }));
        let (by, held) = (request.actor.account(), &request.actor.held());
        let work = |transaction: Transaction| async move {
            let give = RoleBookCommand::Give { role, account, held: held.clone() };
            transaction.decide::<RoleBook>(RoleBook::ID, give).await?;
            self.expect_held_so_long(&transaction, request, (role, None), until).await?;
            transaction.decide::<Account>(account.into(), AccountCommand::GrantRole { account, role, until, by }).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Takes a role that permits no more than whoever asks holds. Taking a role that is not held is no mistake.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn revoke_role(&self, request: &Request, account: AccountId, role: AnyRole) -> Result<Outcome<(), Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::ROLE_REVOKE).await?;
        let by = request.actor.account();
        let operation = Operation::new(acts::ROLE_REVOKE, json!({ "account": account, "role": role }));
        let held = &request.actor.held();
        let work = |transaction: Transaction| async move {
            let take = RoleBookCommand::Take { role, account, held: held.clone() };
            transaction.decide::<RoleBook>(RoleBook::ID, take).await?;
            self.expect_held_so_long(&transaction, request, (role, None), Some(self.dispatcher.now())).await?;
            if role == Role::SuperAdministrator.into() {
                owners::leaves_one(&transaction, account).await?;
            }
            transaction.decide::<Account>(account.into(), AccountCommand::RevokeRole { account, role, by }).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Gives a role that permits no more than whoever asks holds within a community, to be held there alone; for good, or until an
    /// instant. Whoever gives roles everywhere may, and whoever does within that community.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn grant_role_within(
        &self,
        request: &Request,
        (account, community): (AccountId, CommunityId),
        role: AnyRole,
        until: Option<Timestamp>,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        self.dispatcher.permits_within(request, &acts::ROLE_GRANT, Some(community)).await?;
        let input = json!({ "account": account, "role": role, "until": until, "within": community });
        let operation = Operation { within: Some(community), ..Operation::new(acts::ROLE_GRANT, input) };
        let held = &request.actor.held_within(community);
        let work = |transaction: Transaction| async move {
            transaction.decide::<RoleBook>(RoleBook::ID, RoleBookCommand::Lend { role, held: held.clone() }).await?;
            if !self.dispatcher.look::<Community, _>(community.into(), Community::is_open).await? {
                return Err(Halt::Rejected(Rejection::CommunityNotFound));
            }
            self.expect_held_so_long(&transaction, request, (role, Some(community)), until).await?;
            let grant = AccountCommand::GrantRoleWithin { community, role, until };
            transaction.decide::<Account>(account.into(), grant).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Takes a role that is held within a community, and permits no more than whoever asks holds there. Taking a role that is not held is
    /// no mistake.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn revoke_role_within(
        &self,
        request: &Request,
        (account, community): (AccountId, CommunityId),
        role: AnyRole,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        self.dispatcher.permits_within(request, &acts::ROLE_REVOKE, Some(community)).await?;
        let input = json!({ "account": account, "role": role, "within": community });
        let operation = Operation { within: Some(community), ..Operation::new(acts::ROLE_REVOKE, input) };
        let held = &request.actor.held_within(community);
        let work = |transaction: Transaction| async move {
            transaction.decide::<RoleBook>(RoleBook::ID, RoleBookCommand::Lend { role, held: held.clone() }).await?;
            self.expect_held_so_long(&transaction, request, (role, Some(community)), Some(self.dispatcher.now())).await?;
            let revoke = AccountCommand::RevokeRoleWithin { community, role };
            transaction.decide::<Account>(account.into(), revoke).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Turns down whoever would give a role for longer than they hold what it permits, or take it although they do not, everywhere or within a community: as it is by now,
    /// whatever they were found to hold when they asked.
    async fn expect_held_so_long(
        &self,
        transaction: &Transaction,
        request: &Request,
        (role, community): (AnyRole, Option<CommunityId>),
        until: Option<Timestamp>,
    ) -> Result<(), Halt<Rejection>> {
        if matches!(request.actor, Actor::System(_)) {
            return Ok(());
        }
        let (held, met) = self.held_by_now(transaction, request, community).await?;
        let now = self.dispatcher.now();
        let gives_until = |book: &RoleBook| book.gives_until(&held, role, now, met, &self.factor_for);
        as_long(transaction.rely_on(RoleBook::ID, gives_until).await?, until)
    }

    /// Turns down whoever would have a role permit beside what it does what they do not hold for good: by now, as above. It may be held for
    /// good, also by themselves.
    async fn expect_held_for_good(
        &self,
        transaction: &Transaction,
        request: &Request,
        role: RoleId,
        permissions: &Permissions,
    ) -> Result<(), Halt<Rejection>> {
        if matches!(request.actor, Actor::System(_)) {
            return Ok(());
        }
        let (held, met) = self.held_by_now(transaction, request, None).await?;
        let now = self.dispatcher.now();
        let adds_until = |book: &RoleBook| book.adds_until(&held, (role, permissions), now, met, &self.factor_for);
        as_long(transaction.rely_on(RoleBook::ID, adds_until).await?, None)
    }

    /// The roles that whoever asks in person holds by now, everywhere or within a community, and what they meet of what roles ask: from
    /// where they come, and whether they have shown a second factor. They hold these and are signed in until what is decided because of it
    /// is written; the factor they have by now.
    async fn held_by_now(
        &self,
        transaction: &Transaction,
        request: &Request,
        community: Option<CommunityId>,
    ) -> Result<(Grants, (Option<IpAddr>, bool)), Halt<Rejection>> {
        let (by, sign_in) = request.in_person()?;
        let opened = transaction.rely_on(sign_in.into(), |opened: &SignIn| match opened {
            SignIn::Open { account, epoch, shown, .. } if *account == by => Some((*epoch, *shown)),
            SignIn::Absent | SignIn::Open { .. } | SignIn::Closed { .. } => None,
        });
        let Some((opened_in, shown)) = opened.await? else { return Err(Halt::Rejected(Rejection::MoreThanHeld)) };
        let giver = transaction.rely_on(by.into(), Account::clone).await?;
        let is_signed_in = giver.still_has(sign_in, opened_in);
        let Account::Open { grants, within, suspended: false, .. } = giver else { return Err(Halt::Rejected(Rejection::MoreThanHeld)) };
        let there = within.as_deref().zip(community);
        let held = grants.and(there.into_iter().flat_map(|(within, community)| within.of(community)));
        let has_factor = self.has_shown_factor(Age::Current, by, (sign_in, shown)).await?;
        if is_signed_in { Ok((held, (request.came_from(), has_factor))) } else { Err(Halt::Rejected(Rejection::MoreThanHeld)) }
    }
}

/// Whether what is held until then is held as long as it is to be.
fn as_long(own: Option<Timestamp>, until: Option<Timestamp>) -> Result<(), Halt<Rejection>> {
    match own {
        None => Err(Halt::Rejected(Rejection::MoreThanHeld)),
        Some(own) if until.unwrap_or(Timestamp::MAX_UTC) > own => Err(Halt::Rejected(Rejection::UntilBeyondOwn)),
        Some(_) => Ok(()),
    }
}
