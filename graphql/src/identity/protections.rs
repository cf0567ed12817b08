//! What roles ask of those who hold them.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commands::identity::{ProtectedRole, ProtectionChange};
use domain::identity::AnyRole;

use super::{errors::IdentityError, roles::any_role};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
};

/// What a role asks of those who hold it.
#[derive(SimpleObject)]
pub(crate) struct RoleProtection {
    /// As `roles` lists it, such as `author`.
    role: ID,
    /// Whether they may do nothing by a sign-in that has shown no second factor but set one up or show it.
    second_factor_required: bool,
    /// From where alone the role permits anything; from everywhere, where none is named.
    networks: Vec<String>,
}

impl From<ProtectedRole> for RoleProtection {
    fn from(ProtectedRole { role, second_factor, networks }: ProtectedRole) -> Self {
        Self { role: role.to_string().into(), second_factor_required: second_factor, networks: networks.names() }
    }
}

/// What a role is to ask; what is left out stays.
#[derive(InputObject)]
pub(crate) struct RoleProtectInput {
    /// As `roles` lists it, such as `author`.
    role: ID,
    second_factor_required: Option<bool>,
    /// At most 100, each such as `10.0.0.0/8` or `2001:db8::1`; an empty list: from everywhere. Whoever asks and holds the role must be in
    /// one of them.
    networks: Option<Vec<String>>,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct RoleProtectPayload {
    protection: Option<RoleProtection>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct RoleProtectionQueries;

#[Object]
impl RoleProtectionQueries {
    /// What each role asks of those who hold it, as it is now. For those who define roles.
    async fn role_protections(&self, ctx: &Context<'_>) -> Result<Vec<RoleProtection>> {
        let all = ctx.services().commands.identity.role_protections(&ctx.caller().request(None)).await?;
        Ok(all.into_iter().map(Into::into).collect())
    }
}

#[derive(Default)]
pub(crate) struct RoleProtectionMutations;

#[Object]
impl RoleProtectionMutations {
    /// Have a role ask for a second factor, or for a network, of whoever holds it. It is felt with their next request, and on sockets. The
    /// caller must hold all that the role permits. It needs a fresh proof, see `stepUp`.
    async fn role_protect(&self, ctx: &Context<'_>, input: RoleProtectInput) -> Result<RoleProtectPayload> {
        let role = any_role(&input.role)?;
        let change = ProtectionChange { second_factor: input.second_factor_required, networks: input.networks };
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.protect_role(&request, role, change).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let protection = if value.is_some() { found(ctx, role).await? } else { None };
        Ok(RoleProtectPayload { protection, errors, stale })
    }
}

async fn found(ctx: &Context<'_>, role: AnyRole) -> Result<Option<RoleProtection>> {
    let all = ctx.services().commands.identity.role_protections(&ctx.caller().request(None)).await?;
    Ok(all.into_iter().find(|protected| protected.role == role).map(Into::into))
}
