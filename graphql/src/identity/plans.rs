//! What plans allow, who is on which, and what is used of it.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use commands::{authorization::reads, plans::Usage};
use domain::{
    identity::{
        Permission,
        plan_book::{Limits, Revision},
    },
    kernel::{AccountId, Mebibytes, Plan as Stored},
};

use super::errors::IdentityError;
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::{Failure, Result},
    input,
};

/// What an account is entitled to.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Stored")]
pub(crate) enum Plan {
    Free,
    Team,
    Enterprise,
}

/// What a plan limits.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlanLimitKind {
    /// Sessions that are active at once.
    Sessions,
    /// Bytes of content of the workshops that an account wrote: their drafts, and their latest versions where those differ.
    Storage,
    /// Runs of which the account is the organiser, as drafts or published, that are not over.
    Runs,
    /// Communities that the account founded and that are open.
    Communities,
}

/// How much a plan allows.
#[derive(SimpleObject)]
pub(crate) struct PlanLimits {
    plan: Plan,
    /// Sessions that are active at once.
    sessions: u32,
    /// Content of workshops.
    storage_mebibytes: u32,
    /// Runs, as drafts or published, that are not over.
    runs: u32,
    /// Communities that an account founded and that are open.
    communities: u32,
}

/// How much an account may have of one kind, and how much it has.
#[derive(SimpleObject)]
pub(crate) struct PlanLimitUsage {
    kind: PlanLimitKind,
    /// A whole number: of sessions, of bytes, of runs, or of communities.
    limit: f64,
    /// The same. It is more than the limit where that was lowered since.
    used: f64,
}

/// What an account is entitled to, and what it uses of that.
#[derive(SimpleObject)]
pub(crate) struct PlanUsage {
    plan: Plan,
    limits: Vec<PlanLimitUsage>,
}

/// The limit of a plan that something would have exceeded.
#[derive(SimpleObject)]
pub(crate) struct PlanLimitReached {
    plan: Plan,
    kind: PlanLimitKind,
    /// A whole number: of sessions, of bytes, of runs, or of communities.
    limit: f64,
    /// The same.
    used: f64,
}

impl PlanLimitReached {
    pub(crate) fn sessions(plan: Stored, limit: u32, used: u32) -> Self {
        Self { plan: plan.into(), kind: PlanLimitKind::Sessions, limit: limit.into(), used: used.into() }
    }

    pub(crate) fn storage(plan: Stored, limit: u64, used: u64) -> Self {
        Self { plan: plan.into(), kind: PlanLimitKind::Storage, limit: whole(limit), used: whole(used) }
    }

    pub(crate) fn runs(plan: Stored, limit: u32, used: u32) -> Self {
        Self { plan: plan.into(), kind: PlanLimitKind::Runs, limit: limit.into(), used: used.into() }
    }

    pub(crate) fn communities(plan: Stored, limit: u32, used: u32) -> Self {
        Self { plan: plan.into(), kind: PlanLimitKind::Communities, limit: limit.into(), used: used.into() }
    }
}

/// Exact up to 2^53, which are 8 PiB.
#[allow(clippy::cast_precision_loss)]
const fn whole(number: u64) -> f64 {
    number as f64
}

impl PlanLimits {
    fn of(plan: Stored, Limits { sessions, storage, runs, communities }: Limits) -> Self {
        Self { plan: plan.into(), sessions, storage_mebibytes: storage.0, runs, communities }
    }
}

impl From<Usage> for PlanUsage {
    fn from(Usage { plan, limits, sessions, storage, runs, communities }: Usage) -> Self {
        let of = |kind, limit, used| PlanLimitUsage { kind, limit: whole(limit), used: whole(used) };
        let sessions = of(PlanLimitKind::Sessions, limits.sessions.into(), sessions.into());
        let storage = of(PlanLimitKind::Storage, limits.storage.bytes(), storage);
        let runs = of(PlanLimitKind::Runs, limits.runs.into(), runs.into());
        let communities = of(PlanLimitKind::Communities, limits.communities.into(), communities.into());
        Self { plan: plan.into(), limits: vec![sessions, storage, runs, communities] }
    }
}

#[derive(Default)]
pub(crate) struct PlanQueries;

#[Object]
impl PlanQueries {
    /// How much each plan allows, from the one that allows least.
    async fn plans(&self, ctx: &Context<'_>) -> Result<Vec<PlanLimits>> {
        ctx.caller().allowed(&reads::PLANS)?;
        let mut plans = Vec::new();
        for plan in Stored::ALL {
            plans.push(limits(ctx, plan).await?);
        }
        Ok(plans)
    }

    /// What the caller is entitled to, and what they use of that; with `accountId` somebody else, for administrators. Null if there is
    /// no such account.
    async fn plan_usage(&self, ctx: &Context<'_>, account_id: Option<ID>) -> Result<Option<PlanUsage>> {
        ctx.caller().allowed(&reads::PLAN_USAGE)?;
        let own = ctx.caller().account()?;
        let account: AccountId = input::optional_id("accountId", account_id.as_ref())?.unwrap_or(own);
        if account != own && !ctx.caller().actor.may(Permission::ManagePlans) {
            return Err(Failure::Forbidden);
        }
        usage(ctx, account).await
    }
}

/// What changes about a plan; what is left out stays.
#[derive(InputObject)]
pub(crate) struct PlanReviseInput {
    plan: Plan,
    /// From 0 to 10000.
    sessions: Option<u32>,
    /// From 0 to 16777216, which are 16 TiB.
    storage_mebibytes: Option<u32>,
    /// From 0 to 10000.
    runs: Option<u32>,
    /// From 0 to 10000.
    communities: Option<u32>,
    idempotency_key: Option<String>,
}

/// Who is put on which plan.
#[derive(InputObject)]
pub(crate) struct PlanAssignInput {
    account_id: ID,
    plan: Plan,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct PlanRevisePayload {
    limits: Option<PlanLimits>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct PlanAssignPayload {
    usage: Option<PlanUsage>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct PlanMutations;

#[Object]
impl PlanMutations {
    /// Change how much a plan allows, for administrators. What is in use beyond a lower limit goes on, and nothing is added to it.
    async fn plan_revise(&self, ctx: &Context<'_>, input: PlanReviseInput) -> Result<PlanRevisePayload> {
        let plan = input.plan.into();
        let PlanReviseInput { sessions, runs, communities, .. } = input;
        let change = Revision { sessions, storage: input.storage_mebibytes.map(Mebibytes), runs, communities };
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.revise_plan(&request, plan, change).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let limits = if value.is_some() { Some(limits(ctx, plan).await?) } else { None };
        Ok(PlanRevisePayload { limits, errors, stale })
    }

    /// Put an account on a plan, for administrators. It is felt with the next command.
    async fn plan_assign(&self, ctx: &Context<'_>, input: PlanAssignInput) -> Result<PlanAssignPayload> {
        let account = input::id("accountId", &input.account_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.assign_plan(&request, account, input.plan.into()).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let usage = if value.is_some() { usage(ctx, account).await? } else { None };
        Ok(PlanAssignPayload { usage, errors, stale })
    }
}

async fn limits(ctx: &Context<'_>, plan: Stored) -> Result<PlanLimits> {
    Ok(PlanLimits::of(plan, ctx.services().commands.plans.limits(plan).await?))
}

async fn usage(ctx: &Context<'_>, account: AccountId) -> Result<Option<PlanUsage>> {
    Ok(ctx.services().commands.plans.usage(account).await?.map(Into::into))
}
