//! Looking at sessions.

use async_graphql::{Context, ID, InputObject, Object};
use domain::{identity::Permission, kernel::AccountId};
use projections::learning::sessions;

use super::{Session, author_dashboard::AuthorDashboard, learner_dashboard::LearnerDashboard, session, session::SessionStatus};
use crate::{
    context::Access,
    failure::Result,
    input::{self, number, optional_id},
    notes,
    paging::{self, Instant, List},
};

/// Which sessions are looked for; what is left out does not restrict.
#[derive(InputObject, Default)]
pub(crate) struct SessionFilter {
    workshop_id: Option<ID>,
    status: Option<SessionStatus>,
    /// Only previews, or only what is none.
    preview: Option<bool>,
    /// Whose sessions: the caller's own, if it is left out. Others are for administrators.
    learner_id: Option<ID>,
    /// Everybody's sessions, for administrators.
    #[graphql(default)]
    everybody: bool,
}

impl SessionFilter {
    fn read(self, ctx: &Context<'_>) -> Result<sessions::Filter> {
        let learner: Option<AccountId> = optional_id("filter.learnerId", self.learner_id.as_ref())?;
        let wanted = match (learner, self.everybody) {
            (None, false) => Some(ctx.caller().account()?),
            (learner, _) => learner,
        };
        if wanted.is_none() || wanted != ctx.caller().actor.account() {
            ctx.caller().actor.holds(Permission::ManageSessions)?;
            notes::shown(ctx, wanted);
        }
        let workshop = optional_id("filter.workshopId", self.workshop_id.as_ref())?;
        Ok(sessions::Filter { learner: wanted, workshop, author: None, status: self.status.map(Into::into), preview: self.preview })
    }
}

#[derive(Default)]
pub(crate) struct SessionQueries;

#[Object]
impl SessionQueries {
    /// A session of the caller's; null if there is none.
    async fn session(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Session>> {
        session(ctx, input::id("id", &id)?).await
    }

    /// Sessions, latest first.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        filter: Option<SessionFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Instant, Session, SessionTotals>> {
        page(ctx, filter.unwrap_or_default().read(ctx)?, first, after.as_deref()).await
    }

    /// What the caller has learned.
    async fn learner_dashboard(&self, ctx: &Context<'_>) -> Result<LearnerDashboard> {
        LearnerDashboard::load(ctx).await
    }

    /// How the caller's workshops fare, for authors.
    async fn author_dashboard(&self, ctx: &Context<'_>) -> Result<AuthorDashboard> {
        AuthorDashboard::load(ctx).await
    }
}

/// Sessions that a filter lets through, which says whose. Whose they are that are not the caller's is in the audit.
pub(super) async fn page(
    ctx: &Context<'_>,
    filter: sessions::Filter,
    first: Option<i32>,
    after: Option<&str>,
) -> Result<List<Instant, Session, SessionTotals>> {
    let (first, after) = (paging::bounded("first", first)?, paging::after(after)?);
    let page = sessions::page(ctx.db(), &filter, after, first).await?;
    for row in &page.rows {
        notes::shown_of(ctx, AccountId(row.learner));
    }
    Ok(paging::list(page, after.is_some(), SessionTotals { filter }, |row| paging::instant(row.after())))
}

/// What is counted only when it is asked for.
pub(crate) struct SessionTotals {
    filter: sessions::Filter,
}

#[Object]
impl SessionTotals {
    /// How many there are on all pages.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(number(sessions::total(ctx.db(), &self.filter).await?))
    }
}
