//! What every command of `booking` is asked with.

use async_graphql::Context;
use commands::{Request, authorization::Act, booking::Booking};

use crate::{context::Access, failure::Result};

/// A request for an act. Who may not do it at all is told so before anything that they gave is looked at.
///
/// # Errors
/// As [`Caller::allowed`](crate::caller::Caller::allowed).
pub(super) fn asked(ctx: &Context<'_>, act: &Act, key: Option<String>) -> Result<Request> {
    ctx.caller().allowed(act)?;
    Ok(ctx.caller().request(key))
}

pub(super) fn booking<'c>(ctx: &'c Context<'_>) -> &'c Booking {
    &ctx.services().commands.booking
}
