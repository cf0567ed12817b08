//! Changing a password, and keeping it under a better hash (OWASP ASVS 5.0, 6.2.2, 6.2.3 and 7.4.3).

use domain::{
    identity::{
        DisplayName, Email, IdentityRejection as Rejection,
        account::{Account, AccountCommand},
        contact::{Contact, ContactCommand},
        password,
        second_factor::{SecondFactor, SecondFactorCommand},
        ways_in::{WaysIn, WaysInCommand},
    },
    kernel::{AccountId, Personal},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::Identity;
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Operation, Transaction},
};

impl Identity {
    /// Changes the password of whoever asks and knows it. All their other sign-ins end. Who has a second factor has shown it not long ago.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::StepUpRequired`], or another fault; a wrong or a bad password is a rejection.
    pub async fn change_password(
        &self,
        request: &Request,
        current: SecretString,
        new: SecretString,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let (account, sign_in) = request.in_person()?;
        // Before a password is looked at, so that nobody without the factor finds out whether it is right.
        self.dispatcher.permits(request, &acts::PASSWORD_CHANGE).await?;
        let Account::Open { email, display_name, password: kept, .. } = self.dispatcher.state::<Account>(account.into()).await? else {
            return Err(Fault::Unauthenticated);
        };
        let (Some(email), Some(name), Some(hash)) =
            (self.open(&email).await?, self.open(&display_name).await?, self.open_secret(&kept).await?)
        else {
            return Err(Fault::Unauthenticated);
        };
        if let Err(rejection) = self.judge(account, &new, &email, &name).await? {
            return Ok(Outcome::Rejected(rejection));
        }
        let Some(a_try) = self.a_try(request, self.claim_of(&email).await?).await? else {
            return Ok(Outcome::Rejected(Rejection::TooManyTries));
        };
        if !self.passwords.verify(current, Some(hash)).await? {
            return Ok(Outcome::Rejected(Rejection::PasswordWrong));
        }
        self.knew_password(account, a_try).await?;
        let is_short = password::is_short(new.expose_secret());
        let password = &Personal::new(account, self.passwords.hash(new).await?);
        let change = |transaction: Transaction| async move {
            let change = AccountCommand::ChangePassword { password: password.clone(), except: Some(sign_in), programs: false };
            transaction.decide::<Account>(account.into(), change).await?;
            transaction.decide::<Contact>(account.into(), ContactCommand::ForgetChange).await?;
            // Decided together: the second factor may be turned off at this very moment.
            transaction.decide::<SecondFactor>(account.into(), SecondFactorCommand::PasswordChanges { is_short }).await?;
            let set = WaysInCommand::SetPassword { account, alone: false };
            transaction.decide::<WaysIn>(account.into(), set).await.map(drop)
        };
        self.dispatcher.execute(request, Operation::new(acts::PASSWORD_CHANGE, json!({ "account": account })), change).await
    }

    /// Whether an account may have a new password, which may be shorter beside a second factor.
    pub(super) async fn judge(
        &self,
        account: AccountId,
        new: &SecretString,
        email: &Email,
        name: &DisplayName,
    ) -> Result<Result<(), Rejection>, Fault> {
        let judge = if self.has_second_factor(account).await? { password::judge_beside_second_factor } else { password::judge };
        Ok(judge(new.expose_secret(), email, name))
    }

    /// Hashes a password anew that was verified against a hash of an older kind. It is for the sign-in to go on if that fails.
    pub(super) async fn rehash(&self, request: &Request, account: AccountId, verified: &Personal<String>, password: SecretString) {
        let rehashed = async {
            let hash = Personal::new(account, self.passwords.hash(password).await?);
            let operation = Operation { subject: Some(account), ..Operation::new(acts::PASSWORD_REHASH, json!({ "account": account })) };
            let asked = Request { key: None, ..request.clone() };
            let rehash = || AccountCommand::Rehash { verified: verified.clone(), password: hash.clone() };
            self.dispatcher.command::<Account>(&asked, operation, account.into(), rehash).await
        };
        if let Err(fault) = rehashed.await {
            tracing::warn!(%account, %fault, "a password stays under its old hash; the next sign-in tries again");
        }
    }
}
