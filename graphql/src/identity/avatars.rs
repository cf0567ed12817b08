//! The picture that one shows of oneself.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Account, account::own, errors::IdentityError};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::{Failure, Result},
};

/// A picture.
#[derive(InputObject)]
pub(crate) struct AvatarUploadInput {
    /// A PNG, JPEG or WebP of at most 16 megapixels, in base64. A request has at most 256 KiB; `PUT /api/account/avatar` takes 2 MiB.
    image: String,
    idempotency_key: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct AvatarRemoveInput {
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct AvatarUploadPayload {
    account: Option<Account>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct AvatarRemovePayload {
    account: Option<Account>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct AvatarMutations;

#[Object]
impl AvatarMutations {
    /// Show a picture of oneself: the middle of what is sent, made anew without anything else that was in the file.
    async fn avatar_upload(&self, ctx: &Context<'_>, input: AvatarUploadInput) -> Result<AvatarUploadPayload> {
        ctx.caller().sign_in()?;
        let request = ctx.caller().request(input.idempotency_key);
        let bytes = STANDARD.decode(&input.image).map_err(|_| Failure::expected("image", "base64"))?;
        let outcome = ctx.services().commands.identity.upload_avatar(&request, bytes).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(AvatarUploadPayload { account: own(ctx, value).await?, errors, stale })
    }

    /// Show no picture any more.
    async fn avatar_remove(&self, ctx: &Context<'_>, input: AvatarRemoveInput) -> Result<AvatarRemovePayload> {
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.remove_avatar(&request).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(AvatarRemovePayload { account: own(ctx, value).await?, errors, stale })
    }
}
