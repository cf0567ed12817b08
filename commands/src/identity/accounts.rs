//! Registering.

use std::collections::BTreeSet;

use domain::{
    identity::{
        DisplayName, Email, IdentityRejection as Rejection, Language, Role,
        account::{Account, AccountCommand},
        contact::{Contact, ContactCommand},
        email_claim::{EmailClaim, EmailClaimCommand},
        password,
        provider_claim::{ProviderClaim, ProviderClaimCommand},
        role_book::{RoleBook, RoleBookCommand},
        ways_in::{Link, WaysIn, WaysInCommand},
    },
    kernel::{AccountId, Personal},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::Identity;
use crate::{Actor, Fault, Outcome, Request, authorization::acts, dispatch::Operation};

/// What somebody registers with.
pub struct Registration {
    pub email: String,
    pub display_name: String,
    pub password: SecretString,
    /// On top of being a learner.
    pub roles: BTreeSet<Role>,
}

/// What an account is opened with, once it has been checked.
pub(super) struct Opened {
    pub(super) email: Email,
    /// The stream in which the address is claimed.
    pub(super) claim: Uuid,
    pub(super) display_name: DisplayName,
    pub(super) hash: String,
    pub(super) roles: BTreeSet<Role>,
    /// In which language the address is asked to be verified; absent where it is not.
    pub(super) asked_in: Option<Language>,
    /// Absent where they came with a password.
    pub(super) arrival: Option<Arrival>,
}

/// Somebody who came by a provider.
pub(super) struct Arrival {
    pub(super) link: Link,
    /// The provider knows that the address is theirs.
    pub(super) vouched: bool,
}

impl Identity {
    /// Opens an account. The address is claimed in the same append, so it is unique however many register at once. Whoever has it already is
    /// told by mail.
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
        let hash = self.passwords.hash(registration.password).await?;
        // Whom a part of this program registers is not written to unasked.
        let asked_in = (!matches!(request.actor, Actor::System(_))).then(|| request.language.unwrap_or_default());
        let opened = Opened { email, claim, display_name, hash, roles: registration.roles, asked_in, arrival: None };
        let outcome = self.open_account(request, Operation::new(acts::ACCOUNT_REGISTER, input), opened).await?;
        if asked_in.is_some() && matches!(outcome, Outcome::Rejected(Rejection::EmailTaken)) {
            self.tell_of_registration(claim).await?;
        }
        Ok(outcome)
    }

    pub(super) async fn open_account(
        &self,
        request: &Request,
        operation: Operation,
        Opened { email, claim, display_name, hash, roles, asked_in, arrival }: Opened,
    ) -> Result<Outcome<AccountId, Rejection>, Fault> {
        let account = AccountId(Uuid::now_v7());
        let operation = Operation { subject: Some(account), ..operation };
        let password = Personal::new(account, hash);
        let (email, display_name, roles) = (Personal::new(account, email), Personal::new(account, display_name), &roles);
        let arrival = &arrival;
        let work = |transaction: crate::dispatch::Transaction| {
            let register = AccountCommand::Register {
                email: email.clone(),
                display_name: display_name.clone(),
                password: password.clone(),
                roles: roles.clone(),
            };
            async move {
                transaction.decide::<EmailClaim>(claim, EmailClaimCommand::Claim { account }).await?;
                if roles.contains(&Role::SuperAdministrator) {
                    let give = RoleBookCommand::Give { role: Role::SuperAdministrator.into(), account, held: None };
                    transaction.decide::<RoleBook>(RoleBook::ID, give).await?;
                }
                transaction.decide::<Account>(account.into(), register).await?;
                if let Some(Arrival { link, vouched }) = arrival {
                    transaction.decide::<ProviderClaim>(link.identity, ProviderClaimCommand::Claim { account }).await?;
                    transaction.decide::<WaysIn>(account.into(), WaysInCommand::Open { account, link: link.clone() }).await?;
                    if *vouched {
                        let vouch = ContactCommand::Vouch { provider: link.provider.clone() };
                        transaction.decide::<Contact>(account.into(), vouch).await?;
                    }
                }
                if let Some(language) = asked_in {
                    let verify = ContactCommand::RequestVerification { request: Uuid::new_v4(), language };
                    transaction.decide::<Contact>(account.into(), verify).await?;
                }
                Ok(account)
            }
        };
        self.dispatcher.execute(request, operation, work).await
    }
}

fn checked(registration: &Registration) -> Result<(Email, DisplayName), Rejection> {
    let (email, display_name) = (Email::try_new(&registration.email)?, DisplayName::try_new(&registration.display_name)?);
    password::judge(registration.password.expose_secret(), &email, &display_name)?;
    Ok((email, display_name))
}
