//! Following how full a run is, and what becomes of registrations.

use std::collections::HashMap;

use async_graphql::{Context, ID, SimpleObject, Subscription};
use chrono::Utc;
use commands::authorization::reads;
use domain::{
    Decider,
    booking::run::Run as Stream,
    kernel::{RunId, Timestamp},
};
use futures_util::stream::BoxStream;
use projections::booking::{registrations, runs};
use uuid::Uuid;

use super::{
    Registration, registration_inputs as ids,
    viewer::{organises, viewer_of},
};
use crate::{
    caller::Caller,
    changes::Changes,
    context::Access,
    failure::{Failure, Result},
    input::number,
    notes::Showing,
    services::Services,
};

/// How many registrations are shown before anything has changed.
const FIRST: u64 = 100;

/// How full a run is.
#[derive(SimpleObject, Clone, PartialEq, Eq)]
pub(crate) struct RunAvailability {
    run_id: ID,
    /// Places that nobody has.
    left: i32,
    /// Registrations that wait.
    waiting: i32,
}

#[derive(Default)]
pub(crate) struct RunSubscriptions;

#[Subscription]
impl RunSubscriptions {
    /// How full a run is now, and again each time that this has changed, for who may see the run. `code` is one that admits to it.
    async fn run_availability_changed(
        &self,
        ctx: &Context<'_>,
        run_id: ID,
        code: Option<String>,
    ) -> Result<BoxStream<'static, Result<RunAvailability>>> {
        let id = ids::run(&run_id)?;
        let (services, caller) = (ctx.services().clone(), ctx.caller().clone());
        let mut changes = ctx.data_unchecked::<Changes>().watch();
        let mut position = services.journal.head().await?;
        Ok(Box::pin(async_stream::try_stream! {
            let mut shown = None;
            loop {
                let reached = services.projections.reached(position, services.settings.patience).await;
                // Where the read models are late, what they have is shown first, and what was waited for once they have it.
                if !reached && shown.is_some() {
                    continue;
                }
                let caller = caller.by_now(&services).await?;
                caller.allowed(&reads::RUN_AVAILABILITY_CHANGED)?;
                let row = visible(&services, &caller, id, code.as_deref()).await?;
                let now = RunAvailability { run_id: id.to_string().into(), left: number(row.left()), waiting: number(row.waiting) };
                if shown.as_ref() != Some(&now) {
                    shown = Some(now.clone());
                    yield now;
                }
                if !reached {
                    continue;
                }
                match changes.next(|stream| stream.id == id.0).await {
                    Some(next) => position = next,
                    None => break,
                }
            }
        }))
    }

    /// One's own registrations, or those for a run for who organises it: first those that changed last, at most 100, then each as it
    /// changes. Who follows those for a run is in the audit.
    async fn registration_changed(&self, ctx: &Context<'_>, run_id: Option<ID>) -> Result<BoxStream<'static, Result<Registration>>> {
        ctx.caller().allowed(&reads::REGISTRATION_CHANGED)?;
        let of = run_id.as_ref().map(ids::run).transpose()?;
        let (services, caller, showing) = (ctx.services().clone(), ctx.caller().clone(), Showing::of(ctx));
        let mut changes = ctx.data_unchecked::<Changes>().watch();
        let mut position = services.journal.head().await?;
        Ok(Box::pin(async_stream::try_stream! {
            let mut seen = Seen::default();
            loop {
                let reached = services.projections.reached(position, services.settings.patience).await;
                loop {
                    // Somebody who may not any more is shown no further page.
                    let (filter, run) = permitted(&services, &caller, of).await?;
                    let page = seen.next(&services, &filter).await?;
                    if page.is_empty() {
                        break;
                    }
                    if of.is_some() {
                        showing.shown(None);
                    }
                    for row in page {
                        may_follow(&caller.lately(&services).await?, run.as_ref())?;
                        yield Registration::from(row);
                    }
                }
                // Where the read models are late, what they have is shown first, and what was waited for once they have it.
                if !reached {
                    continue;
                }
                let is_of_interest = |stream: &journal::StreamId| of.map_or(stream.kind == Stream::STREAM, |run| stream.id == run.0);
                match changes.next(is_of_interest).await {
                    Some(next) => position = next,
                    None => break,
                }
            }
        }))
    }
}

/// What was shown of registrations already.
#[derive(Default)]
struct Seen {
    /// When the last of them changed.
    since: Option<Timestamp>,
    /// Those that changed at that instant: others may have, and be found later.
    then: HashMap<Uuid, registrations::Model>,
}

impl Seen {
    /// Those that have changed since, the first of them first; none, where all were shown.
    async fn next(&mut self, services: &Services, filter: &registrations::Filter) -> Result<Vec<registrations::Model>> {
        let db = services.projections.db();
        let mut rows = match self.since {
            None => registrations::last_changed(db, filter, FIRST).await?,
            Some(since) => registrations::changed_since(db, filter, since, FIRST.saturating_add(self.then.len() as u64)).await?,
        };
        rows.retain(|row| self.then.get(&row.registration) != Some(row));
        let mut since = self.since.unwrap_or_default();
        for row in &rows {
            if row.updated_at > since {
                since = row.updated_at;
                self.then.clear();
            }
            self.then.insert(row.registration, row.clone());
        }
        self.since = Some(since);
        Ok(rows)
    }
}

/// Whose registrations are followed, and for which run, if that is permitted by now.
async fn permitted(services: &Services, caller: &Caller, of: Option<RunId>) -> Result<(registrations::Filter, Option<runs::Model>)> {
    let caller = caller.renewed(services).await?;
    let Some(id) = of else {
        may_follow(&caller, None)?;
        return Ok((registrations::Filter { account: Some(caller.account()?), ..registrations::Filter::default() }, None));
    };
    caller.allowed(&reads::REGISTRATION_CHANGED)?;
    let run = runs::find(services.projections.db(), id).await?.ok_or_else(no_such_run)?;
    may_follow(&caller, Some(&run))?;
    Ok((registrations::Filter { run: Some(id), ..registrations::Filter::default() }, Some(run)))
}

/// Lets through whoever may follow their own registrations, or those for a run.
fn may_follow(caller: &Caller, run: Option<&runs::Model>) -> Result<()> {
    caller.allowed(&reads::REGISTRATION_CHANGED)?;
    if run.is_none_or(|run| organises(caller, run)) { Ok(()) } else { Err(no_such_run()) }
}

/// The run, if it may be seen.
async fn visible(services: &Services, caller: &Caller, id: RunId, code: Option<&str>) -> Result<runs::Model> {
    let db = services.projections.db();
    let row = runs::find(db, id).await?.ok_or_else(no_such_run)?;
    if row.is_visible_to(viewer_of(caller), code, Utc::now()) {
        return Ok(row);
    }
    // Who is registered or invited sees it in any case.
    let is_theirs = match caller.actor.account() {
        Some(account) => {
            !registrations::of_people(db, &[account], &[id]).await?.is_empty() || services.commands.booking.is_invited(account, id).await?
        }
        None => false,
    };
    if is_theirs { Ok(row) } else { Err(no_such_run()) }
}

fn no_such_run() -> Failure {
    Failure::bad_input("runId", "there is no such run")
}
