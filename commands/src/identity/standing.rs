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
        let opened_in = match self.dispatcher.state::<SignIn>(sign_in.into()).await? {
            SignIn::Open { account: of, epoch } if of == account => epoch,
            SignIn::Absent | SignIn::Open { .. } | SignIn::Closed { .. } => return Ok(None),
        };
        let account = self.dispatcher.state::<Account>(account.into()).await?;
        let still = account.still_has(sign_in, opened_in);
        Ok(match account {
            Account::Open { roles, .. } if still => Some(roles),
            Account::Absent | Account::Open { .. } | Account::Erased => None,
        })
    }
}
