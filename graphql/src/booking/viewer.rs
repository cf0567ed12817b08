//! As whom somebody looks at runs.

use async_graphql::Context;
use domain::{identity::Permission, kernel::RunId};
use projections::booking::runs::Viewer;

use super::asking::booking;
use crate::{caller::Caller, context::Access, failure::Result};

/// Which runs they may see.
pub(super) fn viewer(ctx: &Context<'_>) -> Viewer {
    viewer_of(ctx.caller())
}

/// Which runs somebody may see.
pub(super) fn viewer_of(caller: &Caller) -> Viewer {
    match caller.actor.account() {
        _ if caller.actor.may(Permission::ManageRuns) => Viewer::Manager,
        Some(account) => Viewer::Account(account),
        None => Viewer::Anonymous,
    }
}

/// Whether the caller is invited to a run, by an address that is known to be theirs.
pub(super) async fn is_invited(ctx: &Context<'_>, run: RunId) -> Result<bool> {
    match ctx.caller().actor.account() {
        Some(account) => Ok(booking(ctx).is_invited(account, run).await?),
        None => Ok(false),
    }
}
