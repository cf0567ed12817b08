//! Where one is signed in, and ending that.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, connection::EmptyFields};
use domain::kernel::{SignInId, Timestamp};
use journal::vault::Family;
use projections::{
    Page,
    identity::{sign_ins, unusual_sign_ins},
};

use super::{errors::IdentityError, unusual::UnusualReason};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
    input,
    paging::{self, Instant, List},
    personal,
};

/// A sign-in whose tokens can be refreshed.
#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) row: sign_ins::Model,
    family: Family,
    unusual: Option<unusual_sign_ins::Model>,
}

/// A sign-in whose tokens can be refreshed.
#[Object]
impl Device {
    async fn id(&self) -> ID {
        SignInId(self.row.sign_in).to_string().into()
    }

    async fn opened_at(&self) -> Timestamp {
        self.row.opened_at
    }

    /// When its tokens were last refreshed; null if they never were.
    async fn last_refreshed_at(&self) -> Option<Timestamp> {
        self.family.rotated_at
    }

    /// When it ends unless it is refreshed before.
    async fn expires_at(&self) -> Timestamp {
        self.family.expires_at
    }

    /// What the program that signed in called itself.
    async fn user_agent(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(sealed) = &self.row.user_agent else { return Ok(None) };
        Ok(personal::open(ctx, sealed).await?.map(|agent| agent.as_str().to_owned()))
    }

    /// The network address that the sign-in came from.
    async fn address(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(sealed) = &self.row.address else { return Ok(None) };
        personal::open(ctx, sealed).await
    }

    /// Why it was found unusual when it was opened; empty if it was not.
    async fn unusual(&self) -> Vec<UnusualReason> {
        self.unusual.iter().flat_map(unusual_sign_ins::Model::unusual).map(Into::into).collect()
    }

    /// Whether the request came by it.
    async fn is_current(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(ctx.caller().sign_in().is_ok_and(|sign_in| sign_in.0 == self.row.sign_in))
    }
}

/// Which sign-in is ended.
#[derive(InputObject)]
pub(crate) struct DeviceRevokeInput {
    device_id: ID,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct DeviceRevokePayload {
    /// Whether its tokens are worth nothing from now on.
    revoked: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

/// Those whose tokens have not expired.
pub(crate) async fn live(ctx: &Context<'_>, rows: Vec<sign_ins::Model>) -> Result<Vec<Device>> {
    let ids: Vec<_> = rows.iter().map(|row| row.sign_in).collect();
    let families = ctx.services().vault.refresh_families(&ids).await?;
    let ids: Vec<_> = ids.into_iter().map(SignInId).collect();
    let unusual = unusual_sign_ins::find_many(ctx.db(), &ids).await?;
    let now = chrono::Utc::now();
    let live = |row: sign_ins::Model| {
        let family = *families.iter().find(|family| family.sign_in == row.sign_in && family.expires_at > now)?;
        let unusual = unusual.iter().find(|unusual| unusual.sign_in == row.sign_in).cloned();
        Some(Device { row, family, unusual })
    };
    Ok(rows.into_iter().filter_map(live).collect())
}

#[derive(Default)]
pub(crate) struct DeviceQueries;

#[Object]
impl DeviceQueries {
    /// Where the caller is signed in, latest first. Sign-ins whose tokens have expired are left out, so that a page may have fewer
    /// than were asked for though others follow.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn devices(&self, ctx: &Context<'_>, first: Option<i32>, after: Option<String>) -> Result<List<Instant, Device>> {
        let own = ctx.caller().account()?;
        // From where somebody signs in is no program's business.
        ctx.caller().sign_in()?;
        let (first, after) = (paging::bounded("first", first)?, paging::after(after.as_deref())?);
        let page = match ctx.loaders().accounts.load_one(own).await? {
            Some(account) => sign_ins::live(ctx.db(), &account, after, first).await?,
            None => Page { rows: vec![], more: false },
        };
        let page = Page { rows: live(ctx, page.rows).await?, more: page.more };
        Ok(paging::list(page, after.is_some(), EmptyFields, |device| paging::instant(device.row.after())))
    }
}

#[derive(Default)]
pub(crate) struct DeviceMutations;

#[Object]
impl DeviceMutations {
    /// End a sign-in of one's own, on another device or this one. Sockets opened with it are closed.
    async fn device_revoke(&self, ctx: &Context<'_>, input: DeviceRevokeInput) -> Result<DeviceRevokePayload> {
        let device = input::id("deviceId", &input.device_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.revoke_device(&request, device).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(DeviceRevokePayload { revoked: value.is_some(), errors, stale })
    }
}
