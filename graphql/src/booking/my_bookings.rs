//! What somebody registered for, in one look.

use async_graphql::{Context, Object};
use domain::kernel::{AccountId, Timestamp};
use projections::booking::registrations::{self, Filter, RegistrationState, Time};

use super::{
    Registration,
    money::{Money, money},
    queries::{RegistrationTotals, page},
};
use crate::{
    context::Access,
    failure::Result,
    paging::{self, Instant, List},
};

/// Registrations that are looked at for what is to be paid, and of those that wait.
const MOST: u64 = 100;

/// What somebody registered for.
pub(crate) struct MyBookings {
    account: AccountId,
    now: Timestamp,
}

impl MyBookings {
    pub(super) fn load(ctx: &Context<'_>) -> Result<Self> {
        Ok(Self { account: ctx.caller().account()?, now: ctx.read_models().at() })
    }

    fn filter(&self, time: Time, states: &[RegistrationState]) -> Filter {
        Filter { account: Some(self.account), time: Some(time), states: states.to_vec(), ..Filter::default() }
    }
}

/// What somebody registered for.
#[Object]
impl MyBookings {
    /// Registrations that count, for runs that are not over; latest first.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn upcoming(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Instant, Registration, RegistrationTotals>> {
        page(ctx, self.filter(Time::UpcomingAt(self.now), &RegistrationState::LIVE), first, after.as_deref()).await
    }

    /// Registrations for runs that are over, latest first.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn past(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Instant, Registration, RegistrationTotals>> {
        page(ctx, self.filter(Time::PastAt(self.now), &[]), first, after.as_deref()).await
    }

    /// Registrations that count no more, for runs that are not over; latest first.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn ended(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Instant, Registration, RegistrationTotals>> {
        let ended: Vec<_> = RegistrationState::ALL.into_iter().filter(|state| !state.is_live()).collect();
        page(ctx, self.filter(Time::UpcomingAt(self.now), &ended), first, after.as_deref()).await
    }

    /// Those that wait, or are offered a place; at most 100, the latest first. Each says its place in line.
    #[graphql(complexity = "100 * child_complexity + 1")]
    async fn waiting(&self, ctx: &Context<'_>) -> Result<Vec<Registration>> {
        let wait = [RegistrationState::Waitlisted, RegistrationState::Offered];
        let page = registrations::page(ctx.db(), &self.filter(Time::UpcomingAt(self.now), &wait), None, MOST).await?;
        Ok(page.rows.into_iter().map(Into::into).collect())
    }

    /// What is to be paid for the latest 100 registrations that have to be, also of runs that are over, for each currency.
    async fn due(&self, ctx: &Context<'_>) -> Result<Vec<Money>> {
        let filter = Filter { account: Some(self.account), due: true, ..Filter::default() };
        let page = registrations::page(ctx.db(), &filter, None, MOST).await?;
        let mut sums = std::collections::BTreeMap::<&str, i64>::new();
        for row in &page.rows {
            *sums.entry(&row.currency).or_default() += row.due();
        }
        Ok(sums.into_iter().map(|(currency, amount)| money(amount, currency)).collect())
    }
}
