//! What a sign-in is still worth.

use std::collections::BTreeSet;

use domain::{
    identity::{Role, account::Account, sign_in::SignIn},
    kernel::{AccountId, SignInId},
};

use super::Identity;
use crate::Fault;

impl Identity {
    /// The roles that an account holds, if its sign-in is open and it was not erased; read from the journal, so that a sign-out, an
    /// erasure or a revocation is felt with the next request.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn standing(&self, account: AccountId, sign_in: SignInId) -> Result<Option<BTreeSet<Role>>, Fault> {
        match self.dispatcher.state::<SignIn>(sign_in.into()).await? {
            SignIn::Open { account: of } if of == account => {}
            SignIn::Absent | SignIn::Open { .. } | SignIn::Closed => return Ok(None),
        }
        Ok(match self.dispatcher.state::<Account>(account.into()).await? {
            Account::Open { roles, .. } => Some(roles),
            Account::Absent | Account::Erased => None,
        })
    }
}
