//! Looking at runs and registrations.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use commands::authorization::reads;
use domain::kernel::RunId;
use projections::booking::registrations::{self, Filter, Time};

use super::{
    Registration, Run,
    filter::{RunFilter, RunSort},
    found::{self, Key, RunsFound},
    registration,
    registration::is_organised,
    run::run_by,
    words::RegistrationState,
};
use crate::{
    context::Access,
    failure::Result,
    input::{self, number},
    paging::{self, Instant, List},
};

/// When the run of a registration is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RegistrationTime {
    /// It is not over.
    Upcoming,
    Past,
}

/// Which registrations are looked for; what is left out does not restrict.
#[derive(InputObject, Default)]
pub(crate) struct RegistrationFilter {
    /// In one of these.
    #[graphql(default)]
    states: Vec<RegistrationState>,
    /// By the ticket's key.
    ticket: Option<String>,
    /// Only those for which money is to be given back, or only others.
    owed: Option<bool>,
}

impl RegistrationFilter {
    pub(super) fn read(self) -> Filter {
        let Self { states, ticket, owed } = self;
        Filter { states: states.into_iter().map(Into::into).collect(), ticket, owed, ..Filter::default() }
    }
}

#[derive(Default)]
pub(crate) struct RunQueries;

#[Object]
impl RunQueries {
    /// Runs that are published for everybody and have not begun, or what the filter asks for. `search` finds words, or what they begin
    /// with, in titles, descriptions, tags, categories, cities and names of instructors, whatever their case and accents; where there is
    /// nothing, also words with typing errors.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn runs(
        &self,
        ctx: &Context<'_>,
        filter: Option<RunFilter>,
        search: Option<String>,
        sort: Option<RunSort>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Key, Run, RunsFound>> {
        let wanted = filter.unwrap_or_default().read(ctx, search, sort)?;
        found::page(ctx, &wanted, first, after.as_deref()).await
    }

    /// A run; null if there is none, or it is not for the caller. Who comes by a code alone gives it, unless registered or invited.
    async fn run(&self, ctx: &Context<'_>, id: ID, code: Option<String>) -> Result<Option<Run>> {
        ctx.caller().allowed(&reads::RUN)?;
        run_by(ctx, input::id("id", &id)?, code.as_deref()).await
    }

    /// A registration of the caller's, or for a run that they organise; null if there is none.
    async fn registration(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Registration>> {
        ctx.caller().allowed(&reads::REGISTRATION)?;
        registration(ctx, input::id("id", &id)?).await
    }

    /// Who registered for a run, latest first, for its organiser; null if there is no such run of theirs. Who looks at them is in the
    /// audit.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn registrations(
        &self,
        ctx: &Context<'_>,
        run_id: ID,
        filter: Option<RegistrationFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<List<Instant, Registration, RegistrationTotals>>> {
        ctx.caller().allowed(&reads::REGISTRATIONS)?;
        let run: RunId = input::id("runId", &run_id)?;
        if !is_organised(ctx, run).await? {
            return Ok(None);
        }
        let filter = Filter { run: Some(run), ..filter.unwrap_or_default().read() };
        page(ctx, filter, first, after.as_deref()).await.map(Some)
    }

    /// The caller's own registrations, latest first.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn my_registrations(
        &self,
        ctx: &Context<'_>,
        time: Option<RegistrationTime>,
        filter: Option<RegistrationFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Instant, Registration, RegistrationTotals>> {
        ctx.caller().allowed(&reads::MY_REGISTRATIONS)?;
        let account = Some(ctx.caller().account()?);
        let now = ctx.read_models().at();
        let time = time.map(|time| match time {
            RegistrationTime::Upcoming => Time::UpcomingAt(now),
            RegistrationTime::Past => Time::PastAt(now),
        });
        page(ctx, Filter { account, time, ..filter.unwrap_or_default().read() }, first, after.as_deref()).await
    }
}

/// Registrations that a filter lets through, which says whose.
pub(super) async fn page(
    ctx: &Context<'_>,
    filter: Filter,
    first: Option<i32>,
    after: Option<&str>,
) -> Result<List<Instant, Registration, RegistrationTotals>> {
    let (first, after) = (paging::bounded("first", first)?, paging::after(after)?);
    let page = registrations::page(ctx.db(), &filter, after, first).await?;
    Ok(paging::list(page, after.is_some(), RegistrationTotals { filter }, |row| paging::instant(row.after())))
}

/// What is counted only when it is asked for.
pub(crate) struct RegistrationTotals {
    filter: Filter,
}

#[Object]
impl RegistrationTotals {
    /// How many there are on all pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(number(registrations::total(ctx.db(), &self.filter).await?))
    }
}
