//! Changing the address of an account (OWASP ASVS 5.0, 6.3.7 and 7.5.1). The new address must prove that it is read; the old one is told,
//! with a way to stop it until then, and one to take it back for a while after.

use domain::{
    identity::{
        Email, IdentityRejection as Rejection,
        account::{Account, AccountCommand},
        contact::{Contact, ContactCommand},
        email_claim::{EmailClaim, EmailClaimCommand},
    },
    kernel::{AccountId, Personal},
};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::{Identity, links::Purpose};
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Halt, Operation, Transaction},
};

impl Identity {
    /// Asks for another address, for whoever knows the password. Nothing changes until the new one is confirmed.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], or another fault; a wrong password, and an address that cannot be it, are rejections.
    pub async fn request_email_change(
        &self,
        request: &Request,
        email: &str,
        current_password: SecretString,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let (account, _) = request.in_person()?;
        let no = |rejection| Ok(Outcome::Rejected(rejection));
        let email = match Email::try_new(email) {
            Ok(email) => email,
            Err(rejection) => return no(rejection),
        };
        let Account::Open { email: old, password, .. } = self.dispatcher.state::<Account>(account.into()).await? else {
            return Err(Fault::Unauthenticated);
        };
        let (Some(old), Some(hash)) = (self.open(&old).await?, self.open_secret(&password).await?) else {
            return Err(Fault::Unauthenticated);
        };
        let Some(a_try) = self.a_try(request, self.claim_of(&old).await?).await? else { return no(Rejection::TooManyTries) };
        if !self.passwords.verify(current_password, Some(hash)).await? {
            return no(Rejection::PasswordWrong);
        }
        self.succeeded(a_try).await?;
        if email == old {
            return no(Rejection::EmailUnchanged);
        }
        let claim = self.claim_of(&email).await?;
        // As registering tells. What decides is the claim, when it is confirmed.
        if self.dispatcher.state::<EmailClaim>(claim).await?.is_taken_for(account, self.dispatcher.now()) {
            return no(Rejection::EmailTaken);
        }
        let language = self.language(request, account).await?;
        let email = Personal::new(account, email);
        let operation = Operation::new(acts::EMAIL_CHANGE, json!({ "account": account, "claim": claim }));
        let ask = || ContactCommand::RequestChange { request: Uuid::new_v4(), email: email.clone(), language };
        self.dispatcher.command::<Contact>(request, operation, account.into(), ask).await
    }

    /// Makes the new address the account's, for whoever comes with the token that was mailed to it. The claims on both change hands in
    /// the same append. An old one that was known to be theirs is kept for them for a while.
    ///
    /// # Errors
    /// A fault; a token that is not good, and an address that was taken meanwhile, are rejections.
    pub async fn confirm_email_change(&self, request: &Request, token: &SecretString) -> Result<Outcome<AccountId, Rejection>, Fault> {
        let Some((account, link)) = self.links.read(Purpose::ConfirmChange, token)? else {
            return Ok(Outcome::Rejected(Rejection::LinkInvalid));
        };
        let operation = Operation::new(acts::EMAIL_CHANGE_CONFIRM, json!({ "account": account, "request": link }));
        let work = |transaction: Transaction| async move {
            let invalid = || Halt::Rejected(Rejection::LinkInvalid);
            let Account::Open { email: before, .. } = self.dispatcher.state::<Account>(account.into()).await? else {
                return Err(invalid());
            };
            let now = self.dispatcher.now();
            let until = now + self.tokens.email_revert_lifetime();
            transaction.decide::<Contact>(account.into(), ContactCommand::ConfirmChange { request: link, before, until }).await?;
            let contact = self.contact(account).await?;
            let email = contact.change(link).ok_or_else(invalid)?.email.clone();
            let new = self.open(&email).await?.ok_or_else(invalid)?;
            let old = self.held_by(account).await?.ok_or_else(invalid)?;
            transaction.decide::<EmailClaim>(self.claim_of(&new).await?, EmailClaimCommand::Claim { account }).await?;
            let let_go = if contact.is_revertible(now) {
                EmailClaimCommand::Keep { account, until }
            } else {
                EmailClaimCommand::Release { account }
            };
            transaction.decide::<EmailClaim>(old, let_go).await?;
            transaction.decide::<Account>(account.into(), AccountCommand::ChangeEmail { email }).await?;
            Ok(account)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Has a new address that was not confirmed yet forgotten, for whoever comes with the token that was mailed to the old one.
    ///
    /// # Errors
    /// A fault; a token that is not good is a rejection.
    pub async fn stop_email_change(&self, request: &Request, token: &SecretString) -> Result<Outcome<(), Rejection>, Fault> {
        let Some((account, link)) = self.links.read(Purpose::StopChange, token)? else {
            return Ok(Outcome::Rejected(Rejection::LinkInvalid));
        };
        let operation = Operation::new(acts::EMAIL_CHANGE_STOP, json!({ "account": account, "request": link }));
        let stop = || ContactCommand::StopChange { request: link };
        self.dispatcher.command::<Contact>(request, operation, account.into(), stop).await
    }
}
