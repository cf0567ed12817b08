//! All that is known of a person.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::kernel::Timestamp;
use secrecy::ExposeSecret;

use super::errors::IdentityError;
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
    input,
};

/// Whose it is to be.
#[derive(InputObject)]
pub(crate) struct AccountExportInput {
    account_id: ID,
    /// Needed of whoever asks for somebody else's: 1 to 500 characters. It is kept for ever, so it must not tell who the person is.
    reason: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct AccountExportPayload {
    /// Goes into the header `Authorization: Bearer …` of `GET /api/account/export`, once. It is shown once.
    token: Option<String>,
    /// Until when.
    expires_at: Option<Timestamp>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct ExportMutations;

#[Object]
impl ExportMutations {
    /// Have all that is known of oneself, or of somebody else who holds no more than the caller, put together as JSON. It needs a fresh
    /// proof, see `stepUp`.
    async fn account_export(&self, ctx: &Context<'_>, input: AccountExportInput) -> Result<AccountExportPayload> {
        let id = input::id("accountId", &input.account_id)?;
        let request = ctx.caller().request(None);
        let outcome = ctx.services().commands.identity.offer_export(&request, id, input.reason.as_deref()).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let (token, expires_at) = value.map(|offered| (offered.token.expose_secret().to_owned(), offered.expires_at)).unzip();
        Ok(AccountExportPayload { token, expires_at, errors, stale })
    }
}
