//! How runs do, in one look.

use async_graphql::{Context, ID, Object};
use commands::authorization::reads;
use domain::kernel::RunId;
use projections::booking::{
    catalogue::{self, Scope, Sort, Wanted},
    registration_days,
    registrations::Filter,
    run_totals, runs,
};

use super::{
    Registration, Run,
    filter::RunSort,
    found::{self, Key, RunCount, RunsFound},
    my_bookings::MyBookings,
    queries::{RegistrationFilter, RegistrationTotals, page},
    registration::is_organised,
    run::run,
    run_dashboard::{RegistrationCount, RegistrationDay, Revenue, RunCheckIn, RunDashboard, check_in, registrations, revenue},
};
use crate::{
    context::Access,
    failure::Result,
    input::{self, number},
    notes,
    paging::{self, Instant, List},
};

/// How many days are shown: those of a year, if somebody registered on each.
const DAYS: u64 = 366;

#[derive(Default)]
pub(crate) struct DashboardQueries;

#[Object]
impl DashboardQueries {
    /// What the caller registered for.
    async fn my_bookings(&self, ctx: &Context<'_>) -> Result<MyBookings> {
        ctx.caller().allowed(&reads::MY_BOOKINGS)?;
        MyBookings::load(ctx)
    }

    /// How a run does, for its organiser; null if there is no such run of theirs.
    async fn run_dashboard(&self, ctx: &Context<'_>, run_id: ID) -> Result<Option<RunDashboard>> {
        ctx.caller().allowed(&reads::RUN_DASHBOARD)?;
        let id: RunId = input::id("runId", &run_id)?;
        if !is_organised(ctx, id).await? {
            return Ok(None);
        }
        match run(ctx, id).await? {
            Some(run) => RunDashboard::load(ctx, id, run).await.map(Some),
            None => Ok(None),
        }
    }

    /// How all runs do together, for administrators.
    async fn booking_dashboard(&self, ctx: &Context<'_>) -> Result<BookingDashboard> {
        ctx.caller().allowed(&reads::BOOKING_DASHBOARD)?;
        Ok(BookingDashboard { totals: run_totals::of(ctx.db(), None).await? })
    }
}

/// How all runs do together.
pub(crate) struct BookingDashboard {
    totals: Vec<run_totals::Model>,
}

/// How all runs do together.
#[Object]
impl BookingDashboard {
    /// How many runs there are, by how far they are.
    async fn run_counts(&self, ctx: &Context<'_>) -> Result<Vec<RunCount>> {
        let counts = runs::count_by_life(ctx.db()).await?;
        Ok(counts.into_iter().map(|(life, runs)| RunCount { state: life.into(), runs: number(runs) }).collect())
    }

    /// How many registrations there are for all runs, by their states.
    async fn registration_counts(&self) -> Vec<RegistrationCount> {
        registrations(&self.totals)
    }

    /// What came in and goes back, for each currency.
    async fn revenue(&self) -> Vec<Revenue> {
        revenue(&self.totals)
    }

    /// Who came, in seats of all runs.
    async fn check_in(&self) -> RunCheckIn {
        check_in(&self.totals)
    }

    /// How many registered on each of the last 366 days (UTC) on which somebody did, in the order of the days.
    async fn registration_days(&self, ctx: &Context<'_>) -> Result<Vec<RegistrationDay>> {
        Ok(registration_days::last(ctx.db(), DAYS).await?.into_iter().map(Into::into).collect())
    }

    /// All runs, drafts too.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn runs(
        &self,
        ctx: &Context<'_>,
        sort: Option<RunSort>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Key, Run, RunsFound>> {
        let sort = sort.map_or(Sort::Date, Into::into);
        let wanted = Wanted { scope: Scope::All, filter: catalogue::Filter::default(), text: None, sort };
        found::page(ctx, &wanted, first, after.as_deref()).await
    }

    /// Registrations for all runs, latest first. Who looks at them is in the audit.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn registrations(
        &self,
        ctx: &Context<'_>,
        filter: Option<RegistrationFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Instant, Registration, RegistrationTotals>> {
        notes::shown(ctx, None);
        let filter: Filter = filter.unwrap_or_default().read();
        page(ctx, filter, first, after.as_deref()).await
    }
}
