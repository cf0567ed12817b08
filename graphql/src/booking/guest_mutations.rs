//! Inviting people, who may have no account.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commands::authorization::acts;

use super::{
    asking::{asked, booking},
    errors::BookingError,
    registration_inputs::{self as ids, GuestInviteInput},
};
use crate::{
    decided::{Decided, decided},
    failure::Result,
};

/// Who is not invited any more.
#[derive(InputObject)]
pub(crate) struct GuestWithdrawInvitationInput {
    run_id: ID,
    email: String,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct GuestInvitePayload {
    /// What their registration will have, should they have no account.
    registration_id: Option<ID>,
    errors: Vec<BookingError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct GuestWithdrawInvitationPayload {
    /// Whether the address is not invited from now on.
    withdrawn: bool,
    errors: Vec<BookingError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct GuestMutations;

#[Object]
impl GuestMutations {
    /// Invite somebody to a run by their address. Who has no account comes by an invitation alone.
    async fn guest_invite(&self, ctx: &Context<'_>, input: GuestInviteInput) -> Result<GuestInvitePayload> {
        let request = asked(ctx, &acts::GUEST_INVITE, input.idempotency_key.clone())?;
        let outcome = booking(ctx).invite(&request, &input.read()?).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(GuestInvitePayload { registration_id: value.map(|id| id.to_string().into()), errors, stale })
    }

    /// Take back that somebody is invited. Who has registered meanwhile stays.
    async fn guest_withdraw_invitation(
        &self,
        ctx: &Context<'_>,
        input: GuestWithdrawInvitationInput,
    ) -> Result<GuestWithdrawInvitationPayload> {
        let request = asked(ctx, &acts::GUEST_WITHDRAW_INVITATION, input.idempotency_key)?;
        let outcome = booking(ctx).withdraw_invitation(&request, ids::run(&input.run_id)?, &input.email).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(GuestWithdrawInvitationPayload { withdrawn: value.is_some(), errors, stale })
    }
}
