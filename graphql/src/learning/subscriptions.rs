//! Following a session.

use async_graphql::{Context, ID, Subscription};
use domain::{
    identity::Permission,
    kernel::{AccountId, SessionId},
};
use futures_util::stream::BoxStream;
use projections::learning::sessions;
use uuid::Uuid;

use super::Session;
use crate::{
    caller::Caller,
    changes::Changes,
    context::Access,
    failure::{Failure, Result},
    input,
    notes::Showing,
    services::Services,
};

#[derive(Default)]
pub(crate) struct SessionSubscriptions;

#[Subscription]
impl SessionSubscriptions {
    /// A session as it is now, and again each time that something happens in it or in its environment.
    async fn session_changed(&self, ctx: &Context<'_>, id: ID) -> Result<BoxStream<'static, Result<Session>>> {
        let id: SessionId = input::id("id", &id)?;
        let (services, caller, showing) = (ctx.services().clone(), ctx.caller().clone(), Showing::of(ctx));
        let mut changes = ctx.data_unchecked::<Changes>().watch();
        // It may have been started just now.
        let mut position = services.journal.head().await?;
        Ok(Box::pin(async_stream::try_stream! {
            let mut begun = false;
            loop {
                let reached = services.projections.reached(position, services.settings.patience).await;
                // Where the read models are late, what they have is shown first, and what was waited for once they have it.
                if !reached && begun {
                    continue;
                }
                let row = visible(&services, &caller, id).await?;
                let learner = AccountId(row.learner);
                if caller.actor.account() != Some(learner) {
                    showing.shown(Some(learner));
                }
                let streams: [Option<Uuid>; 2] = [Some(row.session), row.environment];
                yield Session::from(row);
                begun = true;
                if !reached {
                    continue;
                }
                match changes.next(|stream| streams.contains(&Some(stream.id))).await {
                    Some(next) => position = next,
                    None => break,
                }
            }
        }))
    }
}

async fn visible(services: &Services, caller: &Caller, id: SessionId) -> Result<sessions::Model> {
    let caller = caller.renewed(services).await?;
    let row = sessions::find(services.projections.db(), id).await?;
    let row = row.filter(|row| caller.is_or_may(AccountId(row.learner), Permission::ManageSessions));
    row.ok_or_else(|| Failure::bad_input("id", "there is no such session"))
}
