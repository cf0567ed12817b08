//! From what a command came to, to what a payload says.

use async_graphql::Context;
use commands::{Accepted, Outcome};
use domain::Rejection;
use journal::Position;

use crate::context::Access;

/// What every payload says.
pub(crate) struct Decided<T, E> {
    /// What the command made, if it was accepted.
    pub(crate) value: Option<T>,
    /// Why it was not.
    pub(crate) errors: Vec<E>,
    /// Whether what can be read is older than what was done.
    pub(crate) stale: bool,
}

/// A rejection as errors of a payload; it may name several.
pub(crate) trait Errors<E> {
    fn errors(self) -> Vec<E>;
}

/// Waits until the effect of what was accepted can be read, so that callers read their own writes.
pub(crate) async fn decided<T, R: Errors<E> + Rejection, E>(ctx: &Context<'_>, outcome: Outcome<T, R>) -> Decided<T, E> {
    let refusal = match &outcome {
        Outcome::Accepted(_) => None,
        Outcome::Rejected(rejection) => Some(rejection.code()),
    };
    told(ctx, refusal);
    match outcome {
        Outcome::Accepted(Accepted { value, position }) => {
            Decided { value: Some(value), errors: vec![], stale: is_stale(ctx, position).await }
        }
        Outcome::Rejected(rejection) => Decided { value: None, errors: rejection.errors(), stale: false },
    }
}

/// Has the audit know what a mutation came to.
pub(crate) fn told(ctx: &Context<'_>, refusal: Option<String>) {
    let field = ctx.field();
    ctx.caller().outcomes.decided(field.alias().unwrap_or(field.name()), refusal);
}

/// Waits for the read models, but not for ever.
async fn is_stale(ctx: &Context<'_>, position: Position) -> bool {
    let services = ctx.services();
    !services.projections.reached(position, services.settings.patience).await
}
