//! Changing the address of an account (OWASP ASVS 5.0, 6.3.7 and 7.5.1). Both addresses confirm it, in whichever order: the new one to
//! prove that it is read, the old one that whoever reads it wants this. One that was never verified confirms nothing, since nobody has
//! shown to read it. The old address is told all the same, with a way to stop it until then, and one to take it back for a while after.

use domain::{
    identity::{
        Email, IdentityRejection as Rejection,
        account::{Account, AccountCommand},
        contact::{Contact, ContactCommand, Side},
        email_claim::{EmailClaim, EmailClaimCommand},
    },
    kernel::{AccountId, Personal},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{Identity, links::Purpose};
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Halt, Operation, Transaction},
};

/// What has come of confirming a change at one of its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    /// The account has the new address.
    Done(AccountId),
    /// It has to be confirmed at this address first.
    Awaits(Side),
}

impl Identity {
    /// Asks for another address, for whoever knows the password. Nothing changes until both addresses have confirmed it; one that was
    /// never verified need not. Who has a second factor has shown it not long ago.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::StepUpRequired`], or another fault; a wrong password, and an address that cannot be it,
    /// are rejections.
    pub async fn request_email_change(
        &self,
        request: &Request,
        email: &str,
        current_password: SecretString,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let (account, _) = request.in_person()?;
        // Before a password is looked at, so that nobody without the factor finds out whether it is right.
        self.dispatcher.permits(request, &acts::EMAIL_CHANGE).await?;
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
        self.knew_password(account, a_try).await?;
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

    /// Confirms a change of address, for whoever comes with the token that was mailed to one of the two. With the last confirmation that
    /// it needs the new address is the account's, and the claims on both change hands in the same append. An old one that was known to be
    /// theirs is kept for them for a while.
    ///
    /// # Errors
    /// A fault; a token that is not good, and an address that was taken meanwhile, are rejections.
    pub async fn confirm_email_change(&self, request: &Request, token: &SecretString) -> Result<Outcome<Confirmation, Rejection>, Fault> {
        let at = |purpose, side| Ok::<_, Fault>(self.links.read(purpose, token)?.map(|(account, link)| (account, link, side)));
        let found = at(Purpose::ConfirmChange, Side::New)?.or(at(Purpose::AllowChange, Side::Old)?);
        let Some((account, link, side)) = found else { return Ok(Outcome::Rejected(Rejection::LinkInvalid)) };
        let operation = Operation::new(acts::EMAIL_CHANGE_CONFIRM, json!({ "account": account, "request": link, "side": side }));
        let work = |transaction: Transaction| async move {
            let invalid = || Halt::Rejected(Rejection::LinkInvalid);
            let Account::Open { email: before, .. } = self.dispatcher.state::<Account>(account.into()).await? else {
                return Err(invalid());
            };
            let now = self.dispatcher.now();
            let until = now + self.tokens.email_revert_lifetime();
            transaction.decide::<Contact>(account.into(), ContactCommand::ConfirmChange { request: link, side, before, until }).await?;
            // As it was decided on: if it is newer, the append fails, and all of this runs again.
            let contact = self.contact(account).await?;
            if let Some(other) = contact.awaited(link).iter().copied().find(|awaited| *awaited != side) {
                return Ok(Confirmation::Awaits(other));
            }
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
            Ok(Confirmation::Done(account))
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
