//! As whom somebody looks at runs.

use async_graphql::Context;
use domain::{identity::Permission, kernel::RunId};
use projections::booking::runs::{self, Viewer};

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

/// Whether somebody may see who registered for a run: its organiser, for as long as they may organise any, or who manages all.
pub(super) fn organises(caller: &Caller, run: &runs::Model) -> bool {
    let may = |permission| caller.actor.may(permission);
    (may(Permission::OrganiseRuns) || may(Permission::ManageRuns)) && run.is_organised_by(viewer_of(caller))
}

/// Whether the caller is invited to a run, by an address that is known to be theirs.
pub(super) async fn is_invited(ctx: &Context<'_>, run: RunId) -> Result<bool> {
    match ctx.caller().actor.account() {
        Some(account) => Ok(booking(ctx).is_invited(account, run).await?),
        None => Ok(false),
    }
}
