//! What plans allow, and who is on which.

use domain::{
    identity::{
        IdentityRejection as Rejection,
        account::Account,
        membership::{Membership, MembershipCommand},
        plan_book::{PlanBook, PlanBookCommand, Revision},
    },
    kernel::{AccountId, Plan},
};
use serde_json::json;

use super::Identity;
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Halt, Operation, Transaction},
};

impl Identity {
    /// Changes how much a plan allows; what is absent stays. What is in use beyond a lower limit goes on, and nothing is added to it.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn revise_plan(&self, request: &Request, plan: Plan, change: Revision) -> Result<Outcome<(), Rejection>, Fault> {
        let operation = Operation::new(acts::PLAN_REVISE, json!({ "plan": plan, "change": change }));
        let revise = || PlanBookCommand::Revise { plan, change };
        self.dispatcher.command::<PlanBook>(request, operation, PlanBook::ID, revise).await
    }

    /// Puts an account on a plan.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn assign_plan(&self, request: &Request, account: AccountId, plan: Plan) -> Result<Outcome<(), Rejection>, Fault> {
        let operation = Operation::new(acts::PLAN_ASSIGN, json!({ "account": account, "plan": plan }));
        let work = |transaction: Transaction| async move {
            match self.dispatcher.state::<Account>(account.into()).await? {
                Account::Open { .. } => {}
                Account::Absent => return Err(Halt::Rejected(Rejection::NotFound)),
                Account::Erased => return Err(Halt::Rejected(Rejection::Erased)),
            }
            transaction.decide::<Membership>(account.into(), MembershipCommand::Assign { plan }).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }
}
