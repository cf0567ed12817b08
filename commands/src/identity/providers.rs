//! Signing in with a provider (`OpenID` Connect), as far as it is ours: what is remembered while somebody is there, and what becomes of who
//! comes back. How providers are talked to, the binary knows.
//!
//! Whoever goes to a provider leaves half of what brings them back in the vault, under a keyed digest of `state`, and takes the other half
//! along in a cookie. Both are needed to come back, once and within ten minutes: nobody else's answer is taken for theirs.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use data_encoding::BASE64URL_NOPAD;
use domain::{
    identity::{AnyRole, IdentityRejection as Rejection, ProviderName},
    kernel::{AccountId, SignInId, Timestamp},
};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{Begun, Identity};
use crate::{Accepted, Fault, Outcome, Request};

/// How long somebody may take at a provider.
const AWAY: TimeDelta = TimeDelta::minutes(10);
/// How long what they bring back is good.
const CODE: TimeDelta = TimeDelta::minutes(2);
const FLOW: &str = "provider-flow";
const TICKET: &str = "provider-ticket";
const EXCHANGE: &str = "provider-code";

/// A provider that people sign in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    pub name: ProviderName,
    /// What people read on the button.
    pub label: String,
}

/// What somebody wants who goes to a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Errand {
    /// To be signed in in this browser.
    Browser,
    /// A code that a program trades for tokens.
    Program,
    /// A code that links the account of a sign-in.
    Link { account: AccountId, sign_in: SignInId },
}

/// Somebody who goes to a provider. All of it is for this way there and back.
pub struct Departure {
    /// Goes to the provider and comes back.
    pub state: SecretString,
    /// Stays in the browser.
    pub browser: SecretString,
    /// Comes back signed.
    pub nonce: SecretString,
    /// Of which the provider gets the digest first (RFC 7636).
    pub verifier: SecretString,
    pub errand: Errand,
    pub lifetime: TimeDelta,
}

/// Somebody who came back, and what they left.
pub struct Return {
    pub provider: ProviderName,
    pub nonce: SecretString,
    pub verifier: SecretString,
    pub errand: Errand,
}

/// A person as a provider knows them.
#[derive(Clone, Serialize, Deserialize)]
pub struct Person {
    pub provider: ProviderName,
    pub issuer: String,
    /// The issuer's name for them, which never becomes another's.
    pub subject: String,
    pub email: Option<String>,
    pub email_verified: bool,
    pub name: Option<String>,
    /// When they last showed there who they are, if that is told.
    pub shown_at: Option<Timestamp>,
    /// More than one factor was shown there, and the operator trusts that.
    pub second_factor: bool,
    /// What the operator's configuration gives them.
    pub roles: BTreeSet<AnyRole>,
}

/// What somebody gets who came back.
pub enum Arrived {
    Begun(Begun),
    /// For `signInWithProvider`, or `providerLink`.
    Code(ExchangeCode),
}

/// What is traded once.
pub struct ExchangeCode {
    pub code: SecretString,
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Flow {
    provider: ProviderName,
    errand: Errand,
    /// A digest of what stays in the browser.
    browser: [u8; 32],
    nonce: String,
    verifier: String,
}

#[derive(Serialize, Deserialize)]
struct Ticket {
    provider: ProviderName,
    account: AccountId,
    sign_in: SignInId,
}

/// What a code stands for.
#[derive(Serialize, Deserialize)]
struct Exchange {
    person: Person,
    /// Whose sign-in may use it; absent where it signs in.
    link: Option<(AccountId, SignInId)>,
}

impl Identity {
    /// The same, with providers that people sign in with.
    #[must_use]
    pub fn with_providers(self, providers: Vec<Provider>) -> Self {
        Self { providers: providers.into(), ..self }
    }

    /// The providers that people sign in with.
    #[must_use]
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    pub(super) fn provider(&self, name: &str) -> Result<&Provider, Rejection> {
        self.providers.iter().find(|provider| provider.name.as_str() == name).ok_or(Rejection::ProviderNotFound)
    }

    /// Lets somebody go to a provider. `ticket` is of [`Self::begin_link`], and gone after this.
    ///
    /// # Errors
    /// A fault; a provider that is none and a ticket that is not good are rejections.
    pub async fn depart(&self, provider: &str, program: bool, ticket: Option<&str>) -> Result<Result<Departure, Rejection>, Fault> {
        let provider = match self.provider(provider) {
            Ok(provider) => provider.name.clone(),
            Err(rejection) => return Ok(Err(rejection)),
        };
        let errand = match ticket {
            None if program => Errand::Program,
            None => Errand::Browser,
            Some(ticket) => match self.taken::<Ticket>(TICKET, ticket).await? {
                Some(ticket) if ticket.provider == provider => Errand::Link { account: ticket.account, sign_in: ticket.sign_in },
                Some(_) | None => return Ok(Err(Rejection::ProviderCodeInvalid)),
            },
        };
        let (browser, nonce, verifier) = (secret(), secret(), secret());
        let digest = self.dispatcher.vault().blind("provider-browser", browser.expose_secret()).await?;
        let flow = Flow {
            provider,
            errand,
            browser: digest,
            nonce: nonce.expose_secret().to_owned(),
            verifier: verifier.expose_secret().to_owned(),
        };
        let state = self.keep(FLOW, &flow, AWAY).await?;
        Ok(Ok(Departure { state, browser, nonce, verifier, errand, lifetime: AWAY }))
    }

    /// Who came back with this, once. None: nobody whom we sent there from this browser, not to this provider, or too long ago.
    ///
    /// # Errors
    /// A fault.
    pub async fn come_back(&self, provider: &str, state: &str, browser: &str) -> Result<Option<Return>, Fault> {
        let Some(flow) = self.taken::<Flow>(FLOW, state).await? else { return Ok(None) };
        let digest = self.dispatcher.vault().blind("provider-browser", browser).await?;
        let Flow { provider: of, errand, browser, nonce, verifier } = flow;
        // Both are digests under a key that nobody knows: how long comparing them takes tells nothing.
        let is_theirs = digest == browser && of.as_str() == provider;
        Ok(is_theirs.then(|| Return { provider: of, nonce: nonce.into(), verifier: verifier.into(), errand }))
    }

    /// Does what somebody went to a provider for, as who they are known to be there.
    ///
    /// # Errors
    /// A fault; who may not sign in is a rejection.
    pub async fn arrive(&self, request: &Request, errand: Errand, person: Person) -> Result<Outcome<Arrived, Rejection>, Fault> {
        let link = match errand {
            Errand::Browser => {
                return Ok(match self.sign_in_by_provider(request, person).await? {
                    Outcome::Accepted(Accepted { value, position }) => {
                        Outcome::Accepted(Accepted { value: Arrived::Begun(value), position })
                    }
                    Outcome::Rejected(rejection) => Outcome::Rejected(rejection),
                });
            }
            Errand::Program => None,
            Errand::Link { account, sign_in } => Some((account, sign_in)),
        };
        let expires_at = self.now() + CODE;
        let code = self.keep(EXCHANGE, &Exchange { person, link }, CODE).await?;
        let value = Arrived::Code(ExchangeCode { code, expires_at });
        Ok(Outcome::Accepted(Accepted { value, position: journal::Position(0) }))
    }

    /// Signs in with what a provider sent somebody back with, or asks for a code of the second factor. It is good once.
    ///
    /// # Errors
    /// A fault; a code that is not good and who may not sign in are rejections.
    pub async fn sign_in_with_provider(&self, request: &Request, code: &SecretString) -> Result<Outcome<Begun, Rejection>, Fault> {
        match self.taken::<Exchange>(EXCHANGE, code.expose_secret()).await? {
            Some(Exchange { person, link: None }) => self.sign_in_by_provider(request, person).await,
            Some(Exchange { link: Some(_), .. }) | None => Ok(Outcome::Rejected(Rejection::ProviderCodeInvalid)),
        }
    }

    /// Whom a code is for to be linked with, of whoever began that.
    pub(super) async fn to_link(&self, code: &SecretString, account: AccountId, sign_in: SignInId) -> Result<Option<Person>, Fault> {
        let exchange = self.taken::<Exchange>(EXCHANGE, code.expose_secret()).await?;
        Ok(exchange.filter(|exchange| exchange.link == Some((account, sign_in))).map(|exchange| exchange.person))
    }

    pub(super) async fn ticket(&self, provider: ProviderName, account: AccountId, sign_in: SignInId) -> Result<ExchangeCode, Fault> {
        let code = self.keep(TICKET, &Ticket { provider, account, sign_in }, CODE).await?;
        Ok(ExchangeCode { code, expires_at: self.now() + CODE })
    }

    /// The stream in which a person at a provider is claimed: a keyed digest, so that the id does not tell who it is.
    pub(super) async fn claim_at(&self, person: &Person) -> Result<Uuid, Fault> {
        // No issuer has a line break in it.
        let named = format!("{}\n{}", person.issuer, person.subject);
        self.dispatcher.claim("provider-identity", &named).await
    }

    /// Keeps something for whoever comes with what this gives.
    pub(super) async fn keep(&self, purpose: &str, value: &impl Serialize, lifetime: TimeDelta) -> Result<SecretString, Fault> {
        let (secret, vault) = (secret(), self.dispatcher.vault());
        let key = vault.blind(purpose, secret.expose_secret()).await?;
        let value = SecretSlice::from(serde_json::to_vec(value)?);
        vault.passing_keep(&key, value.expose_secret(), self.now() + lifetime).await?;
        Ok(secret)
    }

    /// What is kept for whoever comes with this, once.
    pub(super) async fn taken<T: DeserializeOwned>(&self, purpose: &str, secret: &str) -> Result<Option<T>, Fault> {
        let vault = self.dispatcher.vault();
        let kept = vault.passing_take(&vault.blind(purpose, secret).await?, self.now()).await?;
        Ok(kept.map(|bytes| serde_json::from_slice(bytes.expose_secret())).transpose()?)
    }
}

/// 256 random bits.
fn secret() -> SecretString {
    BASE64URL_NOPAD.encode(&rand::random::<[u8; 32]>()).into()
}
