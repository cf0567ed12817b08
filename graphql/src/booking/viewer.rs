//! As whom somebody looks at runs.

use async_graphql::Context;
use domain::identity::Permission;
use projections::booking::runs::Viewer;

use crate::{caller::Caller, context::Access};

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
