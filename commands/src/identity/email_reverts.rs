//! Taking back an address that was changed (OWASP ASVS 5.0, 6.3.7): whoever has come into an account and sent it to an address of their
//! own loses it to whoever reads the one from before.

use domain::{
    identity::{
        ErasureReason, IdentityRejection as Rejection,
        account::{Account, AccountCommand},
        contact::{Contact, ContactCommand},
        email_claim::{EmailClaim, EmailClaimCommand},
        second_factor::{SecondFactor, SecondFactorCommand},
        ways_in::{WaysIn, WaysInCommand},
    },
    kernel::Personal,
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
    /// Gives an account the address back that it had, for whoever comes with the token that was mailed there when another took its place.
    /// The claims on both change hands in the same append. All sign-ins end and the password is worth nothing, since whoever changed the
    /// address knew it; a link to set another is mailed. Passkeys go, since they may have registered one; a second factor stays.
    ///
    /// # Errors
    /// A fault; a token that is not good, and an address that somebody has taken since, are rejections.
    pub async fn revert_email_change(&self, request: &Request, token: &SecretString) -> Result<Outcome<(), Rejection>, Fault> {
        let no = |rejection| Ok(Outcome::Rejected(rejection));
        let Some((account, link)) = self.links.read(Purpose::RevertChange, token)? else { return no(Rejection::LinkInvalid) };
        let operation = Operation::new(acts::EMAIL_CHANGE_REVERT, json!({ "account": account, "request": link }));
        if let Some(outcome) = self.dispatcher.answered(request, &operation).await? {
            return Ok(outcome);
        }
        // Nothing is hashed for a link that is worth nothing.
        let contact = self.contact(account).await?;
        if contact.good_until(link, self.dispatcher.now()).is_none() || contact.before(link).is_none() {
            return no(Rejection::LinkInvalid);
        }
        let language = contact.language_or(request.language);
        // Nobody knows it, nor will.
        let nobodys = format!("{}{}", Uuid::new_v4(), Uuid::new_v4()).into();
        let password = &Personal::new(account, self.passwords.hash(nobodys).await?);
        let work = |transaction: Transaction| async move {
            let worthless = || Halt::Rejected(Rejection::LinkInvalid);
            let Account::Open { email: current, .. } = self.dispatcher.state::<Account>(account.into()).await? else {
                return Err(worthless());
            };
            let email = self.contact(account).await?.before(link).ok_or_else(worthless)?.clone();
            let (Some(old), Some(new)) = (self.claimed(&email).await?, self.claimed(&current).await?) else { return Err(worthless()) };
            if old == new {
                return Err(Halt::Rejected(Rejection::EmailUnchanged));
            }
            let revert = ContactCommand::RevertChange { request: link, taken: current };
            let reset = ContactCommand::RequestReset { request: Uuid::new_v4(), language };
            transaction.decide_all::<Contact>(account.into(), [revert, reset]).await?;
            transaction.decide::<EmailClaim>(old, EmailClaimCommand::Claim { account }).await?;
            transaction.decide::<EmailClaim>(new, EmailClaimCommand::Release { account }).await?;
            let change = AccountCommand::ChangeEmail { email };
            let void = AccountCommand::ChangePassword { password: password.clone(), except: None };
            transaction.decide_all::<Account>(account.into(), [change, void]).await?;
            let reason = ErasureReason::try_new("the address was taken back").map_err(Halt::Rejected)?;
            let reset = WaysInCommand::ResetPasskeys { account, by: None, reason };
            transaction.decide::<WaysIn>(account.into(), reset).await?;
            transaction.decide::<SecondFactor>(account.into(), SecondFactorCommand::PasswordChanges { is_short: false }).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }
}
