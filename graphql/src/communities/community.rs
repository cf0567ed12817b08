//! A community, as far as the viewer may see it.

use async_graphql::{Context, Enum, ID, Object, connection::EmptyFields};
use domain::{
    identity::Permission,
    kernel::{AccountId, CommunityId, Timestamp},
};
use projections::communities::{communities, members};

use crate::{
    context::Access,
    failure::Result,
    identity::{Account, account},
    input::number,
    notes,
    paging::{self, Instant, List},
};

/// Whether people may join.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommunityState {
    Open,
    /// For good.
    Closed,
}

/// People who come together. Everybody sees that it is there; who is of it, those see who are.
pub(crate) struct Community {
    row: communities::Model,
}

impl From<communities::Model> for Community {
    fn from(row: communities::Model) -> Self {
        Self { row }
    }
}

impl Community {
    const fn community(&self) -> CommunityId {
        CommunityId(self.row.community)
    }

    /// Whether whoever asks is of it.
    async fn has_caller(&self, ctx: &Context<'_>) -> Result<bool> {
        let Some(account) = ctx.caller().actor.account().filter(|_| self.row.closed_at.is_none()) else { return Ok(false) };
        Ok(ctx.loaders().communities.load_one((account, self.community())).await?.is_some())
    }
}

/// People who come together. Everybody sees that it is there; who is of it, those see who are.
#[Object]
impl Community {
    pub(crate) async fn id(&self) -> ID {
        self.community().to_string().into()
    }

    async fn name(&self) -> &str {
        &self.row.name
    }

    /// What it is for.
    async fn description(&self) -> &str {
        &self.row.description
    }

    async fn state(&self) -> CommunityState {
        if self.row.closed_at.is_some() { CommunityState::Closed } else { CommunityState::Open }
    }

    async fn founder(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        account(ctx, AccountId(self.row.founder)).await
    }

    async fn founded_at(&self) -> Timestamp {
        self.row.founded_at
    }

    /// Null while it is open.
    async fn closed_at(&self) -> Option<Timestamp> {
        self.row.closed_at
    }

    /// How many are of it; nobody, once it is closed.
    async fn member_count(&self) -> i32 {
        number(self.row.members)
    }

    /// Whether the caller is of it.
    async fn is_member(&self, ctx: &Context<'_>) -> Result<bool> {
        self.has_caller(ctx).await
    }

    /// Who is of it, those who joined last first. For those who are, and for its moderators; null for others, and once it is closed.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<List<Instant, CommunityMember>>> {
        let (first, after) = (paging::bounded("first", first)?, paging::after(after.as_deref())?);
        let moderates = ctx.caller().actor.may_within(Permission::ModerateCommunities, self.community());
        let belongs = self.has_caller(ctx).await?;
        if !(moderates || belongs) || self.row.closed_at.is_some() {
            return Ok(None);
        }
        let page = members::page(ctx.db(), self.community(), after, first).await?;
        if !belongs {
            notes::shown(ctx, None);
            for row in &page.rows {
                notes::shown_of(ctx, AccountId(row.account));
            }
        }
        Ok(Some(paging::list(page, after.is_some(), EmptyFields, |row| paging::instant(row.after()))))
    }
}

/// Somebody who is of a community.
pub(crate) struct CommunityMember {
    row: members::Model,
}

impl From<members::Model> for CommunityMember {
    fn from(row: members::Model) -> Self {
        Self { row }
    }
}

/// Somebody who is of a community.
#[Object]
impl CommunityMember {
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        account(ctx, AccountId(self.row.account)).await
    }

    async fn joined_at(&self) -> Timestamp {
        self.row.joined_at
    }
}

/// A community, if it is there.
pub(crate) async fn community(ctx: &Context<'_>, id: CommunityId) -> Result<Option<Community>> {
    Ok(ctx.loaders().communities.load_one(id).await?.map(Community::from))
}
