//! What people say of themselves: their name, and the language they are written to in.

use domain::{
    identity::{
        DisplayName, IdentityRejection as Rejection, Language,
        account::{Account, AccountCommand},
        contact::{Contact, ContactCommand},
    },
    kernel::{AccountId, Personal},
};
use serde_json::json;

use super::Identity;
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Operation, Transaction},
};

impl Identity {
    /// Changes what is given, all of it or nothing.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], or another fault; a name that is none is a rejection.
    pub async fn revise_profile(
        &self,
        request: &Request,
        display_name: Option<&str>,
        language: Option<Language>,
    ) -> Result<Outcome<AccountId, Rejection>, Fault> {
        let (account, _) = request.in_person()?;
        let name = match display_name.map(DisplayName::try_new).transpose() {
            Ok(name) => name,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        // The receipt keeps a keyed digest of this.
        let operation = Operation::new(acts::PROFILE_REVISE, json!({ "account": account, "displayName": name, "language": language }));
        let name = name.map(|name| Personal::new(account, name));
        let work = |transaction: Transaction| {
            let name = name.clone();
            async move {
                if let Some(display_name) = name {
                    transaction.decide::<Account>(account.into(), AccountCommand::Rename { display_name }).await?;
                }
                if let Some(language) = language {
                    transaction.decide::<Contact>(account.into(), ContactCommand::ChooseLanguage { language }).await?;
                }
                Ok(account)
            }
        };
        self.dispatcher.execute(request, operation, work).await
    }
}
