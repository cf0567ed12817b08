//! Setting a server up from inside: its first administrator and the built-in workshops.

use commands::{Fault, Outcome, Request, identity::Registration, workshops::Imported};
use domain::{
    identity::{IdentityRejection, Role},
    kernel::AccountId,
    workshops::WorkshopRejection,
};
use importers::BuiltIn;
use secrecy::SecretString;
use uuid::Uuid;

use super::Node;

/// Whose workshops are that nobody in particular wrote; administrators manage them.
pub const NOBODY: AccountId = AccountId(Uuid::nil());

/// A password nobody has to remember: 128 random bits in hexadecimal.
#[must_use]
pub fn random_password() -> SecretString {
    hex::encode(rand::random::<[u8; 16]>()).into()
}

impl Node {
    /// Opens an account with the administrator's role.
    ///
    /// # Errors
    /// A fault; a taken address is a rejection.
    pub async fn create_administrator(&self, email: &str, password: SecretString) -> Result<Outcome<AccountId, IdentityRejection>, Fault> {
        let roles = [Role::SuperAdministrator].into();
        let registration = Registration { email: email.to_owned(), display_name: "Administrator".to_owned(), password, roles };
        self.commands.identity.register(&Request::system("administrator_create"), registration).await
    }

    /// Drafts or revises the built-in workshops and publishes what is new. What each slug's import did.
    ///
    /// # Errors
    /// A fault, or a built-in workshop that is refused.
    pub async fn import_built_in(&self) -> Result<Vec<(String, Imported)>, Fault> {
        let request = Request::system("built_in_workshops");
        let mut done = Vec::new();
        for workshop in importers::read(&BuiltIn).map_err(|error| Fault::Outside(error.to_string()))? {
            let refused = |why: String| Fault::Outside(format!("built-in workshop {}: {why}", workshop.slug));
            let content = workshop.content.as_ref().ok_or_else(|| refused("unreadable".into()))?;
            let (id, imported) = match self.commands.workshops.import(&request, NOBODY, &workshop.slug, content).await? {
                Outcome::Accepted(accepted) => accepted.value,
                Outcome::Rejected(rejection) => return Err(refused(rejection.to_string())),
            };
            match self.commands.workshops.publish(&request, id).await? {
                Outcome::Accepted(_) | Outcome::Rejected(WorkshopRejection::NothingToPublish) => {}
                Outcome::Rejected(rejection) => return Err(refused(rejection.to_string())),
            }
            done.push((workshop.slug, imported));
        }
        Ok(done)
    }
}
