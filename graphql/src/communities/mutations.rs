//! Founding communities and looking after them, joining and leaving them.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commands::{Fault, Outcome, communities::CommunityChange};
use domain::{communities::CommunityRejection, kernel::CommunityId};

use super::{Community, community, errors::CommunityError};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
    input,
};

/// A new community.
#[derive(InputObject)]
pub(crate) struct CommunityFoundInput {
    /// 1 to 80 characters.
    name: String,
    /// At most 2000 characters.
    #[graphql(default)]
    description: String,
    idempotency_key: Option<String>,
}

/// What changes about a community; what is left out stays.
#[derive(InputObject)]
pub(crate) struct CommunityReviseInput {
    community_id: ID,
    name: Option<String>,
    description: Option<String>,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct CommunityCloseInput {
    community_id: ID,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct CommunityJoinInput {
    community_id: ID,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct CommunityLeaveInput {
    community_id: ID,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct CommunityMemberRemoveInput {
    community_id: ID,
    account_id: ID,
    idempotency_key: Option<String>,
}

macro_rules! payload {
    ($($name:ident),+) => {$(
        #[derive(SimpleObject)]
        pub(crate) struct $name {
            community: Option<Community>,
            errors: Vec<CommunityError>,
            stale: bool,
        }

        impl From<Changed> for $name {
            fn from(Changed { community, errors, stale }: Changed) -> Self {
                Self { community, errors, stale }
            }
        }
    )+};
}

payload!(
    CommunityFoundPayload,
    CommunityRevisePayload,
    CommunityClosePayload,
    CommunityJoinPayload,
    CommunityLeavePayload,
    CommunityMemberRemovePayload
);

/// What all payloads here say.
struct Changed {
    community: Option<Community>,
    errors: Vec<CommunityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct CommunityMutations;

#[Object]
impl CommunityMutations {
    /// Found a community, of which the caller is from then on.
    async fn community_found(&self, ctx: &Context<'_>, input: CommunityFoundInput) -> Result<CommunityFoundPayload> {
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.communities.found(&request, &input.name, &input.description).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let community = match value {
            Some(id) => community(ctx, id).await?,
            None => None,
        };
        Ok(CommunityFoundPayload { community, errors, stale })
    }

    /// Change what a community says of itself, for who founded it and for its moderators.
    async fn community_revise(&self, ctx: &Context<'_>, input: CommunityReviseInput) -> Result<CommunityRevisePayload> {
        let id = input::id("communityId", &input.community_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let change = CommunityChange { name: input.name, description: input.description };
        let outcome = ctx.services().commands.communities.revise(&request, id, change).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Close a community for good, for who founded it and for moderators of all communities.
    async fn community_close(&self, ctx: &Context<'_>, input: CommunityCloseInput) -> Result<CommunityClosePayload> {
        let id = input::id("communityId", &input.community_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.communities.close(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Join a community. Who is of it already stays.
    async fn community_join(&self, ctx: &Context<'_>, input: CommunityJoinInput) -> Result<CommunityJoinPayload> {
        let id = input::id("communityId", &input.community_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.communities.join(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Leave a community. Whoever founded it stays; they can close it.
    async fn community_leave(&self, ctx: &Context<'_>, input: CommunityLeaveInput) -> Result<CommunityLeavePayload> {
        let id = input::id("communityId", &input.community_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.communities.leave(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Remove somebody from a community for good, for who founded it and for its moderators.
    async fn community_member_remove(&self, ctx: &Context<'_>, input: CommunityMemberRemoveInput) -> Result<CommunityMemberRemovePayload> {
        let (id, account) = (input::id("communityId", &input.community_id)?, input::id("accountId", &input.account_id)?);
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.communities.remove(&request, id, account).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }
}

async fn changed(ctx: &Context<'_>, id: CommunityId, outcome: Result<Outcome<(), CommunityRejection>, Fault>) -> Result<Changed> {
    let Decided { value, errors, stale } = decided(ctx, outcome?).await;
    let community = if value.is_some() { community(ctx, id).await? } else { None };
    Ok(Changed { community, errors, stale })
}
