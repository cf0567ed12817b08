//! Registering, and who holds which role.

use std::collections::BTreeSet;

use domain::{
    identity::{
        DisplayName, Email, IdentityRejection as Rejection, Permission, Role,
        account::{Account, AccountCommand},
        email_claim::{EmailClaim, EmailClaimCommand},
    },
    kernel::{AccountId, Personal},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::Identity;
use crate::{Fault, Outcome, Request, dispatch::Operation};

/// What somebody registers with.
pub struct Registration {
    pub email: String,
    pub display_name: String,
    pub password: SecretString,
    /// On top of being a learner.
    pub roles: BTreeSet<Role>,
}

impl Identity {
    /// Opens an account. The address is claimed in the same append, so it is unique however many register at once.
    ///
    /// # Errors
    /// A fault; a taken or malformed address is a rejection.
    pub async fn register(&self, request: &Request, registration: Registration) -> Result<Outcome<AccountId, Rejection>, Fault> {
        let (email, display_name) = match checked(&registration) {
            Ok(checked) => checked,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let claim = self.claim_of(&email).await?;
        // The receipt keeps a keyed digest of this, so nothing personal is in it.
        let input = json!({ "claim": claim, "displayName": display_name, "roles": registration.roles });
        let account = AccountId(Uuid::now_v7());
        let operation = Operation { subject: Some(account), ..Operation::new("accountRegister", input) };
        let password = Personal::new(account, self.passwords.hash(registration.password).await?);
        let (email, display_name) = (Personal::new(account, email), Personal::new(account, display_name));
        let roles = &registration.roles;
        let work = |transaction: crate::dispatch::Transaction| {
            let register = AccountCommand::Register {
                email: email.clone(),
                display_name: display_name.clone(),
                password: password.clone(),
                roles: roles.clone(),
            };
            async move {
                transaction.decide::<EmailClaim>(claim, EmailClaimCommand::Claim { account }).await?;
                transaction.decide::<Account>(account.into(), register).await?;
                Ok(account)
            }
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Gives a role. Granting a role that is held is no mistake.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn grant_role(&self, request: &Request, account: AccountId, role: Role) -> Result<Outcome<(), Rejection>, Fault> {
        request.require(Permission::ManageAccounts)?;
        let operation = Operation::new("accountGrantRole", json!({ "account": account, "role": role }));
        self.dispatcher.command::<Account>(request, operation, account.into(), || AccountCommand::GrantRole { role }).await
    }

    /// Takes a role away. Revoking a role that is not held is no mistake.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn revoke_role(&self, request: &Request, account: AccountId, role: Role) -> Result<Outcome<(), Rejection>, Fault> {
        request.require(Permission::ManageAccounts)?;
        let by = request.actor.account();
        let operation = Operation::new("accountRevokeRole", json!({ "account": account, "role": role }));
        self.dispatcher.command::<Account>(request, operation, account.into(), || AccountCommand::RevokeRole { account, role, by }).await
    }
}

fn checked(registration: &Registration) -> Result<(Email, DisplayName), Rejection> {
    let length = registration.password.expose_secret().chars().count();
    if !(8..=128).contains(&length) {
        return Err(Rejection::PasswordInvalid);
    }
    Ok((Email::try_new(&registration.email)?, DisplayName::try_new(&registration.display_name)?))
}
