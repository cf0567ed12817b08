//! Following the journal.

use async_graphql::{Context, Subscription};
use commands::{Actor, authorization::reads};
use domain::{
    Decider,
    identity::{
        access_token::AccessToken, account::Account, role_book::RoleBook, second_factor::SecondFactor, service_account::ServiceAccount,
        sign_in::SignIn,
    },
};
use futures_util::{StreamExt, stream::BoxStream};
use journal::{Recorded, tail};
use uuid::Uuid;

use super::{event::Event, filter::EventFilter, scan};
use crate::{caller::Caller, context::Access, failure::Result};

#[derive(Default)]
pub(crate) struct EventSubscriptions;

#[Subscription]
impl EventSubscriptions {
    /// Events as they are recorded, for analysts and administrators. `after` resumes after a cursor, without gaps; without
    /// it, only what is new is sent.
    async fn events(
        &self,
        ctx: &Context<'_>,
        filter: Option<EventFilter>,
        after: Option<String>,
    ) -> Result<BoxStream<'static, Result<Event>>> {
        ctx.caller().allowed(&reads::EVENTS)?;
        let filter = filter.unwrap_or_default().read()?;
        let (services, caller) = (ctx.services().clone(), ctx.caller().clone());
        let after = match scan::place(&*services.journal, "after", after.as_deref()).await? {
            Some(after) => after,
            None => services.journal.head().await?,
        };
        // What they lost before that position is no news below.
        caller.renewed(&services).await?.allowed(&reads::EVENTS)?;
        let mut events = Box::pin(tail(services.journal.clone(), after));
        Ok(Box::pin(async_stream::try_stream! {
            while let Some(event) = events.next().await {
                let event = event?;
                if may_change(&caller, &event) {
                    caller.renewed(&services).await?.allowed(&reads::EVENTS)?;
                }
                if filter.matches(&event) {
                    // A role may have run out, of which no event tells.
                    caller.lately(&services).await?.allowed(&reads::EVENTS)?;
                    yield Event::from(event);
                }
            }
        }))
    }
}

/// Whether an event may change what the caller may see: what comes after it, on whichever node, is seen only if they still may.
fn may_change(caller: &Caller, event: &Recorded) -> bool {
    let is = |kind: &str, id: Option<Uuid>| event.stream.kind == kind && Some(event.stream.id) == id;
    let came_by = match caller.actor {
        Actor::Account { sign_in, .. } | Actor::Enrolling { sign_in, .. } => Some(sign_in.0),
        Actor::Service { service, .. } => Some(service.0),
        Actor::Anonymous | Actor::System(_) => None,
    };
    let account = match caller.actor {
        Actor::Service { creator, .. } => Some(creator.into()),
        _ => caller.actor.account().map(Into::into),
    };
    event.stream.kind == RoleBook::STREAM
        || is(SecondFactor::STREAM, account)
        || is(Account::STREAM, account)
        || is(SignIn::STREAM, came_by)
        || is(AccessToken::STREAM, came_by)
        || is(ServiceAccount::STREAM, came_by)
}
