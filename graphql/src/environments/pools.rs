//! Environments that are made ahead of their sessions.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commands::authorization::reads;
use domain::kernel::{Timestamp, WorkshopId};
use projections::environments::{
    environments::{self, Ahead},
    pools,
};

use super::errors::EnvironmentError;
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
    input::{self, number},
    workshops::{Workshop, workshop},
};

/// Environments of a workshop that are made ahead: a session that starts takes one that is ready.
pub(crate) struct EnvironmentPool {
    id: WorkshopId,
    row: pools::Model,
    ahead: Ahead,
}

/// Environments of a workshop that are made ahead: a session that starts takes one that is ready.
#[Object]
impl EnvironmentPool {
    async fn workshop(&self, ctx: &Context<'_>) -> Result<Option<Workshop>> {
        workshop(ctx, self.id).await
    }

    /// How many are to be there at any time. There are more where many sessions start, and fewer where there is no room or the
    /// budget does not do.
    async fn reserved(&self) -> i32 {
        number(self.row.reserved)
    }

    /// How many more are to be there for now, because runs of the workshop are near and people confirmed for them have not begun.
    async fn needed(&self) -> i32 {
        number(self.row.needed)
    }

    /// How many there are to be had at once.
    async fn ready(&self) -> i32 {
        number(self.ahead.ready)
    }

    /// How many are being made.
    async fn preparing(&self) -> i32 {
        number(self.ahead.preparing)
    }

    /// How many sessions have taken one so far.
    async fn claimed(&self) -> i32 {
        number(self.row.claimed)
    }

    /// When the last one did.
    async fn claimed_at(&self) -> Option<Timestamp> {
        self.row.claimed_at
    }
}

#[derive(Default)]
pub(crate) struct PoolQueries;

#[Object]
impl PoolQueries {
    /// What is made ahead for a workshop, for administrators; null if there is no such workshop.
    async fn environment_pool(&self, ctx: &Context<'_>, workshop_id: ID) -> Result<Option<EnvironmentPool>> {
        ctx.caller().allowed(&reads::ENVIRONMENT_POOL)?;
        pool(ctx, input::id("workshopId", &workshop_id)?).await
    }
}

async fn pool(ctx: &Context<'_>, id: WorkshopId) -> Result<Option<EnvironmentPool>> {
    if ctx.loaders().workshops.load_one(id).await?.is_none() {
        return Ok(None);
    }
    let row = pools::find(ctx.db(), id).await?.unwrap_or_default();
    let ahead = environments::ahead(ctx.db(), id).await?;
    Ok(Some(EnvironmentPool { id, row, ahead }))
}

#[derive(InputObject)]
pub(crate) struct EnvironmentPoolReserveInput {
    workshop_id: ID,
    /// From 0, for none, to 50.
    count: u32,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct EnvironmentPoolReservePayload {
    pool: Option<EnvironmentPool>,
    errors: Vec<EnvironmentError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct PoolMutations;

#[Object]
impl PoolMutations {
    /// Say how many environments of a workshop are to be made ahead of their sessions, for administrators. They take places on
    /// clusters, and cost, whether a session comes or not.
    async fn environment_pool_reserve(
        &self,
        ctx: &Context<'_>,
        input: EnvironmentPoolReserveInput,
    ) -> Result<EnvironmentPoolReservePayload> {
        let id: WorkshopId = input::id("workshopId", &input.workshop_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.environments.reserve(&request, id, input.count).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let pool = if value.is_some() { pool(ctx, id).await? } else { None };
        Ok(EnvironmentPoolReservePayload { pool, errors, stale })
    }
}
