//! Scheduling runs, and what organisers do about them.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commands::{Fault, Outcome, authorization::acts};
use domain::{
    booking::{BookingRejection, Timing},
    kernel::RunId,
};

use super::{
    Run,
    asking::{asked, booking},
    errors::BookingError,
    local_times::LocalDateTime,
    registration_inputs as ids, run,
    run_inputs::RunInput,
    ticket_inputs::DiscountCreateInput,
};
use crate::{
    decided::{Decided, decided},
    failure::Result,
};

/// A new run, or a series of them.
#[derive(InputObject)]
pub(crate) struct RunScheduleInput {
    #[graphql(flatten)]
    run: RunInput,
    /// A rule by which it is repeated, such as `FREQ=WEEKLY;COUNT=5` (RFC 5545): one that ends, after at most 200 times.
    recurrence: Option<String>,
    idempotency_key: Option<String>,
}

/// What a run is from now on: all of it is said anew.
#[derive(InputObject)]
pub(crate) struct RunReviseInput {
    run_id: ID,
    #[graphql(flatten)]
    run: RunInput,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct RunPublishInput {
    run_id: ID,
    idempotency_key: Option<String>,
}

/// Another time for a run.
#[derive(InputObject)]
pub(crate) struct RunRescheduleInput {
    run_id: ID,
    starts_at: LocalDateTime,
    ends_at: LocalDateTime,
    /// When registration closes; left out: when the run starts.
    closes_at: Option<LocalDateTime>,
    /// Whose clocks show these times, by its name in the IANA database.
    time_zone: String,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct RunCancelInput {
    run_id: ID,
    /// Told to all who registered, at most 500 characters.
    #[graphql(default)]
    reason: String,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct RunCompleteInput {
    run_id: ID,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct DiscountRevokeInput {
    run_id: ID,
    code: String,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct RunSchedulePayload {
    /// The first of a series.
    run: Option<Run>,
    /// All of the series, in the order of their times.
    run_ids: Vec<ID>,
    errors: Vec<BookingError>,
    stale: bool,
}

macro_rules! payload {
    ($($name:ident),+) => {$(
        #[derive(SimpleObject)]
        pub(crate) struct $name {
            run: Option<Run>,
            errors: Vec<BookingError>,
            stale: bool,
        }

        impl From<Changed> for $name {
            fn from((run, errors, stale): Changed) -> Self {
                Self { run, errors, stale }
            }
        }
    )+};
}

type Changed = (Option<Run>, Vec<BookingError>, bool);

payload!(
    RunRevisePayload,
    RunPublishPayload,
    RunReschedulePayload,
    RunCancelPayload,
    RunCompletePayload,
    DiscountCreatePayload,
    DiscountRevokePayload
);

#[derive(Default)]
pub(crate) struct RunMutations;

#[Object]
impl RunMutations {
    /// Schedule a run, or a series of them, as drafts: all of them, or none. For organisers.
    async fn run_schedule(&self, ctx: &Context<'_>, input: RunScheduleInput) -> Result<RunSchedulePayload> {
        let request = asked(ctx, &acts::RUN_SCHEDULE, input.idempotency_key)?;
        let draft = input.run.read(input.recurrence)?;
        let outcome = booking(ctx).schedule(&request, &draft).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let runs = value.unwrap_or_default();
        let first = match runs.first() {
            Some(id) => run(ctx, *id).await?,
            None => None,
        };
        Ok(RunSchedulePayload { run: first, run_ids: runs.iter().map(|id| id.to_string().into()).collect(), errors, stale })
    }

    /// Change what was said of a run. Once it is published, `runReschedule` changes its time. What was sold stays as it was sold.
    async fn run_revise(&self, ctx: &Context<'_>, input: RunReviseInput) -> Result<RunRevisePayload> {
        let request = asked(ctx, &acts::RUN_REVISE, input.idempotency_key)?;
        let (id, draft) = (ids::run(&input.run_id)?, input.run.read(None)?);
        let outcome = booking(ctx).revise(&request, id, &draft).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Open a run for registration.
    async fn run_publish(&self, ctx: &Context<'_>, input: RunPublishInput) -> Result<RunPublishPayload> {
        let (request, id) = (asked(ctx, &acts::RUN_PUBLISH, input.idempotency_key)?, ids::run(&input.run_id)?);
        let outcome = booking(ctx).publish(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Move a run, or its end alone, also while it goes on. Who registered before and withdraws before it starts gets back all they paid.
    async fn run_reschedule(&self, ctx: &Context<'_>, input: RunRescheduleInput) -> Result<RunReschedulePayload> {
        let (request, id) = (asked(ctx, &acts::RUN_RESCHEDULE, input.idempotency_key)?, ids::run(&input.run_id)?);
        let timing = Timing {
            starts_at: input.starts_at.0,
            ends_at: input.ends_at.0,
            opens_at: None,
            closes_at: input.closes_at.map(|closes| closes.0),
            time_zone: input.time_zone,
            recurrence: None,
        };
        let outcome = booking(ctx).reschedule(&request, id, &timing).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Call a run off. All registrations end, and what came in for them is owed.
    async fn run_cancel(&self, ctx: &Context<'_>, input: RunCancelInput) -> Result<RunCancelPayload> {
        let (request, id) = (asked(ctx, &acts::RUN_CANCEL, input.idempotency_key)?, ids::run(&input.run_id)?);
        let outcome = booking(ctx).cancel(&request, id, &input.reason).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Say that a run is over, once it has ended: who was not checked in did not come.
    async fn run_complete(&self, ctx: &Context<'_>, input: RunCompleteInput) -> Result<RunCompletePayload> {
        let (request, id) = (asked(ctx, &acts::RUN_COMPLETE, input.idempotency_key)?, ids::run(&input.run_id)?);
        let outcome = booking(ctx).complete(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Make a code for a run that reduces prices, or admits. The same again changes nothing.
    async fn discount_create(&self, ctx: &Context<'_>, input: DiscountCreateInput) -> Result<DiscountCreatePayload> {
        let request = asked(ctx, &acts::DISCOUNT_CREATE, input.idempotency_key.clone())?;
        let draft = input.read()?;
        let outcome = booking(ctx).create_discount(&request, &draft).await;
        Ok(changed(ctx, draft.run, outcome).await?.into())
    }

    /// Make a code worth nothing from now on. Registrations that were made with it stay as they are.
    async fn discount_revoke(&self, ctx: &Context<'_>, input: DiscountRevokeInput) -> Result<DiscountRevokePayload> {
        let (request, id) = (asked(ctx, &acts::DISCOUNT_REVOKE, input.idempotency_key)?, ids::run(&input.run_id)?);
        let outcome = booking(ctx).revoke_discount(&request, id, &input.code).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }
}

async fn changed(ctx: &Context<'_>, id: RunId, outcome: Result<Outcome<(), BookingRejection>, Fault>) -> Result<Changed> {
    let Decided { value, errors, stale } = decided(ctx, outcome?).await;
    let run = if value.is_some() { run(ctx, id).await? } else { None };
    Ok((run, errors, stale))
}
