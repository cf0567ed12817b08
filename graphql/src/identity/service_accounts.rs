//! Programs that do something by themselves.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, connection::EmptyFields};
use commands::{
    authorization::reads,
    identity::{CreatedServiceAccount, NewAccessToken},
};
use domain::kernel::{AccountId, ServiceAccountId, Timestamp};
use projections::{Page, identity::service_accounts};
use secrecy::ExposeSecret;

use super::{Account, account, errors::IdentityError};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
    input,
    paging::{self, Instant, List},
};

/// A program that does something by itself, and was not revoked.
pub(crate) struct ServiceAccount {
    row: service_accounts::Model,
    last_used_at: Option<Timestamp>,
}

/// A program that does something by itself, and was not revoked.
#[Object]
impl ServiceAccount {
    async fn id(&self) -> ID {
        ServiceAccountId(self.row.service).to_string().into()
    }

    async fn name(&self) -> &str {
        &self.row.name
    }

    /// The permissions that it has, as far as whoever made it holds them.
    async fn scopes(&self) -> Vec<&str> {
        self.row.scopes.names().collect()
    }

    /// Who made it, and answers for it.
    async fn creator(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        account(ctx, AccountId(self.row.creator)).await
    }

    async fn created_at(&self) -> Timestamp {
        self.row.created_at
    }

    async fn expires_at(&self) -> Timestamp {
        self.row.expires_at
    }

    /// When its token was last used, within an hour; null if it never was, or has expired.
    async fn last_used_at(&self) -> Option<Timestamp> {
        self.last_used_at
    }
}

impl From<(service_accounts::Model, Option<Timestamp>)> for ServiceAccount {
    fn from((row, last_used_at): (service_accounts::Model, Option<Timestamp>)) -> Self {
        Self { row, last_used_at }
    }
}

/// What a program is to be.
#[derive(InputObject)]
pub(crate) struct ServiceAccountCreateInput {
    /// 1 to 80 characters, to know it by. It is kept for ever, so it must name no person.
    name: String,
    /// Names of permissions, such as `event:read`, of which the caller must hold each.
    scopes: Vec<String>,
    /// Within a year.
    expires_at: Timestamp,
}

/// Which service account is revoked.
#[derive(InputObject)]
pub(crate) struct ServiceAccountRevokeInput {
    service_account_id: ID,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct ServiceAccountCreatePayload {
    service_account_id: Option<ID>,
    /// Goes into the header `Authorization: Bearer …`. It is shown once.
    token: Option<String>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct ServiceAccountRevokePayload {
    /// Whether its token is worth nothing from now on.
    revoked: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct ServiceAccountQueries;

#[Object]
impl ServiceAccountQueries {
    /// Service accounts that were not revoked, latest first, for those who make them. They may have expired.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn service_accounts(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<Instant, ServiceAccount>> {
        ctx.caller().allowed(&reads::SERVICE_ACCOUNTS)?;
        let (first, after) = (paging::bounded("first", first)?, paging::after(after.as_deref())?);
        let page = service_accounts::page(ctx.db(), after, first).await?;
        let ids: Vec<_> = page.rows.iter().map(|row| row.service).collect();
        let families = ctx.services().vault.refresh_families(&ids).await?;
        let with_use = |row: service_accounts::Model| {
            let family = families.iter().find(|family| family.sign_in == row.service);
            (row, family.and_then(|family| family.rotated_at))
        };
        let page = Page { rows: page.rows.into_iter().map(with_use).collect(), more: page.more };
        Ok(paging::list(page, after.is_some(), EmptyFields, |(row, _)| paging::instant(row.after())))
    }
}

#[derive(Default)]
pub(crate) struct ServiceAccountMutations;

#[Object]
impl ServiceAccountMutations {
    /// Make a service account that may no more than the caller, ever. It needs a fresh proof, see `stepUp`.
    async fn service_account_create(&self, ctx: &Context<'_>, input: ServiceAccountCreateInput) -> Result<ServiceAccountCreatePayload> {
        let ServiceAccountCreateInput { name, scopes, expires_at } = input;
        let request = ctx.caller().request(None);
        let new = NewAccessToken { name, scopes, expires_at };
        let outcome = ctx.services().commands.identity.create_service_account(&request, new).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let (service_account_id, token) = match value {
            Some(CreatedServiceAccount { id, token }) => (Some(id.to_string().into()), Some(token.expose_secret().to_owned())),
            None => (None, None),
        };
        Ok(ServiceAccountCreatePayload { service_account_id, token, errors, stale })
    }

    /// Make a service account worth nothing, whoever made it. Sockets opened with its token are closed.
    async fn service_account_revoke(&self, ctx: &Context<'_>, input: ServiceAccountRevokeInput) -> Result<ServiceAccountRevokePayload> {
        let id = input::id("serviceAccountId", &input.service_account_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.revoke_service_account(&request, id).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(ServiceAccountRevokePayload { revoked: value.is_some(), errors, stale })
    }
}
