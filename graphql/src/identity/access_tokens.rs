//! Tokens for programs that come in one's stead.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, connection::EmptyFields};
use commands::identity::{CreatedAccessToken, NewAccessToken};
use domain::kernel::{AccessTokenId, Timestamp};
use projections::{Page, identity::access_tokens};
use secrecy::ExposeSecret;

use super::errors::IdentityError;
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
    input,
    paging::{self, Instant, List},
    personal,
};

/// A token of one's own that was not revoked.
pub(crate) struct AccessToken {
    row: access_tokens::Model,
    last_used_at: Option<Timestamp>,
}

/// A token of one's own that was not revoked.
#[Object]
impl AccessToken {
    async fn id(&self) -> ID {
        AccessTokenId(self.row.token).to_string().into()
    }

    /// What it was called; null if that cannot be read.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(personal::open(ctx, &self.row.name).await?.map(|name| name.as_str().to_owned()))
    }

    /// The permissions that it gives, as far as its owner holds them.
    async fn scopes(&self) -> Vec<&str> {
        self.row.scopes.names().collect()
    }

    async fn created_at(&self) -> Timestamp {
        self.row.created_at
    }

    async fn expires_at(&self) -> Timestamp {
        self.row.expires_at
    }

    /// When it was last used, within an hour; null if it never was, or has expired.
    async fn last_used_at(&self) -> Option<Timestamp> {
        self.last_used_at
    }
}

impl From<(access_tokens::Model, Option<Timestamp>)> for AccessToken {
    fn from((row, last_used_at): (access_tokens::Model, Option<Timestamp>)) -> Self {
        Self { row, last_used_at }
    }
}

/// What a program is to come with.
#[derive(InputObject)]
pub(crate) struct AccessTokenCreateInput {
    /// 1 to 80 characters, to know it by.
    name: String,
    /// Names of permissions, such as `learn` or `workshop:write`.
    scopes: Vec<String>,
    /// Within a year.
    expires_at: Timestamp,
}

/// Which token is revoked.
#[derive(InputObject)]
pub(crate) struct AccessTokenRevokeInput {
    access_token_id: ID,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct AccessTokenCreatePayload {
    access_token_id: Option<ID>,
    /// Goes into the header `Authorization: Bearer …`. It is shown once.
    token: Option<String>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct AccessTokenRevokePayload {
    /// Whether it is worth nothing from now on.
    revoked: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct AccessTokenQueries;

#[Object]
impl AccessTokenQueries {
    /// One's own tokens that were not revoked, latest first. They may have expired.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn access_tokens(&self, ctx: &Context<'_>, first: Option<i32>, after: Option<String>) -> Result<List<Instant, AccessToken>> {
        let own = ctx.caller().account()?;
        ctx.caller().sign_in()?;
        let (first, after) = (paging::bounded("first", first)?, paging::after(after.as_deref())?);
        let since = ctx.services().commands.identity.programs_since(own).await?;
        let page = access_tokens::of(ctx.db(), own, since, after, first).await?;
        let ids: Vec<_> = page.rows.iter().map(|row| row.token).collect();
        let families = ctx.services().vault.refresh_families(&ids).await?;
        let with_use = |row: access_tokens::Model| {
            let family = families.iter().find(|family| family.sign_in == row.token);
            (row, family.and_then(|family| family.rotated_at))
        };
        let page = Page { rows: page.rows.into_iter().map(with_use).collect(), more: page.more };
        Ok(paging::list(page, after.is_some(), EmptyFields, |(row, _)| paging::instant(row.after())))
    }
}

#[derive(Default)]
pub(crate) struct AccessTokenMutations;

#[Object]
impl AccessTokenMutations {
    /// Make a token for a program. It needs a fresh proof, see `stepUp`.
    async fn access_token_create(&self, ctx: &Context<'_>, input: AccessTokenCreateInput) -> Result<AccessTokenCreatePayload> {
        let AccessTokenCreateInput { name, scopes, expires_at } = input;
        let request = ctx.caller().request(None);
        let new = NewAccessToken { name, scopes, expires_at };
        let outcome = ctx.services().commands.identity.create_access_token(&request, new).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let (access_token_id, token) = match value {
            Some(CreatedAccessToken { id, token }) => (Some(id.to_string().into()), Some(token.expose_secret().to_owned())),
            None => (None, None),
        };
        Ok(AccessTokenCreatePayload { access_token_id, token, errors, stale })
    }

    /// Make a token of one's own worth nothing. Sockets opened with it are closed.
    async fn access_token_revoke(&self, ctx: &Context<'_>, input: AccessTokenRevokeInput) -> Result<AccessTokenRevokePayload> {
        let token = input::id("accessTokenId", &input.access_token_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.revoke_access_token(&request, token).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(AccessTokenRevokePayload { revoked: value.is_some(), errors, stale })
    }
}
