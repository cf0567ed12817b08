//! What a sign-in is still worth.

use domain::{
    identity::{AnyRole, Grants, Permissions, account::Account, role_book::RoleBook, sign_in::SignIn},
    kernel::{AccountId, SignInId},
};

use super::Identity;
use crate::Fault;

impl Identity {
    /// What an account may do, if its sign-in is open and it was not erased; read from the journal, so that a sign-out, an
    /// erasure or a revocation is felt with the next request.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn standing(&self, account: AccountId, sign_in: SignInId) -> Result<Option<Permissions>, Fault> {
        let opened_in = match self.dispatcher.state::<SignIn>(sign_in.into()).await? {
            SignIn::Open { account: of, epoch, .. } if of == account => epoch,
            SignIn::Absent | SignIn::Open { .. } | SignIn::Closed { .. } => return Ok(None),
        };
        let account = self.dispatcher.state::<Account>(account.into()).await?;
        let still = account.still_has(sign_in, opened_in);
        let Account::Open { grants, .. } = account else { return Ok(None) };
        if !still {
            return Ok(None);
        }
        self.permitted(&grants).await.map(Some)
    }

    /// What roles permit by now.
    pub(super) async fn permitted(&self, grants: &Grants) -> Result<Permissions, Fault> {
        let built_in = grants.iter().all(|grant| matches!(grant.role, AnyRole::BuiltIn(_)));
        let book = if built_in { RoleBook::default() } else { self.dispatcher.state::<RoleBook>(RoleBook::ID).await? };
        Ok(book.permissions(grants, self.dispatcher.now()))
    }
}
