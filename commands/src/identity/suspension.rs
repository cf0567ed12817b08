//! Suspending accounts, and reinstating them (OWASP ASVS 5.0, 7.4.2 and 7.4.5).

use domain::{
    identity::{
        ErasureReason, IdentityRejection as Rejection, Permissions,
        account::{Account, AccountCommand},
        role_book::{RoleBook, RoleBookCommand},
    },
    kernel::AccountId,
};
use serde_json::json;

use super::{Identity, owners};
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Halt, Operation, Transaction},
};

impl Identity {
    /// Ends all sign-ins of an account, and lets nobody sign in to it. The reason is kept for ever.
    ///
    /// # Errors
    /// A fault, such as a missing permission; a reason that is none, one's own account, and the last super administrator who can come in
    /// are rejections.
    pub async fn suspend(&self, request: &Request, account: AccountId, reason: &str) -> Result<Outcome<(), Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::ACCOUNT_SUSPEND).await?;
        let reason = match ErasureReason::try_new(reason) {
            Ok(reason) => reason,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let by = request.actor.account();
        let operation = Operation::new(acts::ACCOUNT_SUSPEND, json!({ "account": account, "reason": reason }));
        let (reason, held) = (&reason, &request.actor.held());
        let work = |transaction: Transaction| async move {
            Self::holds_as_much(&transaction, account, held.as_ref()).await?;
            owners::expect_let_in(&transaction, request).await?;
            let suspend = AccountCommand::Suspend { account, by, reason: reason.clone() };
            transaction.decide::<Account>(account.into(), suspend).await?;
            owners::leaves_one(&transaction, account).await
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Lets the owner sign in again. Who holds more than whoever asks was suspended by somebody who holds that as well, and comes back by
    /// such a one alone.
    ///
    /// # Errors
    /// A fault, such as a missing permission; somebody who holds more is a rejection.
    pub async fn reinstate(&self, request: &Request, account: AccountId) -> Result<Outcome<(), Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::ACCOUNT_REINSTATE).await?;
        let (by, held) = (request.actor.account(), &request.actor.held());
        let operation = Operation::new(acts::ACCOUNT_REINSTATE, json!({ "account": account }));
        let work = |transaction: Transaction| async move {
            Self::holds_as_much(&transaction, account, held.as_ref()).await?;
            owners::expect_let_in(&transaction, request).await?;
            transaction.decide::<Account>(account.into(), AccountCommand::Reinstate { by }).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Turns down whoever holds less than the account to which they do something, by now and until it is written.
    pub(super) async fn holds_as_much(
        transaction: &Transaction,
        account: AccountId,
        held: Option<&Permissions>,
    ) -> Result<(), Halt<Rejection>> {
        if let Account::Open { grants, within, .. } = transaction.rely_on(account.into(), Account::clone).await? {
            let judge = RoleBookCommand::Judge { grants: grants.and_within(within.as_deref()), held: held.cloned() };
            // No event follows from that, so it is relied on besides.
            transaction.rely_on(RoleBook::ID, |_: &RoleBook| ()).await?;
            transaction.decide::<RoleBook>(RoleBook::ID, judge).await?;
        }
        Ok(())
    }

    pub(super) async fn is_suspended(&self, account: AccountId) -> Result<bool, Fault> {
        Ok(matches!(self.dispatcher.state::<Account>(account.into()).await?, Account::Open { suspended: true, .. }))
    }
}
