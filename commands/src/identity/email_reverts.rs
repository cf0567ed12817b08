//! Taking back an address that was changed (OWASP ASVS 5.0, 6.3.7): whoever has come into an account and sent it to an address of their
//! own loses it to whoever reads the one from before.

use std::collections::BTreeSet;

use domain::{
    identity::{
        ErasureReason, IdentityRejection as Rejection,
        account::{Account, AccountCommand},
        backup_factor::{BackupFactor, BackupFactorCommand},
        contact::{Contact, ContactCommand},
        email_claim::{EmailClaim, EmailClaimCommand},
        role_book::RoleBook,
        second_factor::{SecondFactor, SecondFactorCommand},
        ways_in::{WaysIn, WaysInCommand},
    },
    kernel::{AccountId, Personal, Timestamp},
};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::{Identity, links::Purpose, provider_roles};
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Halt, Operation, Transaction},
};

impl Identity {
    /// Gives an account the address back that it had, for whoever comes with the token that was mailed there when another took its place.
    /// The claims on both change hands in the same append. All sign-ins end and the password is worth nothing, since whoever changed the
    /// address knew it; a link to set another is mailed. So is every other way in that they may have made for themselves: people at
    /// providers are unlinked with the roles that came of them, passkeys, the telephone for codes and tokens for programs go, and so does
    /// a second factor that was turned on since. One that was there before stays.
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
            let since = self.contact(account).await?.changed_at(link, self.tokens.email_revert_lifetime()).ok_or_else(worthless)?;
            let parting = self.parting_with_all(&transaction, account).await?;
            let (book, mut changes) = provider_roles::commands(account, &BTreeSet::new(), &parting.taken);
            if !book.is_empty() {
                transaction.decide_all::<RoleBook>(RoleBook::ID, book).await?;
            }
            let revert = ContactCommand::RevertChange { request: link, taken: current };
            let reset = ContactCommand::RequestReset { request: Uuid::new_v4(), language };
            transaction.decide_all::<Contact>(account.into(), [revert, reset]).await?;
            transaction.decide::<EmailClaim>(old, EmailClaimCommand::Claim { account }).await?;
            transaction.decide::<EmailClaim>(new, EmailClaimCommand::Release { account }).await?;
            let void = AccountCommand::ChangePassword { password: password.clone(), except: None, programs: true };
            changes.extend([AccountCommand::ChangeEmail { email }, void]);
            transaction.decide_all::<Account>(account.into(), changes).await?;
            self.close_ways_in(&transaction, account, since).await?;
            parting.release(&transaction, account).await
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Takes away by what somebody who changed the address could come in again.
    async fn close_ways_in(&self, transaction: &Transaction, account: AccountId, since: Timestamp) -> Result<(), Halt<Rejection>> {
        let reason = ErasureReason::try_new("the address was taken back").map_err(Halt::Rejected)?;
        let take_back = WaysInCommand::TakeBack { account, reason: reason.clone() };
        transaction.decide::<WaysIn>(account.into(), take_back).await?;
        transaction.decide::<BackupFactor>(account.into(), BackupFactorCommand::Forget { account }).await?;
        // The password that nobody knows stands alone.
        let lengthened = SecondFactorCommand::PasswordChanges { is_short: false };
        let take_back = SecondFactorCommand::TakeBack { since, reason };
        transaction.decide_all::<SecondFactor>(account.into(), [lengthened, take_back]).await.map(drop)
    }
}
