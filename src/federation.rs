//! Talks to providers that people sign in with, as `OpenID` Connect Core and Discovery have it: the code flow with PKCE (RFC 7636), `state`,
//! `nonce`, and `iss` in the answer (RFC 9207). What becomes of who comes back is decided in `commands`.

mod claims;
mod client;
mod keeping;
mod refusal;

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use commands::identity::{Departure, Person, Provider, Return};
use domain::identity::ProviderName;
use openidconnect::{
    AccessTokenHash, AuthenticationFlow, AuthorizationCode, CsrfToken, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, TokenResponse,
    core::{CoreAuthPrompt, CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreResponseType},
};
use orchestrator_kubernetes::guard::{AddressPolicy, Courier};
use reqwest::Url;
use secrecy::ExposeSecret;
use tokio::sync::Mutex;

use crate::config::{ConfigError, Party, SignIn};
use claims::{Claims, Facts};
use client::{Http, IdToken, Metadata, Verifier};
use keeping::Kept;
pub(crate) use refusal::Refusal;

/// For each answer of a provider.
const PATIENCE: Duration = Duration::from_secs(10);
/// By how much its clock may differ from ours.
const SKEW: TimeDelta = TimeDelta::seconds(30);
/// What it made out longer ago was not made out for who comes now.
const LONGEST: TimeDelta = TimeDelta::minutes(10);
/// Signatures that are believed: those that a provider alone can make. Never `none`, nor those that whoever has a secret can.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// All providers, and where people go in the end.
pub(crate) struct Federation {
    pub(crate) return_to: Option<Url>,
    parties: BTreeMap<ProviderName, At>,
}

/// A provider.
struct At {
    party: Party,
    redirect: RedirectUrl,
    http: Http,
    kept: Mutex<Kept>,
}

/// What a provider sent somebody back with.
pub(crate) struct Answer<'a> {
    pub(crate) code: &'a str,
    /// Who says so.
    pub(crate) iss: Option<&'a str>,
}

impl Federation {
    /// # Errors
    /// A certificate authority that is none.
    pub(crate) fn try_new(config: SignIn) -> Result<Self, ConfigError> {
        let SignIn { public_url, return_to, allow_loopback, allow_private, providers } = config;
        let addresses = AddressPolicy { allow_loopback, allow_private };
        let at = |party: Party| {
            let wrong = |what: String| ConfigError(format!("sign_in.providers: {}: {what}", party.name.as_str()));
            let authority = party.certificate_authority.as_deref();
            let courier = Courier::new(addresses, authority, PATIENCE).map_err(|error| wrong(error.to_string()))?;
            let redirect = public_url.join(&format!("auth/{}/callback", party.name.as_str())).map_err(|error| wrong(error.to_string()))?;
            let (http, kept) = (Http::new(courier, allow_loopback), Mutex::default());
            Ok((party.name.clone(), At { redirect: RedirectUrl::from_url(redirect), party, http, kept }))
        };
        Ok(Self { return_to, parties: providers.into_iter().map(at).collect::<Result<_, ConfigError>>()? })
    }

    /// As commands know them.
    pub(crate) fn providers(&self) -> Vec<Provider> {
        let provider = |at: &At| Provider { name: at.party.name.clone(), label: at.party.label.clone() };
        self.parties.values().map(provider).collect()
    }

    /// Sees that somebody can go to a provider.
    ///
    /// # Errors
    /// The provider does not answer as it should.
    pub(crate) async fn meet(&self, provider: &str) -> Result<(), Refusal> {
        let at = self.at(provider)?;
        at.kept.lock().await.metadata(&at.http, &at.party.issuer).await.map(drop)
    }

    /// Where somebody goes. `fresh`: they are to show there anew who they are.
    ///
    /// # Errors
    /// The provider does not answer as it should.
    pub(crate) async fn leave(&self, provider: &str, departure: &Departure, fresh: bool) -> Result<Url, Refusal> {
        let at = self.at(provider)?;
        let metadata = at.kept.lock().await.metadata(&at.http, &at.party.issuer).await?;
        let client = at.client(&metadata);
        let (state, nonce) = (departure.state.expose_secret().to_owned(), departure.nonce.expose_secret().to_owned());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier(&departure.verifier));
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let request = client.authorize_url(flow, || CsrfToken::new(state), || Nonce::new(nonce)).set_pkce_challenge(challenge);
        let request = request.add_scopes(at.party.scopes.iter().cloned().map(Scope::new));
        let request = if fresh { request.set_max_age(Duration::ZERO).add_prompt(CoreAuthPrompt::Login) } else { request };
        Ok(request.url().0)
    }

    /// Who somebody is who came back.
    ///
    /// # Errors
    /// The provider does not answer as it should, or not about them.
    pub(crate) async fn arrive(&self, left: &Return, answer: Answer<'_>) -> Result<Person, Refusal> {
        let at = self.at(left.provider.as_str())?;
        let metadata = at.kept.lock().await.metadata(&at.http, &at.party.issuer).await?;
        at.is_of_issuer(&metadata, answer.iss)?;
        let client = at.client(&metadata);
        let code = client.exchange_code(AuthorizationCode::new(answer.code.to_owned())).map_err(|error| Refusal::untrusted(&error))?;
        let token = code.set_pkce_verifier(verifier(&left.verifier)).request_async(&at.http).await.map_err(|error| Refusal::of(&error))?;
        let id_token = token.id_token().ok_or(Refusal::Untrusted("there is no id token".into()))?;
        let nonce = Nonce::new(left.nonce.expose_secret().to_owned());
        let mut keys = metadata.jwks().clone();
        let claims = match id_token.claims(&at.verifier(&keys), &nonce) {
            // It may sign with a key by now that is newer than what we know.
            Err(openidconnect::ClaimsVerificationError::SignatureVerification(_)) => {
                keys = at.kept.lock().await.renewed(&at.http, &at.party.issuer).await?.jwks().clone();
                id_token.claims(&at.verifier(&keys), &nonce)
            }
            claims => claims,
        };
        let claims = claims.map_err(|error| Refusal::untrusted(&error))?;
        if let Some(expected) = claims.access_token_hash() {
            let goes_with = hash(id_token, &at.verifier(&keys), token.access_token())?;
            if goes_with != *expected {
                return Err(Refusal::Untrusted("the id token is of another access token".into()));
            }
        }
        let mut facts = Facts::of_token(claims)?;
        if metadata.userinfo_endpoint().is_some() {
            let subject = Some(claims.subject().clone());
            let asked = client.user_info(token.access_token().clone(), subject).map_err(|error| Refusal::untrusted(&error))?;
            let told = asked.request_async::<Claims, _, _>(&at.http).await.map_err(|error| Refusal::of(&error))?;
            facts.add(Facts::of_user_info(&told)?);
        }
        Ok(facts.person(&at.party))
    }

    fn at(&self, provider: &str) -> Result<&At, Refusal> {
        let found = ProviderName::try_new(provider).ok().and_then(|name| self.parties.get(&name));
        found.ok_or_else(|| Refusal::Unavailable("there is no such provider".into()))
    }
}

impl At {
    /// Of several providers the one that was asked answers, as far as it says who it is (RFC 9207).
    fn is_of_issuer(&self, metadata: &Metadata, iss: Option<&str>) -> Result<(), Refusal> {
        match iss {
            Some(iss) if iss == self.party.issuer => Ok(()),
            Some(_) => Err(Refusal::Untrusted("another issuer has answered".into())),
            None if metadata.additional_metadata().says_who_answers() => {
                Err(Refusal::Untrusted("the answer does not say whose it is".into()))
            }
            None => Ok(()),
        }
    }

    fn client(&self, metadata: &Metadata) -> client::Client {
        client::client(&self.party, metadata, self.redirect.clone())
    }

    fn verifier(&self, keys: &CoreJsonWebKeySet) -> Verifier {
        let issuer = openidconnect::IssuerUrl::new(self.party.issuer.clone()).unwrap_or_else(|_| unreachable!("it was checked"));
        // Of a client without a secret: it is no key for signatures here.
        Verifier::new_public_client(openidconnect::ClientId::new(self.party.client_id.clone()), issuer, keys.clone())
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(|| Utc::now() - SKEW)
            .set_issue_time_verifier_fn(|issued| is_recent(issued, Utc::now()))
    }
}

fn is_recent(issued: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), String> {
    let is_recent = now - LONGEST - SKEW <= issued && issued <= now + SKEW;
    if is_recent { Ok(()) } else { Err("made out too long ago, or in the future".to_owned()) }
}

fn hash(token: &IdToken, verifier: &Verifier, access_token: &openidconnect::AccessToken) -> Result<AccessTokenHash, Refusal> {
    let algorithm = token.signing_alg().map_err(|error| Refusal::untrusted(&error))?;
    let key = token.signing_key(verifier).map_err(|error| Refusal::untrusted(&error))?;
    AccessTokenHash::from_token(access_token, algorithm, key).map_err(|error| Refusal::untrusted(&error))
}

fn verifier(of: &secrecy::SecretString) -> PkceCodeVerifier {
    PkceCodeVerifier::new(of.expose_secret().to_owned())
}

#[cfg(test)]
mod tests;
