//! Who comes by a provider: an account that is linked with them is signed in to, and a stranger has one opened. An account that merely has
//! the same address is nobody's to take: its owner signs in and links it.

use domain::{
    identity::{
        DisplayName, Email, IdentityRejection as Rejection, Method, account::Account, email_claim::EmailClaim,
        provider_claim::ProviderClaim, sign_in::Proof, ways_in::Link,
    },
    kernel::{AccountId, Timestamp},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    Begun, Identity,
    accounts::{Arrival, Opened},
    providers::Person,
    sign_ins::Opening,
};
use crate::{Accepted, Fault, Outcome, Request, authorization::acts, dispatch::Operation};

impl Identity {
    /// Signs in to the account that is linked with somebody at a provider, or opens one.
    pub(super) async fn sign_in_by_provider(&self, request: &Request, person: Person) -> Result<Outcome<Begun, Rejection>, Fault> {
        let identity = self.claim_at(&person).await?;
        let account = match self.dispatcher.state::<ProviderClaim>(identity).await? {
            // Whoever was unlinked while they were away comes no more.
            ProviderClaim::Held { account } if !self.ways_in(account).await?.has(identity) => {
                return Ok(Outcome::Rejected(Rejection::LinkRequired));
            }
            ProviderClaim::Held { account } => account,
            ProviderClaim::Free => match self.open_for(request, identity, &person).await? {
                Outcome::Accepted(Accepted { value, .. }) => value,
                Outcome::Rejected(rejection) => return Ok(Outcome::Rejected(rejection)),
            },
        };
        self.map_roles(account, identity, &person.roles).await?;
        let Account::Open { epoch, .. } = self.dispatcher.state::<Account>(account.into()).await? else {
            return Ok(Outcome::Rejected(Rejection::CredentialsWrong));
        };
        let method = Method::Provider(person.provider);
        if !person.second_factor && self.has_second_factor(account).await? {
            return self.challenge(account, epoch, &method).await;
        }
        let proof = self.proof_of(person.shown_at, person.second_factor);
        let opening = Opening { account, epoch, code: None, method, proof };
        Ok(match self.open_sign_in(request, opening).await? {
            Outcome::Accepted(Accepted { value, position }) => Outcome::Accepted(Accepted { value: Begun::SignedIn(value), position }),
            Outcome::Rejected(rejection) => Outcome::Rejected(rejection),
        })
    }

    /// What it proves that somebody showed a provider who they are at this time. That they are signed in there proves nothing: so is
    /// whoever finds their browser open. A second factor that the provider has seen is kept, however long ago that was.
    fn proof_of(&self, shown_at: Option<Timestamp>, second_factor: bool) -> Option<Proof> {
        let now = self.dispatcher.now();
        let until = shown_at.map_or(now, |shown_at| shown_at.min(now) + self.tokens.step_up_lifetime());
        (now < until || second_factor).then_some(Proof { until, second_factor })
    }

    async fn open_for(&self, request: &Request, identity: Uuid, person: &Person) -> Result<Outcome<AccountId, Rejection>, Fault> {
        let Some(Ok(email)) = person.email.as_deref().map(Email::try_new) else {
            return Ok(Outcome::Rejected(Rejection::EmailNotAllowed));
        };
        let claim = self.claim_of(&email).await?;
        if matches!(self.dispatcher.state::<EmailClaim>(claim).await?, EmailClaim::Held { .. }) {
            return Ok(Outcome::Rejected(Rejection::LinkRequired));
        }
        // Nobody is called by what precedes the @ against their will: they can change it.
        let called = person.name.as_deref().and_then(|name| DisplayName::try_new(name).ok());
        let local = email.as_str().split('@').next().unwrap_or_default();
        let Some(display_name) = called.or_else(|| DisplayName::try_new(local).ok()) else {
            return Ok(Outcome::Rejected(Rejection::DisplayNameInvalid));
        };
        // Of a password that nobody knows.
        let hash = self.passwords.hash(format!("{}{}", Uuid::new_v4(), Uuid::new_v4()).into()).await?;
        let asked_in = (!person.email_verified).then(|| request.language.unwrap_or_default());
        let link = Link { identity, provider: person.provider.clone(), shown: None };
        let arrival = Arrival { link, vouched: person.email_verified };
        let opened = Opened { email, claim, display_name, hash, roles: [].into(), asked_in, arrival: Some(arrival) };
        let operation = Operation::new(acts::ACCOUNT_REGISTER, json!({ "claim": claim, "identity": identity }));
        let asked = Request { key: None, ..request.clone() };
        Ok(match self.open_account(&asked, operation, opened).await? {
            // Somebody else was first with the address.
            Outcome::Rejected(Rejection::EmailTaken) => Outcome::Rejected(Rejection::LinkRequired),
            outcome => outcome,
        })
    }
}
