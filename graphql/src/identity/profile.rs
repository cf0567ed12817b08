//! What one says of oneself.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{
    Account,
    account::{Language, own},
    errors::IdentityError,
};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
};

/// What changes; the rest stays as it is.
#[derive(InputObject)]
pub(crate) struct ProfileReviseInput {
    /// 1 to 80 characters.
    display_name: Option<String>,
    /// That mails are to be in.
    language: Option<Language>,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct ProfileRevisePayload {
    account: Option<Account>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct ProfileMutations;

#[Object]
impl ProfileMutations {
    /// Change one's name, or the language that one is written to in.
    async fn profile_revise(&self, ctx: &Context<'_>, input: ProfileReviseInput) -> Result<ProfileRevisePayload> {
        let ProfileReviseInput { display_name, language, idempotency_key } = input;
        let request = ctx.caller().request(idempotency_key);
        let identity = &ctx.services().commands.identity;
        let outcome = identity.revise_profile(&request, display_name.as_deref(), language.map(Into::into)).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(ProfileRevisePayload { account: own(ctx, value).await?, errors, stale })
    }
}
