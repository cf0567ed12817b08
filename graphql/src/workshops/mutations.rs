//! Writing, publishing and archiving workshops.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commands::{Fault, Outcome};
use domain::{kernel::WorkshopId, workshops::WorkshopRejection};

use super::{Workshop, errors::WorkshopError, inputs::WorkshopContentInput, workshop};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
    input,
};

/// A new workshop.
#[derive(InputObject)]
pub(crate) struct WorkshopDraftInput {
    /// Lower-case letters, digits and single hyphens; never changes.
    slug: String,
    content: WorkshopContentInput,
    idempotency_key: Option<String>,
}

/// A new draft of a workshop.
#[derive(InputObject)]
pub(crate) struct WorkshopReviseInput {
    workshop_id: ID,
    content: WorkshopContentInput,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct WorkshopPublishInput {
    workshop_id: ID,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct WorkshopArchiveInput {
    workshop_id: ID,
    idempotency_key: Option<String>,
}

macro_rules! payload {
    ($($name:ident),+) => {$(
        #[derive(SimpleObject)]
        pub(crate) struct $name {
            workshop: Option<Workshop>,
            errors: Vec<WorkshopError>,
            stale: bool,
        }

        impl From<Written> for $name {
            fn from(Written { workshop, errors, stale }: Written) -> Self {
                Self { workshop, errors, stale }
            }
        }
    )+};
}

payload!(WorkshopDraftPayload, WorkshopRevisePayload, WorkshopPublishPayload, WorkshopArchivePayload);

/// What all payloads here say.
struct Written {
    workshop: Option<Workshop>,
    errors: Vec<WorkshopError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct WorkshopMutations;

#[Object]
impl WorkshopMutations {
    /// Begin a workshop, for authors.
    async fn workshop_draft(&self, ctx: &Context<'_>, input: WorkshopDraftInput) -> Result<WorkshopDraftPayload> {
        let (content, request) = (input.content.try_into()?, ctx.caller().request(input.idempotency_key));
        let outcome = ctx.services().commands.workshops.draft(&request, input.slug, &content).await;
        Ok(drafted(ctx, outcome).await?.into())
    }

    /// Replace the draft. The same content again changes nothing.
    async fn workshop_revise(&self, ctx: &Context<'_>, input: WorkshopReviseInput) -> Result<WorkshopRevisePayload> {
        let id = input::id("workshopId", &input.workshop_id)?;
        let (content, request) = (input.content.try_into()?, ctx.caller().request(input.idempotency_key));
        let outcome = ctx.services().commands.workshops.revise(&request, id, &content).await;
        Ok(written(ctx, id, outcome).await?.into())
    }

    /// Make the draft the next version.
    async fn workshop_publish(&self, ctx: &Context<'_>, input: WorkshopPublishInput) -> Result<WorkshopPublishPayload> {
        let id = input::id("workshopId", &input.workshop_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.workshops.publish(&request, id).await;
        Ok(written(ctx, id, outcome).await?.into())
    }

    /// Take a workshop out of the catalogue for good. Its sessions go on.
    async fn workshop_archive(&self, ctx: &Context<'_>, input: WorkshopArchiveInput) -> Result<WorkshopArchivePayload> {
        let id = input::id("workshopId", &input.workshop_id)?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.workshops.archive(&request, id).await;
        Ok(written(ctx, id, outcome).await?.into())
    }
}

async fn drafted(ctx: &Context<'_>, outcome: Result<Outcome<WorkshopId, WorkshopRejection>, Fault>) -> Result<Written> {
    let Decided { value, errors, stale } = decided(ctx, outcome?).await;
    let workshop = match value {
        Some(id) => workshop(ctx, id).await?,
        None => None,
    };
    Ok(Written { workshop, errors, stale })
}

async fn written(ctx: &Context<'_>, id: WorkshopId, outcome: Result<Outcome<(), WorkshopRejection>, Fault>) -> Result<Written> {
    let Decided { value, errors, stale } = decided(ctx, outcome?).await;
    let workshop = if value.is_some() { workshop(ctx, id).await? } else { None };
    Ok(Written { workshop, errors, stale })
}
