//! The library's types as we need them, and how it gets to providers: by our own client, which follows no redirects, and looks at each
//! address that it connects to.

use std::{future::Future, pin::Pin};

use openidconnect::{
    AdditionalProviderMetadata, AsyncHttpClient, AuthType, ClientId, ClientSecret, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IdTokenFields, IdTokenVerifier, ProviderMetadata, RedirectUrl, StandardErrorResponse,
    StandardTokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim,
        CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
        CoreResponseMode, CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse, CoreSubjectIdentifierType,
        CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use orchestrator_kubernetes::{Unreachable, guard::Courier};
use reqwest::Url;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::{Refusal, claims::Claims};
use crate::config::Party;

/// Bytes of an answer at the most.
const LONGEST: usize = 512 * 1024;

pub(super) type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;
type Fields = IdTokenFields<Claims, EmptyExtraTokenFields, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
pub(super) type IdToken = openidconnect::IdToken<Claims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
pub(super) type Verifier = IdTokenVerifier<'static, CoreJsonWebKey>;
pub(super) type Client = openidconnect::Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What a provider says of itself beyond the library's list.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct More {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for More {}

impl More {
    /// Whether its answers say that they are its own (RFC 9207).
    pub(super) const fn says_who_answers(&self) -> bool {
        self.authorization_response_iss_parameter_supported
    }
}

/// Us, to a provider.
pub(super) fn client(party: &Party, metadata: &Metadata, redirect: RedirectUrl) -> Client {
    let secret = party.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
    let client = Client::from_provider_metadata(metadata.clone(), ClientId::new(party.client_id.clone()), secret);
    let ways = metadata.token_endpoint_auth_methods_supported();
    let takes = |way: CoreClientAuthMethod| ways.is_none_or(|ways| ways.contains(&way));
    let in_body = !takes(CoreClientAuthMethod::ClientSecretBasic) && takes(CoreClientAuthMethod::ClientSecretPost);
    let client = client.set_redirect_uri(redirect);
    if in_body { client.set_auth_type(AuthType::RequestBody) } else { client }
}

/// The way to a provider.
pub(super) struct Http {
    courier: Courier,
    allow_loopback: bool,
}

impl Http {
    pub(super) const fn new(courier: Courier, allow_loopback: bool) -> Self {
        Self { courier, allow_loopback }
    }

    /// Whether people, and codes and tokens, go where nobody listens.
    pub(super) fn check(&self, metadata: &Metadata) -> Result<(), Refusal> {
        let token = metadata.token_endpoint().ok_or_else(|| Refusal::Untrusted("it has no token endpoint".into()))?;
        let urls = [
            Some(metadata.authorization_endpoint().url()),
            Some(token.url()),
            metadata.userinfo_endpoint().map(openidconnect::UserInfoUrl::url),
        ];
        let is_safe = |url: &Url| match url.host() {
            _ if url.scheme() == "https" => true,
            Some(reqwest_host) if url.scheme() == "http" && self.allow_loopback => is_loopback(&reqwest_host.to_string()),
            Some(_) | None => false,
        };
        if urls.into_iter().flatten().all(is_safe) {
            return Ok(());
        }
        Err(Refusal::Untrusted("one of its endpoints is not https://".into()))
    }
}

fn is_loopback(host: &str) -> bool {
    host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Why there is no answer that is the provider's word.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unanswered {
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// The library would take what comes with it for a lie.
    #[error("it answers with status {0}")]
    Failing(u16),
    /// It turns us down, and not in the words that it would tell us by why: it may be set up for another secret, or another address.
    #[error("it answers with status {0} and does not say why; look at what it and we have of client id, secret and addresses")]
    Refusing(u16),
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Unanswered;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Unanswered>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async {
            let answer = self.courier.exchange(request, LONGEST).await?;
            let status = answer.status();
            match status.as_u16() {
                failing if status.is_server_error() => Err(Unanswered::Failing(failing)),
                refusing if status.is_client_error() && !says_why(answer.body()) => Err(Unanswered::Refusing(refusing)),
                _ => Ok(answer),
            }
        })
    }
}

/// Whether it is an error as OAuth has them (RFC 6749, section 5.2).
fn says_why(body: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(body).is_ok_and(|body| body["error"].is_string())
}

#[cfg(test)]
mod tests;
