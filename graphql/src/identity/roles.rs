//! What people are trusted with.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commands::{
    authorization::reads,
    identity::{RoleChange, RoleDraft},
};
use domain::{
    identity::{AnyRole, Grant, GrantsWithin, Permissions, Role as BuiltIn},
    kernel::{AccountId, CommunityId, RoleId, Timestamp},
};
use projections::identity::roles;

use super::{Account, account, errors::IdentityError};
use crate::{
    communities::{Community, community},
    context::Access,
    decided::{Decided, decided},
    failure::{Failure, Result},
    input,
};

/// One thing that may be done.
#[derive(SimpleObject)]
pub(crate) struct Permission {
    /// What it is about, and what is done to it, such as `cluster:read`.
    name: &'static str,
    description: &'static str,
}

impl From<domain::identity::Permission> for Permission {
    fn from(permission: domain::identity::Permission) -> Self {
        Self { name: permission.name(), description: permission.description() }
    }
}

/// A set of permissions that people hold together.
#[derive(SimpleObject)]
pub(crate) struct Role {
    /// A name such as `author` for a role that is built in, `rol_…` for one that administrators defined.
    id: ID,
    name: String,
    description: String,
    permissions: Vec<Permission>,
    is_built_in: bool,
}

impl From<BuiltIn> for Role {
    fn from(role: BuiltIn) -> Self {
        let mut name = role.name().replace('_', " ");
        name[..1].make_ascii_uppercase();
        Self {
            id: role.name().into(),
            name,
            description: role.description().into(),
            permissions: listed(role.permissions()),
            is_built_in: true,
        }
    }
}

impl From<roles::Model> for Role {
    fn from(row: roles::Model) -> Self {
        Self {
            id: RoleId(row.role).to_string().into(),
            name: row.name,
            description: row.description,
            permissions: listed(row.permissions.0),
            is_built_in: false,
        }
    }
}

fn listed(permissions: Permissions) -> Vec<Permission> {
    permissions.into_iter().map(Into::into).collect()
}

/// A role that an account holds.
#[derive(SimpleObject)]
pub(crate) struct HeldRole {
    role: Role,
    /// From then on it permits nothing; null where it is held for good.
    until: Option<Timestamp>,
}

/// The roles of an account.
pub(super) async fn held(ctx: &Context<'_>, grants: impl Iterator<Item = Grant>) -> Result<Vec<HeldRole>> {
    let mut all = Vec::new();
    for Grant { role, until } in grants {
        let role = match role {
            AnyRole::BuiltIn(role) => Some(role.into()),
            AnyRole::Defined(role) => ctx.loaders().roles.load_one(role).await?.map(Role::from),
        };
        all.extend(role.map(|role| HeldRole { role, until }));
    }
    Ok(all)
}

/// A role that an account holds within a community, and nowhere else.
#[derive(SimpleObject)]
pub(crate) struct RoleWithin {
    community: Option<Community>,
    role: Role,
    /// From then on it permits nothing; null where it is held for good.
    until: Option<Timestamp>,
}

/// The roles that an account holds within communities.
pub(super) async fn held_within(ctx: &Context<'_>, grants: &GrantsWithin) -> Result<Vec<RoleWithin>> {
    let mut all = Vec::new();
    for (id, grants) in grants.iter() {
        for HeldRole { role, until } in held(ctx, grants.iter()).await? {
            all.push(RoleWithin { community: community(ctx, id).await?, role, until });
        }
    }
    Ok(all)
}

#[derive(Default)]
pub(crate) struct RoleQueries;

#[Object]
impl RoleQueries {
    /// All roles: those built in, then those that administrators defined, by name. For those who give them.
    async fn roles(&self, ctx: &Context<'_>) -> Result<Vec<Role>> {
        ctx.caller().allowed(&reads::ROLES)?;
        let defined = roles::all(ctx.db()).await?;
        Ok(BuiltIn::ALL.into_iter().map(Role::from).chain(defined.into_iter().map(Role::from)).collect())
    }

    /// What may be done by whoever asks: everywhere, or for what belongs to a community, if that is given.
    async fn permissions(&self, ctx: &Context<'_>, within: Option<ID>) -> Result<Vec<Permission>> {
        ctx.caller().allowed(&reads::PERMISSIONS)?;
        let actor = &ctx.caller().actor;
        let held = match input::optional_id("within", within.as_ref())? {
            Some(community) => actor.held_within(community),
            None => actor.held(),
        };
        Ok(listed(held.unwrap_or_default()))
    }
}

/// What a role is to be.
#[derive(InputObject)]
pub(crate) struct RoleDefineInput {
    /// 1 to 60 characters. No two roles are called alike.
    name: String,
    /// At most 500 characters.
    description: Option<String>,
    /// Names of permissions, of which the caller must hold each.
    permissions: Vec<String>,
    idempotency_key: Option<String>,
}

/// What changes about a role; what is left out stays.
#[derive(InputObject)]
pub(crate) struct RoleReviseInput {
    role: ID,
    name: Option<String>,
    description: Option<String>,
    /// Names of permissions. The caller must hold each of them, and each of those before.
    permissions: Option<Vec<String>>,
    idempotency_key: Option<String>,
}

/// Who is given a role.
#[derive(InputObject)]
pub(crate) struct RoleGrantInput {
    account_id: ID,
    /// As `roles` lists it, such as `author`.
    role: ID,
    /// The community within which it is to be held, and nowhere else. Left out: everywhere.
    within: Option<ID>,
    /// From then on it permits nothing. Left out: it is held for good.
    until: Option<Timestamp>,
    idempotency_key: Option<String>,
}

/// From whom a role is taken.
#[derive(InputObject)]
pub(crate) struct RoleRevokeInput {
    account_id: ID,
    role: ID,
    /// The community within which it is held. Left out: the role that is held everywhere.
    within: Option<ID>,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct RoleDefinePayload {
    role: Option<Role>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct RoleRevisePayload {
    role: Option<Role>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct RoleGrantPayload {
    account: Option<Account>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct RoleRevokePayload {
    account: Option<Account>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct RoleMutations;

#[Object]
impl RoleMutations {
    /// Define a role that permits no more than the caller holds.
    async fn role_define(&self, ctx: &Context<'_>, input: RoleDefineInput) -> Result<RoleDefinePayload> {
        let permissions = permissions(&input.permissions)?;
        let draft = RoleDraft { name: input.name, description: input.description.unwrap_or_default(), permissions };
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.define_role(&request, draft).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(RoleDefinePayload { role: found(ctx, value).await?, errors, stale })
    }

    /// Change a role that administrators defined. Whoever holds it may do what it permits by then, with their next request.
    async fn role_revise(&self, ctx: &Context<'_>, input: RoleReviseInput) -> Result<RoleRevisePayload> {
        let role = input::id("role", &input.role)?;
        let permissions = input.permissions.as_deref().map(permissions).transpose()?;
        let change = RoleChange { name: input.name, description: input.description, permissions };
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.revise_role(&request, role, change).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(RoleRevisePayload { role: found(ctx, value.map(|()| role)).await?, errors, stale })
    }

    /// Give somebody a role that permits no more than the caller holds, everywhere or within a community. Giving it again changes until
    /// when it is held.
    async fn role_grant(&self, ctx: &Context<'_>, input: RoleGrantInput) -> Result<RoleGrantPayload> {
        let (id, role): (AccountId, _) = (input::id("accountId", &input.account_id)?, any_role(&input.role)?);
        let request = ctx.caller().request(input.idempotency_key);
        let identity = &ctx.services().commands.identity;
        let outcome = match input::optional_id::<CommunityId>("within", input.within.as_ref())? {
            Some(community) => identity.grant_role_within(&request, (id, community), role, input.until).await?,
            None => identity.grant_role(&request, id, role, input.until).await?,
        };
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let account = if value.is_some() { account(ctx, id).await? } else { None };
        Ok(RoleGrantPayload { account, errors, stale })
    }

    /// Take a role from somebody that permits no more than the caller holds, everywhere or within a community. It is felt with their next
    /// request.
    async fn role_revoke(&self, ctx: &Context<'_>, input: RoleRevokeInput) -> Result<RoleRevokePayload> {
        let (id, role): (AccountId, _) = (input::id("accountId", &input.account_id)?, any_role(&input.role)?);
        let request = ctx.caller().request(input.idempotency_key);
        let identity = &ctx.services().commands.identity;
        let outcome = match input::optional_id::<CommunityId>("within", input.within.as_ref())? {
            Some(community) => identity.revoke_role_within(&request, (id, community), role).await?,
            None => identity.revoke_role(&request, id, role).await?,
        };
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let account = if value.is_some() { account(ctx, id).await? } else { None };
        Ok(RoleRevokePayload { account, errors, stale })
    }
}

async fn found(ctx: &Context<'_>, role: Option<RoleId>) -> Result<Option<Role>> {
    let Some(role) = role else { return Ok(None) };
    Ok(ctx.loaders().roles.load_one(role).await?.map(Role::from))
}

pub(super) fn any_role(role: &ID) -> Result<AnyRole> {
    role.parse().map_err(|_| Failure::expected("role", "the id of a role, such as author or rol_<32 hexadecimal digits>"))
}

fn permissions(names: &[String]) -> Result<Permissions> {
    let read = |name: &String| {
        domain::identity::Permission::of(name).ok_or_else(|| {
            let shown: String = name.chars().take(60).filter(|c| !c.is_control()).collect();
            Failure::expected("permissions", &format!("names such as cluster:read, got \"{shown}\""))
        })
    };
    names.iter().map(read).collect()
}
