//! Registering, and what becomes of registrations.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commands::{
    Fault, Outcome, Request,
    authorization::{Act, acts},
};
use domain::{booking::BookingRejection, kernel::RegistrationId};

use super::{
    Registration,
    amounts::count,
    asking::{asked, booking},
    errors::BookingError,
    registration,
    registration_inputs::{
        self as ids, Arrival, RegistrationCheckInInput, RegistrationRequestInput, RegistrationTransferInput, WaitlistJoinInput,
    },
};
use crate::{
    decided::{Decided, decided},
    failure::Result,
};

macro_rules! which {
    ($($name:ident),+) => {$(
        #[derive(InputObject)]
        pub(crate) struct $name {
            registration_id: ID,
            idempotency_key: Option<String>,
        }
    )+};
}

which!(
    RegistrationApproveInput,
    RegistrationWithdrawApprovalInput,
    RegistrationReinstateInput,
    RegistrationUndoCheckInInput,
    RegistrationWithdrawInput,
    WaitlistLeaveInput,
    OfferAcceptInput,
    OfferDeclineInput
);

macro_rules! with_reason {
    ($($name:ident),+) => {$(
        #[derive(InputObject)]
        pub(crate) struct $name {
            registration_id: ID,
            /// Told to who registered, at most 500 characters.
            #[graphql(default)]
            reason: String,
            idempotency_key: Option<String>,
        }
    )+};
}

with_reason!(RegistrationRejectInput, RegistrationCancelInput);

#[derive(InputObject)]
pub(crate) struct RegistrationPrioritiseInput {
    registration_id: ID,
    /// 0 to 255: who has a higher one is before others in line.
    priority: i64,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct RegistrationRecordNoShowInput {
    registration_id: ID,
    /// Take back that they did not come.
    #[graphql(default)]
    came: bool,
    idempotency_key: Option<String>,
}

macro_rules! payload {
    ($($name:ident),+) => {$(
        #[derive(SimpleObject)]
        pub(crate) struct $name {
            registration: Option<Registration>,
            errors: Vec<BookingError>,
            stale: bool,
        }

        impl From<Changed> for $name {
            fn from((registration, errors, stale): Changed) -> Self {
                Self { registration, errors, stale }
            }
        }
    )+};
}

type Changed = (Option<Registration>, Vec<BookingError>, bool);

payload!(
    RegistrationRequestPayload,
    WaitlistJoinPayload,
    RegistrationApprovePayload,
    RegistrationWithdrawApprovalPayload,
    RegistrationRejectPayload,
    RegistrationReinstatePayload,
    RegistrationPrioritisePayload,
    RegistrationCancelPayload,
    RegistrationCheckInPayload,
    RegistrationUndoCheckInPayload,
    RegistrationRecordNoShowPayload,
    RegistrationWithdrawPayload,
    WaitlistLeavePayload,
    OfferAcceptPayload,
    OfferDeclinePayload
);

#[derive(SimpleObject)]
pub(crate) struct RegistrationTransferPayload {
    /// Null for who gave it away: it is not theirs any more.
    registration: Option<Registration>,
    errors: Vec<BookingError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct RegistrationMutations;

#[Object]
impl RegistrationMutations {
    /// Register for a run. Nobody has two registrations for one run that count.
    async fn registration_request(&self, ctx: &Context<'_>, input: RegistrationRequestInput) -> Result<RegistrationRequestPayload> {
        let request = asked(ctx, &acts::REGISTRATION_REQUEST, input.idempotency_key.clone())?;
        let outcome = booking(ctx).request(&request, &input.read()?).await;
        Ok(registered(ctx, outcome).await?.into())
    }

    /// Register for a run, and wait if there is no place.
    async fn waitlist_join(&self, ctx: &Context<'_>, input: WaitlistJoinInput) -> Result<WaitlistJoinPayload> {
        let request = asked(ctx, &acts::WAITLIST_JOIN, input.idempotency_key.clone())?;
        let outcome = booking(ctx).join_waitlist(&request, &input.read()?).await;
        Ok(registered(ctx, outcome).await?.into())
    }

    /// Let a registration in that waits for it, for who runs the run.
    async fn registration_approve(&self, ctx: &Context<'_>, input: RegistrationApproveInput) -> Result<RegistrationApprovePayload> {
        let (request, id) = which(ctx, &acts::REGISTRATION_APPROVE, input.idempotency_key, &input.registration_id)?;
        let outcome = booking(ctx).approve(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Take an approval back while nothing was paid, for who runs the run.
    async fn registration_withdraw_approval(
        &self,
        ctx: &Context<'_>,
        input: RegistrationWithdrawApprovalInput,
    ) -> Result<RegistrationWithdrawApprovalPayload> {
        let (request, id) = which(ctx, &acts::REGISTRATION_WITHDRAW_APPROVAL, input.idempotency_key, &input.registration_id)?;
        let outcome = booking(ctx).withdraw_approval(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Turn a registration down, for who runs the run.
    async fn registration_reject(&self, ctx: &Context<'_>, input: RegistrationRejectInput) -> Result<RegistrationRejectPayload> {
        let (request, id) = which(ctx, &acts::REGISTRATION_REJECT, input.idempotency_key, &input.registration_id)?;
        let outcome = booking(ctx).reject(&request, id, &input.reason).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Take back that a registration was rejected, ran out, was withdrawn or cancelled, for who runs the run. It is the last in line.
    async fn registration_reinstate(&self, ctx: &Context<'_>, input: RegistrationReinstateInput) -> Result<RegistrationReinstatePayload> {
        let (request, id) = which(ctx, &acts::REGISTRATION_REINSTATE, input.idempotency_key, &input.registration_id)?;
        let outcome = booking(ctx).reinstate(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Move somebody up or down in line, for who runs the run.
    async fn registration_prioritise(
        &self,
        ctx: &Context<'_>,
        input: RegistrationPrioritiseInput,
    ) -> Result<RegistrationPrioritisePayload> {
        let (request, id) = which(ctx, &acts::REGISTRATION_PRIORITISE, input.idempotency_key, &input.registration_id)?;
        let outcome = booking(ctx).prioritise(&request, id, count("priority", input.priority)?).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Cancel somebody's registration, for who runs the run. All that came in for it is owed.
    async fn registration_cancel(&self, ctx: &Context<'_>, input: RegistrationCancelInput) -> Result<RegistrationCancelPayload> {
        let (request, id) = which(ctx, &acts::REGISTRATION_CANCEL, input.idempotency_key, &input.registration_id)?;
        let outcome = booking(ctx).cancel_registration(&request, id, &input.reason).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Say that somebody has come, for who runs the run: by their registration, or by the code that they show at the door. Each once.
    async fn registration_check_in(&self, ctx: &Context<'_>, input: RegistrationCheckInInput) -> Result<RegistrationCheckInPayload> {
        let request = asked(ctx, &acts::REGISTRATION_CHECK_IN, input.idempotency_key.clone())?;
        let (arrival, door) = input.read()?;
        let changed = match arrival {
            Arrival::Registration(id) => changed(ctx, id, booking(ctx).check_in(&request, id, door).await).await?,
            Arrival::Code(code) => registered(ctx, booking(ctx).check_in_by_code(&request, &code, door).await).await?,
        };
        Ok(changed.into())
    }

    /// Take back that somebody has come, for who runs the run.
    async fn registration_undo_check_in(
        &self,
        ctx: &Context<'_>,
        input: RegistrationUndoCheckInInput,
    ) -> Result<RegistrationUndoCheckInPayload> {
        let (request, id) = which(ctx, &acts::REGISTRATION_UNDO_CHECK_IN, input.idempotency_key, &input.registration_id)?;
        let outcome = booking(ctx).undo_check_in(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Say that somebody has not come once the run has begun, or take that back, for who runs the run.
    async fn registration_record_no_show(
        &self,
        ctx: &Context<'_>,
        input: RegistrationRecordNoShowInput,
    ) -> Result<RegistrationRecordNoShowPayload> {
        let (request, id) = which(ctx, &acts::REGISTRATION_RECORD_NO_SHOW, input.idempotency_key, &input.registration_id)?;
        let outcome = booking(ctx).record_no_show(&request, id, input.came).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Give up a place, an offer, or a place in line: one's own, or somebody's for who runs the run. What goes back, the run says.
    async fn registration_withdraw(&self, ctx: &Context<'_>, input: RegistrationWithdrawInput) -> Result<RegistrationWithdrawPayload> {
        let (request, id) = which(ctx, &acts::REGISTRATION_WITHDRAW, input.idempotency_key, &input.registration_id)?;
        let outcome = booking(ctx).withdraw(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Leave the line: one's own place in it, or somebody's for who runs the run. Whoever was offered a place meanwhile, or has one, keeps it.
    async fn waitlist_leave(&self, ctx: &Context<'_>, input: WaitlistLeaveInput) -> Result<WaitlistLeavePayload> {
        let (request, id) = which(ctx, &acts::WAITLIST_LEAVE, input.idempotency_key, &input.registration_id)?;
        let outcome = booking(ctx).leave_waitlist(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Let somebody else come instead: of one's own registration, or somebody's for who runs the run.
    async fn registration_transfer(&self, ctx: &Context<'_>, input: RegistrationTransferInput) -> Result<RegistrationTransferPayload> {
        let request = asked(ctx, &acts::REGISTRATION_TRANSFER, input.idempotency_key.clone())?;
        let (id, transferee) = input.read()?;
        let outcome = booking(ctx).transfer(&request, id, &transferee).await;
        let (registration, errors, stale) = changed(ctx, id, outcome).await?;
        Ok(RegistrationTransferPayload { registration, errors, stale })
    }

    /// Take the place that was offered: one's own, or somebody's for who runs the run.
    async fn offer_accept(&self, ctx: &Context<'_>, input: OfferAcceptInput) -> Result<OfferAcceptPayload> {
        let (request, id) = which(ctx, &acts::OFFER_ACCEPT, input.idempotency_key, &input.registration_id)?;
        let outcome = booking(ctx).accept_offer(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Let the place go that was offered, and wait no longer: one's own, or somebody's for who runs the run.
    async fn offer_decline(&self, ctx: &Context<'_>, input: OfferDeclineInput) -> Result<OfferDeclinePayload> {
        let (request, id) = which(ctx, &acts::OFFER_DECLINE, input.idempotency_key, &input.registration_id)?;
        let outcome = booking(ctx).decline_offer(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }
}

fn which(ctx: &Context<'_>, act: &Act, key: Option<String>, id: &ID) -> Result<(Request, RegistrationId)> {
    Ok((asked(ctx, act, key)?, ids::registration(id)?))
}

async fn registered(ctx: &Context<'_>, outcome: Result<Outcome<impl Into<RegistrationId>, BookingRejection>, Fault>) -> Result<Changed> {
    let Decided { value, errors, stale } = decided(ctx, outcome?).await;
    let registration = match value {
        Some(id) => registration(ctx, id.into()).await?,
        None => None,
    };
    Ok((registration, errors, stale))
}

async fn changed(ctx: &Context<'_>, id: RegistrationId, outcome: Result<Outcome<(), BookingRejection>, Fault>) -> Result<Changed> {
    let Decided { value, errors, stale } = decided(ctx, outcome?).await;
    let registration = if value.is_some() { registration(ctx, id).await? } else { None };
    Ok((registration, errors, stale))
}
