//! What accounts are entitled to, for the contexts that hold them to it, and how much of it they use.

use domain::{
    booking::programme::Programme,
    communities::circle::Circle,
    identity::{
        account::Account,
        membership::Membership,
        plan_book::{Limits, PlanBook},
    },
    kernel::{AccountId, Mebibytes, Plan},
    learning::desk::Desk,
    workshops::shelf::Shelf,
};

use crate::{Dispatcher, Fault};

/// How much each plan allows until an administrator says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanLimits {
    pub free: Limits,
    pub team: Limits,
    pub enterprise: Limits,
}

impl Default for PlanLimits {
    fn default() -> Self {
        Self {
            free: Limits { sessions: 3, storage: Mebibytes(256), runs: 10, communities: 3 },
            team: Limits { sessions: 10, storage: Mebibytes(10 << 10), runs: 100, communities: 20 },
            enterprise: Limits { sessions: 100, storage: Mebibytes(100 << 10), runs: 1000, communities: 200 },
        }
    }
}

impl PlanLimits {
    const fn of(&self, plan: Plan) -> Limits {
        match plan {
            Plan::Free => self.free,
            Plan::Team => self.team,
            Plan::Enterprise => self.enterprise,
        }
    }
}

/// What an account is entitled to, and what it uses of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    pub plan: Plan,
    pub limits: Limits,
    /// Sessions that are active.
    pub sessions: u32,
    /// Bytes of content.
    pub storage: u64,
    /// Runs that are not over.
    pub runs: u32,
    /// Communities that it founded and that are open.
    pub communities: u32,
}

/// What accounts are entitled to.
#[derive(Clone)]
pub struct Plans {
    dispatcher: Dispatcher,
    configured: PlanLimits,
}

impl Plans {
    pub(crate) const fn new(dispatcher: Dispatcher, configured: PlanLimits) -> Self {
        Self { dispatcher, configured }
    }

    /// How much a plan allows, on whichever node that was said.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn limits(&self, plan: Plan) -> Result<Limits, Fault> {
        Ok(self.dispatcher.state::<PlanBook>(PlanBook::ID).await?.limits(plan, self.configured.of(plan)))
    }

    /// Which plan an account is on, and how much that allows. A decision that is handed this counts in a stream of the account's own,
    /// so that no number of commands at once comes to more. A limit that is lowered holds for what is decided after.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn of(&self, account: AccountId) -> Result<(Plan, Limits), Fault> {
        let (book, member) =
            tokio::try_join!(self.dispatcher.state::<PlanBook>(PlanBook::ID), self.dispatcher.state::<Membership>(account.into()),)?;
        let plan = member.plan;
        Ok((plan, book.limits(plan, self.configured.of(plan))))
    }

    /// What an account is entitled to and what it uses, as the next command would find it; none where there is no such account.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn usage(&self, account: AccountId) -> Result<Option<Usage>, Fault> {
        match self.dispatcher.state::<Account>(account.into()).await? {
            Account::Open { .. } => {}
            Account::Absent | Account::Erased => return Ok(None),
        }
        let (plan, limits) = self.of(account).await?;
        let sessions = self.dispatcher.state::<Desk>(account.into()).await?.count();
        let storage = self.dispatcher.state::<Shelf>(account.into()).await?.used();
        let runs = self.dispatcher.state::<Programme>(account.into()).await?.count(self.dispatcher.now());
        let communities = self.dispatcher.state::<Circle>(account.into()).await?.open();
        Ok(Some(Usage { plan, limits, sessions, storage, runs, communities }))
    }
}
