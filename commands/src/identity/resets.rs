//! Setting another password by a link that is mailed (OWASP ASVS 5.0, 6.3.8, 6.4.3 and 7.4.3).
//!
//! Asking does the same whether an account has the address or not: one try counted, one event on the stream of the address, which is a
//! keyed digest. A reaction finds out later whether there is anybody to write to, so neither the answer nor its time tells.

use std::collections::BTreeSet;

use domain::{
    identity::{
        Email, IdentityRejection as Rejection, Language,
        account::{Account, AccountCommand},
        contact::{Contact, ContactCommand},
        email_claim::{EmailClaim, EmailClaimCommand},
        password,
        role_book::RoleBook,
        second_factor::{SecondFactor, SecondFactorCommand},
        ways_in::{WaysIn, WaysInCommand},
    },
    kernel::Personal,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::{Identity, links::Purpose, provider_links::Parting, provider_roles};
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Operation, Transaction},
};

impl Identity {
    /// Has a link mailed to whoever has an address, if anybody does. Counted as tries at the account's password are, and apart from them.
    ///
    /// # Errors
    /// A fault; a malformed address and too many tries are rejections, and neither tells whether there is an account.
    pub async fn request_reset(&self, request: &Request, email: &str) -> Result<Outcome<(), Rejection>, Fault> {
        let email = match Email::try_new(email) {
            Ok(email) => email,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let claim = self.claim_of(&email).await?;
        if !self.asks_for_link(request, claim).await? {
            return Ok(Outcome::Rejected(Rejection::TooManyTries));
        }
        let operation = Operation::new(acts::PASSWORD_RESET_REQUEST, json!({ "claim": claim }));
        let ask = || EmailClaimCommand::AskReset { language: request.language };
        self.dispatcher.command::<EmailClaim>(&Request { key: None, ..request.clone() }, operation, claim, ask).await
    }

    /// Has a link sent to whoever holds an address by now, if anybody does and none was sent a moment ago.
    pub(crate) async fn offer_reset(&self, request: &Request, claim: Uuid, language: Option<Language>) -> Result<(), Fault> {
        let EmailClaim::Held { account } = self.dispatcher.state::<EmailClaim>(claim).await? else { return Ok(()) };
        if !self.is_open(account).await? {
            return Ok(());
        }
        let language = self.contact(account).await?.language_or(language);
        let operation = Operation::new(acts::PASSWORD_RESET_OFFER, json!({ "account": account }));
        let offer = || ContactCommand::RequestReset { request: Uuid::new_v4(), language };
        self.dispatcher.command::<Contact>(request, operation, account.into(), offer).await.map(drop)
    }

    /// Sets another password, for whoever comes with the token of a mailed link. The address is known to be theirs by that. All sign-ins
    /// of the account end. What counts tries is left as it is, and so is a second factor; but whoever guesses from elsewhere does not keep
    /// them out of where they are.
    ///
    /// # Errors
    /// A fault; a token that is not good and a bad password are rejections.
    pub async fn reset_password(
        &self,
        request: &Request,
        token: &SecretString,
        new: SecretString,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let no = |rejection| Ok(Outcome::Rejected(rejection));
        let Some((account, link)) = self.links.read(Purpose::Reset, token)? else { return no(Rejection::LinkInvalid) };
        let operation = Operation::new(acts::PASSWORD_RESET, json!({ "account": account, "request": link }));
        if let Some(outcome) = self.dispatcher.answered(request, &operation).await? {
            return Ok(outcome);
        }
        // Nothing is hashed for a link that is worth nothing.
        if self.contact(account).await?.good_until(link, self.dispatcher.now()).is_none() {
            return no(Rejection::LinkInvalid);
        }
        let Account::Open { email, display_name, .. } = self.dispatcher.state::<Account>(account.into()).await? else {
            return no(Rejection::LinkInvalid);
        };
        let (Some(email), Some(name)) = (self.open(&email).await?, self.open(&display_name).await?) else {
            return no(Rejection::LinkInvalid);
        };
        if let Err(rejection) = self.judge(account, &new, &email, &name).await? {
            return no(rejection);
        }
        let is_short = password::is_short(new.expose_secret());
        let password = Personal::new(account, self.passwords.hash(new).await?);
        // Whoever reads the address is known to be its owner only now: nobody else who came in before stays, nor a program of theirs.
        let alone = !self.contact(account).await?.verified;
        let work = |transaction: Transaction| {
            let change = AccountCommand::ChangePassword { password: password.clone(), except: None, programs: alone };
            async move {
                let used = [ContactCommand::UseReset { request: link }, ContactCommand::ForgetChange];
                transaction.decide_all::<Contact>(account.into(), used).await?;
                let parting = if alone { self.parting_with_all(&transaction, account).await? } else { Parting::default() };
                let (book, mut changes) = provider_roles::commands(account, &BTreeSet::new(), &parting.taken);
                if !book.is_empty() {
                    transaction.decide_all::<RoleBook>(RoleBook::ID, book).await?;
                }
                changes.push(change);
                transaction.decide_all::<Account>(account.into(), changes).await?;
                // Decided together: the second factor may be turned off at this very moment.
                transaction.decide::<SecondFactor>(account.into(), SecondFactorCommand::PasswordChanges { is_short }).await?;
                parting.release(&transaction, account).await?;
                transaction.decide::<WaysIn>(account.into(), WaysInCommand::SetPassword { account, alone }).await.map(drop)
            }
        };
        let outcome = self.dispatcher.execute(request, operation, work).await?;
        if matches!(outcome, Outcome::Accepted(_)) {
            self.came_by_link(request, self.claim_of(&email).await?).await?;
        }
        Ok(outcome)
    }
}
