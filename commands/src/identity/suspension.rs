//! Suspending accounts, and reinstating them (OWASP ASVS 5.0, 7.4.2 and 7.4.5).

use domain::{
    identity::{
        ErasureReason, IdentityRejection as Rejection,
        account::{Account, AccountCommand},
    },
    kernel::AccountId,
};
use serde_json::json;

use super::Identity;
use crate::{Fault, Outcome, Request, authorization::acts, dispatch::Operation};

impl Identity {
    /// Ends all sign-ins of an account, and lets nobody sign in to it. The reason is kept for ever.
    ///
    /// # Errors
    /// A fault, such as a missing permission; a reason that is none, and one's own account, are rejections.
    pub async fn suspend(&self, request: &Request, account: AccountId, reason: &str) -> Result<Outcome<(), Rejection>, Fault> {
        request.allowed(&acts::ACCOUNT_SUSPEND)?;
        request.require_proof(&self.dispatcher).await?;
        if self.holds_more(request, account).await? {
            return Ok(Outcome::Rejected(Rejection::MoreThanHeld));
        }
        let reason = match ErasureReason::try_new(reason) {
            Ok(reason) => reason,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let by = request.actor.account();
        let operation = Operation::new(acts::ACCOUNT_SUSPEND, json!({ "account": account, "reason": reason }));
        let suspend = || AccountCommand::Suspend { account, by, reason: reason.clone() };
        self.dispatcher.command::<Account>(request, operation, account.into(), suspend).await
    }

    /// Lets the owner sign in again.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn reinstate(&self, request: &Request, account: AccountId) -> Result<Outcome<(), Rejection>, Fault> {
        request.allowed(&acts::ACCOUNT_REINSTATE)?;
        request.require_proof(&self.dispatcher).await?;
        let by = request.actor.account();
        let operation = Operation::new(acts::ACCOUNT_REINSTATE, json!({ "account": account }));
        self.dispatcher.command::<Account>(request, operation, account.into(), || AccountCommand::Reinstate { by }).await
    }

    /// Whether an account permits more than whoever asks may do.
    pub(super) async fn holds_more(&self, request: &Request, account: AccountId) -> Result<bool, Fault> {
        let (Some(held), Account::Open { grants, .. }) = (request.actor.held(), self.dispatcher.state::<Account>(account.into()).await?)
        else {
            return Ok(false);
        };
        Ok(!self.permitted(&grants).await?.is_subset(&held))
    }

    pub(super) async fn is_suspended(&self, account: AccountId) -> Result<bool, Fault> {
        Ok(matches!(self.dispatcher.state::<Account>(account.into()).await?, Account::Open { suspended: true, .. }))
    }
}
