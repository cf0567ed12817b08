//! Knowing that an address is its owner's, and the language people are written to in.

use domain::{
    identity::{
        IdentityRejection as Rejection,
        account::Account,
        contact::{Contact, ContactCommand},
        mail::Occasion,
    },
    kernel::AccountId,
};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::{Identity, links::Purpose};
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Operation, Transaction},
};

impl Identity {
    /// Has the mail with the link that verifies the address sent again; the link before it is worth nothing from then on.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], or another fault; asking twice within a minute, or so often that nothing would be sent, is a rejection.
    pub async fn request_verification(&self, request: &Request) -> Result<Outcome<(), Rejection>, Fault> {
        let (account, _) = request.in_person()?;
        let operation = Operation::new(acts::EMAIL_VERIFICATION_REQUEST, json!({ "account": account }));
        if let Some(outcome) = self.dispatcher.answered(request, &operation).await? {
            return Ok(outcome);
        }
        // The link of before must not be worth nothing where no other is sent.
        if let Account::Open { email, .. } = self.dispatcher.state::<Account>(account.into()).await?
            && !self.contact(account).await?.verified
            && self.is_written_to_often(&email, Occasion::VerifyEmail).await?
        {
            return Ok(Outcome::Rejected(Rejection::TooManyTries));
        }
        let language = self.language(request, account).await?;
        let asked = || ContactCommand::RequestVerification { request: Uuid::new_v4(), language };
        self.dispatcher.command::<Contact>(request, operation, account.into(), asked).await
    }

    /// Takes the token of a mailed link as proof that the account's address is its owner's. Whoever comes with it need not be signed in.
    ///
    /// # Errors
    /// A fault; a token that is not good is a rejection.
    pub async fn verify_email(&self, request: &Request, token: &SecretString) -> Result<Outcome<AccountId, Rejection>, Fault> {
        let Some((account, link)) = self.links.read(Purpose::Verify, token)? else {
            return Ok(Outcome::Rejected(Rejection::LinkInvalid));
        };
        let operation = Operation::new(acts::EMAIL_VERIFY, json!({ "account": account, "request": link }));
        let work = |transaction: Transaction| async move {
            if !self.is_open(account).await? {
                return Err(crate::dispatch::Halt::Rejected(Rejection::LinkInvalid));
            }
            transaction.decide::<Contact>(account.into(), ContactCommand::Verify { request: link }).await?;
            Ok(account)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// How a person is reached.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn contact(&self, account: AccountId) -> Result<Contact, Fault> {
        self.dispatcher.state::<Contact>(account.into()).await
    }

    /// The language to write to a person in.
    pub(super) async fn language(&self, request: &Request, account: AccountId) -> Result<domain::identity::Language, Fault> {
        Ok(self.contact(account).await?.language_or(request.language))
    }

    pub(super) async fn is_open(&self, account: AccountId) -> Result<bool, Fault> {
        Ok(matches!(self.dispatcher.state::<Account>(account.into()).await?, Account::Open { .. }))
    }
}
