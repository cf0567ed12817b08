//! What roles ask of those who hold them: a second factor, and networks from which they come.

use domain::{
    identity::{
        AnyRole, IdentityRejection as Rejection, Networks, Protection,
        account::Account,
        role_book::{RoleBook, RoleBookCommand},
    },
    kernel::{AccountId, Timestamp},
};
use serde_json::json;

use super::{Identity, owners};
use crate::{
    Fault, Outcome, Request,
    authorization::{acts, reads},
    dispatch::{Operation, Transaction},
};

/// What a role is to ask; what is absent stays.
pub struct ProtectionChange {
    pub second_factor: Option<bool>,
    /// Each such as `10.0.0.0/8`; none: from everywhere.
    pub networks: Option<Vec<String>>,
}

/// What a role asks of those who hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectedRole {
    pub role: AnyRole,
    pub second_factor: bool,
    pub networks: Networks,
}

impl Identity {
    /// Has a role ask something of those who hold it, whichever role it is. It is felt with their next request.
    ///
    /// # Errors
    /// A fault, such as a missing permission; networks that leave out whoever asks and holds the role are a rejection.
    pub async fn protect_role(&self, request: &Request, role: AnyRole, change: ProtectionChange) -> Result<Outcome<(), Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::ROLE_PROTECT).await?;
        let ProtectionChange { second_factor, networks } = change;
        let networks = match networks.map(|texts| Networks::try_new(texts.iter().map(String::as_str))).transpose() {
            Ok(networks) => networks,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let operation = Operation::new(acts::ROLE_PROTECT, json!({ "role": role, "secondFactor": second_factor, "networks": networks }));
        let (held, networks, by) = (&request.actor.held(), &networks, request.actor.account());
        let from = request.came_from();
        let work = |transaction: Transaction| async move {
            owners::expect_let_in(&transaction, request).await?;
            let holds_it = match by {
                Some(by) => self.holds(by, role, self.dispatcher.now()).await?,
                None => false,
            };
            let (held, networks) = (held.clone(), networks.clone());
            let protect = RoleBookCommand::Protect { role, second_factor, networks, held, from, holds_it };
            transaction.decide::<RoleBook>(RoleBook::ID, protect).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// What each role asks of those who hold it, for those who define roles: built-in ones first, then the others as they were defined.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn role_protections(&self, request: &Request) -> Result<Vec<ProtectedRole>, Fault> {
        request.allowed(&reads::ROLE_PROTECTIONS)?;
        let listed = |book: &RoleBook| {
            let protected = |role| {
                let Protection { second_factor, networks } = book.protection(role, &self.factor_for);
                ProtectedRole { role, second_factor: second_factor == Some(true), networks }
            };
            book.roles().map(protected).collect()
        };
        self.dispatcher.look(RoleBook::ID, listed).await
    }

    async fn holds(&self, account: AccountId, role: AnyRole, now: Timestamp) -> Result<bool, Fault> {
        let Account::Open { grants, within, .. } = self.dispatcher.state::<Account>(account.into()).await? else { return Ok(false) };
        Ok(grants.and_within(within.as_deref()).iter().any(|grant| grant.role == role && grant.is_good(now)))
    }
}
