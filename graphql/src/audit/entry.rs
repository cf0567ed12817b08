//! One entry of the audit.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::kernel::{AccountId, Timestamp};
use journal::Position;
use projections::audit::entries;

use super::filter::AuditOutcome;
use crate::{
    context::Access,
    failure::Result,
    identity::{Account, account},
    input::number,
    journal::Event,
    personal,
};

/// Events of one entry that are shown.
const MOST_EVENTS: u32 = 100;

/// Something that was asked, by whom, and what came of it.
#[derive(Clone)]
pub(crate) struct AuditEntry(pub(super) entries::Model);

/// Something that was asked, by whom, and what came of it.
#[Object]
impl AuditEntry {
    async fn id(&self) -> ID {
        self.0.entry.to_string().into()
    }

    /// When it was recorded.
    async fn at(&self) -> Timestamp {
        self.0.at
    }

    /// Who: an account's id, `system:` and a name, or `anonymous`.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// Who, if it was a person.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        match self.0.actor.parse::<AccountId>() {
            Ok(id) => account(ctx, id).await,
            Err(_) => Ok(None),
        }
    }

    /// By which sign-in or token.
    async fn via(&self) -> Option<&str> {
        self.0.via.as_deref()
    }

    /// For whom, if not for themselves.
    async fn on_behalf_of(&self) -> Option<&str> {
        self.0.on_behalf_of.as_deref()
    }

    /// What was asked for, such as `roleGrant`; where older builds did not write that, what happened first.
    async fn action(&self) -> &str {
        &self.0.action
    }

    async fn outcome(&self) -> AuditOutcome {
        self.0.verdict.0.into()
    }

    /// Why it was not done: a code such as `FORBIDDEN`.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// What it was about most: an id. Entries are found by the others, too.
    async fn subject(&self) -> Option<ID> {
        self.0.subject.clone().map(Into::into)
    }

    async fn correlation(&self) -> ID {
        self.0.correlation.to_string().into()
    }

    /// The event that it answers to, where a part of the program did it.
    async fn causation(&self) -> Option<ID> {
        self.0.causation.map(|event| event.to_string().into())
    }

    /// The network address; null where it is nobody's, and once its owner has been erased.
    async fn address(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match &self.0.address {
            Some(address) => personal::open(ctx, &address.0).await,
            None => Ok(None),
        }
    }

    /// Tells addresses of one month apart.
    async fn address_digest(&self) -> Option<&str> {
        self.0.address_digest.as_deref()
    }

    /// What the program called itself, where that was noted.
    async fn user_agent(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match &self.0.user_agent {
            Some(agent) => personal::open(ctx, &agent.0).await,
            None => Ok(None),
        }
    }

    /// How often, if it stands for several.
    async fn times(&self) -> i32 {
        number(self.0.times)
    }

    /// How many events it caused.
    async fn event_count(&self) -> i32 {
        number(self.0.events)
    }

    /// The events it caused, at most 100.
    #[graphql(complexity = "5 + child_complexity")]
    async fn events(&self, ctx: &Context<'_>) -> Result<Vec<Event>> {
        if self.0.events == 0 {
            return Ok(vec![]);
        }
        let length = self.0.last_position.saturating_sub(self.0.position).saturating_add(1);
        let length = u32::try_from(length).unwrap_or(MOST_EVENTS).min(MOST_EVENTS);
        let events = ctx.services().journal.read(Position(self.0.position - 1), length).await?;
        let own = events.into_iter().filter(|event| event.metadata.command == self.0.entry);
        Ok(own.map(|event| Arc::new(event).into()).collect())
    }
}
