//! Signing in with a provider, and linking an account with one. The way there and back is not GraphQL: browsers go to
//! `/auth/NAME`, and what they bring back is traded here.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use commands::{
    authorization::reads,
    identity::{ExchangeCode, Provider as Known},
};
use domain::{
    identity::{AnyRole, ways_in::Linked},
    kernel::{Personal, Timestamp},
};
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::{
    errors::IdentityError,
    sign_ins::{RefreshTokenDelivery, SignInPayload, begun, keeper},
};
use crate::{
    context::Access,
    decided::{Decided, Errors, decided},
    failure::{Failure, Result},
    personal,
};

/// Whom people sign in with.
#[derive(SimpleObject)]
pub(crate) struct Provider {
    /// What it goes by, such as in `/auth/NAME`.
    name: String,
    /// For people to read.
    label: String,
    /// Where a browser goes to sign in with it. With `?fresh=true` they are to show there anew who they are, which counts as `stepUp`;
    /// with `?program=true` what comes of it is a code for `signInWithProvider`.
    path: String,
}

impl From<&Known> for Provider {
    fn from(provider: &Known) -> Self {
        let name = provider.name.as_str().to_owned();
        Self { path: format!("/auth/{name}"), name, label: provider.label.clone() }
    }
}

/// Somebody at a provider, by whom one's account is signed in to.
pub(crate) struct LinkedProvider {
    identity: Uuid,
    linked: Linked,
}

/// Somebody at a provider, by whom one's account is signed in to.
#[Object]
impl LinkedProvider {
    /// For `providerUnlink`.
    async fn identity(&self) -> ID {
        self.identity.into()
    }

    /// The provider's name.
    async fn provider(&self) -> &str {
        self.linked.provider.as_str()
    }

    /// What they are known by there, such as an address; null if that is not known.
    async fn shown(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match &self.linked.shown {
            Some(shown) => personal::open::<String>(ctx, shown as &Personal<String>).await,
            None => Ok(None),
        }
    }

    async fn linked_at(&self) -> Timestamp {
        self.linked.linked_at
    }

    /// The roles that the account holds because of it: they go when the provider does not say so any more.
    async fn roles(&self) -> Vec<String> {
        self.linked.roles.iter().map(AnyRole::to_string).collect()
    }
}

/// What a browser brought back.
#[derive(InputObject)]
pub(crate) struct SignInWithProviderInput {
    #[graphql(secret)]
    code: String,
    #[graphql(default)]
    delivery: RefreshTokenDelivery,
}

/// With whom an account is to be linked.
#[derive(InputObject)]
pub(crate) struct ProviderLinkStartInput {
    /// The provider's name.
    provider: String,
}

/// What a browser brought back.
#[derive(InputObject)]
pub(crate) struct ProviderLinkInput {
    #[graphql(secret)]
    code: String,
}

/// Who is unlinked.
#[derive(InputObject)]
pub(crate) struct ProviderUnlinkInput {
    /// As `linkedProviders` has it.
    identity: ID,
    idempotency_key: Option<String>,
}

#[derive(SimpleObject)]
pub(crate) struct ProviderLinkStartPayload {
    /// Where a browser goes, once. What it brings back is for `providerLink`, by this sign-in.
    path: Option<String>,
    expires_at: Option<Timestamp>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct ProviderLinkPayload {
    /// For `providerUnlink`.
    identity: Option<ID>,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(SimpleObject)]
pub(crate) struct ProviderUnlinkPayload {
    unlinked: bool,
    errors: Vec<IdentityError>,
    stale: bool,
}

#[derive(Default)]
pub(crate) struct ProviderQueries;

#[Object]
impl ProviderQueries {
    /// Whom people can sign in with, beside passwords.
    async fn providers(&self, ctx: &Context<'_>) -> Result<Vec<Provider>> {
        ctx.caller().allowed(&reads::PROVIDERS)?;
        Ok(ctx.services().commands.identity.providers().iter().map(Provider::from).collect())
    }

    /// By whom at providers one's own account is signed in to.
    async fn linked_providers(&self, ctx: &Context<'_>) -> Result<Vec<LinkedProvider>> {
        ctx.caller().allowed(&reads::LINKED_PROVIDERS)?;
        ctx.caller().sign_in()?;
        let ways = ctx.services().commands.identity.ways_in(ctx.caller().account()?).await?;
        Ok(ways.linked().map(|(identity, linked)| LinkedProvider { identity, linked: linked.clone() }).collect())
    }
}

#[derive(Default)]
pub(crate) struct ProviderMutations;

#[Object]
impl ProviderMutations {
    /// Get tokens for a code that a browser brought back from a provider; where there is a second factor, a challenge.
    async fn sign_in_with_provider(&self, ctx: &Context<'_>, input: SignInWithProviderInput) -> Result<SignInPayload> {
        let keeper = keeper(ctx, input.delivery)?;
        let request = ctx.caller().request(None);
        let outcome = ctx.services().commands.identity.sign_in_with_provider(&request, &input.code.into()).await?;
        begun(ctx, outcome, keeper).await
    }

    /// Begin to link one's own account with somebody at a provider. It needs a fresh proof, see `stepUp`.
    async fn provider_link_start(&self, ctx: &Context<'_>, input: ProviderLinkStartInput) -> Result<ProviderLinkStartPayload> {
        let request = ctx.caller().request(None);
        Ok(match ctx.services().commands.identity.begin_link(&request, &input.provider).await? {
            Ok(ExchangeCode { code, expires_at }) => {
                let path = format!("/auth/{}?ticket={}", input.provider, code.expose_secret());
                ProviderLinkStartPayload { path: Some(path), expires_at: Some(expires_at), errors: vec![], stale: false }
            }
            Err(rejection) => ProviderLinkStartPayload { path: None, expires_at: None, errors: rejection.errors(), stale: false },
        })
    }

    /// Link one's own account with whom a browser went to a provider as. It needs a fresh proof, see `stepUp`.
    async fn provider_link(&self, ctx: &Context<'_>, input: ProviderLinkInput) -> Result<ProviderLinkPayload> {
        let request = ctx.caller().request(None);
        let outcome = ctx.services().commands.identity.link_provider(&request, &input.code.into()).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(ProviderLinkPayload { identity: value.map(ID::from), errors, stale })
    }

    /// Unlink one's own account, if something else is left to sign in with. What it holds because of the provider is taken. It needs a
    /// fresh proof, see `stepUp`.
    async fn provider_unlink(&self, ctx: &Context<'_>, input: ProviderUnlinkInput) -> Result<ProviderUnlinkPayload> {
        let wrong = || Failure::expected("identity", "one of linkedProviders");
        let identity = Uuid::try_parse(&input.identity).map_err(|_| wrong())?;
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = ctx.services().commands.identity.unlink_provider(&request, identity).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(ProviderUnlinkPayload { unlinked: value.is_some(), errors, stale })
    }
}
