//! Accounts that come from elsewhere, with the hashes of their passwords.

use domain::{
    identity::{DisplayName, Email, IdentityRejection as Rejection},
    kernel::AccountId,
};
use serde_json::json;

use super::{Identity, accounts::Opened, passwords};
use crate::{Fault, Outcome, Request, authorization::acts, dispatch::Operation};

/// An account that somebody has elsewhere.
pub struct ImportedAccount {
    pub email: String,
    pub display_name: String,
    /// Of bcrypt, 10 to 14 rounds. It is replaced by one of argon2id when its owner signs in.
    pub password_hash: String,
}

impl Identity {
    /// Opens an account whose password is known by its hash alone.
    ///
    /// # Errors
    /// A fault, such as a missing permission; a taken or malformed address or a hash of another kind is a rejection.
    pub async fn import_account(&self, request: &Request, imported: ImportedAccount) -> Result<Outcome<AccountId, Rejection>, Fault> {
        request.allowed(&acts::ACCOUNT_IMPORT)?;
        let (email, display_name) = match (Email::try_new(&imported.email), DisplayName::try_new(&imported.display_name)) {
            (Ok(email), Ok(display_name)) => (email, display_name),
            (Err(rejection), _) | (_, Err(rejection)) => return Ok(Outcome::Rejected(rejection)),
        };
        if !passwords::is_bcrypt(&imported.password_hash) {
            return Ok(Outcome::Rejected(Rejection::PasswordHashInvalid));
        }
        let claim = self.claim_of(&email).await?;
        let operation = Operation::new(acts::ACCOUNT_IMPORT, json!({ "claim": claim }));
        let opened = Opened { email, claim, display_name, hash: imported.password_hash, roles: [].into(), asked_in: None, arrival: None };
        self.open_account(request, operation, opened).await
    }
}
