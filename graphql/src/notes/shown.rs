//! What fields tell of what they show that is somebody else's.

use async_graphql::{Context, QueryPathSegment};
use domain::{identity::Permission, kernel::AccountId};

use super::Outcomes;
use crate::context::Access;

/// Has it noted what a field of the root shows, also after its resolver has returned, as subscriptions do.
pub(crate) struct Showing {
    outcomes: Outcomes,
    /// That the field has in the answer.
    key: String,
}

impl Showing {
    /// By the field of the root that a field is within, or is.
    pub(crate) fn of(ctx: &Context<'_>) -> Self {
        let root = ctx.path_node.as_ref().and_then(|node| std::iter::once(node).chain(node.parents()).last());
        let key = match root.map(|root| root.segment) {
            Some(QueryPathSegment::Name(key)) => key.to_owned(),
            // Nothing is resolved that is within no field.
            _ => String::new(),
        };
        Self { outcomes: ctx.caller().outcomes.clone(), key }
    }

    /// It shows what is somebody else's; whose, where it is one person's who has an account.
    pub(crate) fn shown(&self, whose: Option<AccountId>) {
        self.outcomes.shown(&self.key, whose, false);
    }

    /// It shows what somebody else has told of themselves, which they and who may see accounts are shown.
    fn told(&self, whose: AccountId) {
        self.outcomes.shown(&self.key, Some(whose), true);
    }
}

/// Has it noted that somebody else's things are shown; whose, where it is one person's who has an account.
pub(crate) fn shown(ctx: &Context<'_>, whose: Option<AccountId>) {
    Showing::of(ctx).shown(whose);
}

/// Has it noted that what is a person's is shown, unless they are the caller.
pub(crate) fn shown_of(ctx: &Context<'_>, whose: AccountId) {
    if ctx.caller().actor.account() != Some(whose) {
        shown(ctx, Some(whose));
    }
}

/// Whether the caller may see what only this person is shown, and who may see accounts. It is noted, unless they are that person.
pub(crate) fn is_told(ctx: &Context<'_>, whose: AccountId) -> bool {
    let may = ctx.caller().is_or_may(whose, Permission::ReadAccounts);
    if may && ctx.caller().actor.account() != Some(whose) {
        Showing::of(ctx).told(whose);
    }
    may
}

/// Whether the caller may see what is this person's, or falls under the permission. It is noted, unless they are that person.
pub(crate) fn is_disclosed(ctx: &Context<'_>, whose: AccountId, permission: Permission) -> bool {
    let may = ctx.caller().is_or_may(whose, permission);
    if may {
        shown_of(ctx, whose);
    }
    may
}
