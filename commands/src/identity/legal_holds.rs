//! Keeping people from being erased while what they did is looked into, and letting them go again.

use domain::{
    identity::{
        ErasureReason, IdentityRejection as Rejection,
        account::Account,
        legal_hold::{LegalHold, LegalHoldCommand},
    },
    kernel::AccountId,
};
use serde_json::json;

use super::Identity;
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Halt, Operation, Transaction},
};

impl Identity {
    /// Keeps somebody from being erased, by themselves too. The reason is kept for ever.
    ///
    /// # Errors
    /// A fault, such as a missing permission; somebody who is on hold already, or was erased, is a rejection.
    pub async fn place_legal_hold(&self, request: &Request, account: AccountId, reason: &str) -> Result<Outcome<(), Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::LEGAL_HOLD_PLACE).await?;
        let reason = match ErasureReason::try_new(reason) {
            Ok(reason) => reason,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let operation = Operation::new(acts::LEGAL_HOLD_PLACE, json!({ "account": account, "reason": reason }));
        let (by, reason) = (request.actor.account(), &reason);
        let work = |transaction: Transaction| async move {
            self.is_there(account).await?;
            let place = LegalHoldCommand::Place { by, reason: reason.clone() };
            transaction.decide::<LegalHold>(account.into(), place).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Lets somebody be erased again; nobody does so for themselves.
    ///
    /// # Errors
    /// A fault, such as a missing permission; somebody who is not on hold is a rejection.
    pub async fn release_legal_hold(&self, request: &Request, account: AccountId, reason: &str) -> Result<Outcome<(), Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::LEGAL_HOLD_RELEASE).await?;
        let reason = match ErasureReason::try_new(reason) {
            Ok(reason) => reason,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let by = request.actor.account();
        let operation = Operation::new(acts::LEGAL_HOLD_RELEASE, json!({ "account": account, "reason": reason }));
        let reason = &reason;
        let work = |transaction: Transaction| async move {
            self.is_there(account).await?;
            let release = LegalHoldCommand::Release { account, by, reason: reason.clone() };
            transaction.decide::<LegalHold>(account.into(), release).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Whether somebody must not be erased for now.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn is_on_hold(&self, account: AccountId) -> Result<bool, Fault> {
        Ok(self.dispatcher.state::<LegalHold>(account.into()).await? == LegalHold::Placed)
    }

    async fn is_there(&self, account: AccountId) -> Result<(), Halt<Rejection>> {
        match self.dispatcher.state::<Account>(account.into()).await? {
            Account::Open { .. } => Ok(()),
            Account::Absent => Err(Halt::Rejected(Rejection::NotFound)),
            Account::Erased => Err(Halt::Rejected(Rejection::Erased)),
        }
    }
}
