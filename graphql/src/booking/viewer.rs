//! As whom somebody looks at runs.

use async_graphql::Context;
use domain::identity::Permission;
use projections::booking::runs::Viewer;

use crate::context::Access;

/// Which runs they may see.
pub(super) fn viewer(ctx: &Context<'_>) -> Viewer {
    let actor = &ctx.caller().actor;
    match actor.account() {
        _ if actor.may(Permission::ManageRuns) => Viewer::Manager,
        Some(account) => Viewer::Account(account),
        None => Viewer::Anonymous,
    }
}
