//! Tokens that programs come with in a person's stead (OWASP ASVS 5.0, 7.2.3).
//!
//! A token is `nlb_pat_` and 256 random bits in base64url, made and kept as [all of programs](super::program_tokens) are. The vault keeps
//! by the hour when it was last used.

use std::{collections::BTreeMap, net::IpAddr};

use chrono::TimeDelta;
use domain::{
    identity::{
        IdentityRejection as Rejection, Scopes, Standing, TokenName,
        access_token::{AccessToken, AccessTokenCommand},
        account::Account,
    },
    kernel::{AccessTokenId, AccountId, Personal, ServiceAccountId, SignInId, Timestamp},
};
use journal::vault::Rotation;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::{
    Identity,
    program_tokens::{Good, InStead, Kind, KnownToken},
};
use crate::{Actor, Fault, Outcome, Request, authorization::acts, dispatch::Operation, streams::Age};

/// How exactly it is kept when a token was last used.
const USED_WITHIN: TimeDelta = TimeDelta::hours(1);

/// What a program is to come with.
pub struct NewAccessToken {
    pub name: String,
    /// Names of permissions.
    pub scopes: Vec<String>,
    pub expires_at: Timestamp,
}

/// A token, shown once.
pub struct CreatedAccessToken {
    pub id: AccessTokenId,
    pub token: SecretString,
}

impl Identity {
    /// Makes a token for programs of whoever asks in person, and has shown who they are.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`], [`Fault::StepUpRequired`], or another fault.
    pub async fn create_access_token(
        &self,
        request: &Request,
        new: NewAccessToken,
    ) -> Result<Outcome<CreatedAccessToken, Rejection>, Fault> {
        let (account, _) = request.in_person()?;
        self.dispatcher.permits(request, &acts::ACCESS_TOKEN_CREATE).await?;
        let (name, scopes) = match (TokenName::try_new(&new.name), Scopes::try_new(new.scopes.iter().map(String::as_str))) {
            (Ok(name), Ok(scopes)) => (name, scopes),
            (Err(rejection), _) | (_, Err(rejection)) => return Ok(Outcome::Rejected(rejection)),
        };
        let new = InStead { account, name: Personal::new(account, name), scopes, expires_at: new.expires_at };
        self.issue_in_stead(request, acts::ACCESS_TOKEN_CREATE, Kind::InStead, new).await
    }

    /// Makes a token of one's own worth nothing. That of another person is not there.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`], or another fault.
    pub async fn revoke_access_token(&self, request: &Request, token: AccessTokenId) -> Result<Outcome<(), Rejection>, Fault> {
        let (by, _) = request.in_person()?;
        let operation = Operation::new(acts::ACCESS_TOKEN_REVOKE, json!({ "token": token }));
        let outcome =
            self.dispatcher.command::<AccessToken>(request, operation, token.into(), || AccessTokenCommand::Revoke { by }).await?;
        if matches!(outcome, Outcome::Accepted(_)) {
            self.dispatcher.vault().refresh_revoke(token.into()).await?;
        }
        Ok(outcome)
    }

    /// The earliest epoch of an account of which tokens are worth anything.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn programs_since(&self, account: AccountId) -> Result<u32, Fault> {
        Ok(self.dispatcher.state::<Account>(account.into()).await?.programs_since())
    }

    /// Whether it has the form of a token for programs, whatever it is worth.
    #[must_use]
    pub fn is_access_token(token: &str) -> bool {
        matches!(Kind::of(token), Some(Kind::InStead | Kind::Service))
    }

    /// Which program comes from an address, in whose stead, and until when; none if the token is good for nothing. That it was used is kept.
    ///
    /// # Errors
    /// The vault or the journal could not be read.
    pub async fn by_access_token(&self, token: &SecretString, from: Option<IpAddr>) -> Result<Option<(Actor, Timestamp)>, Fault> {
        let (vault, now) = (self.dispatcher.vault(), self.dispatcher.now());
        let Some(kind) = Kind::of(token.expose_secret()) else { return Ok(None) };
        let digest = self.digest_of(kind, token).await?;
        if let Some(known) = self.known_tokens.get(&digest).filter(|known| now - known.used_at < USED_WITHIN) {
            return self.worth(kind, known.id, from).await;
        }
        let Some(family) = vault.refresh_find(&digest).await? else { return Ok(None) };
        let Some(worth) = self.worth(kind, family.sign_in, from).await? else { return Ok(None) };
        let mut used_at = family.rotated_at.unwrap_or(now);
        if family.rotated_at.is_none() || now - used_at >= USED_WITHIN {
            // If another request was first, it has kept the same.
            let used = Rotation { expected: family.generation, token_hash: &digest, at: now, expires_at: family.expires_at };
            vault.refresh_rotate(family.sign_in, used).await?;
            used_at = now;
        }
        self.known_tokens.insert(digest, KnownToken { id: family.sign_in, used_at });
        Ok(Some(worth))
    }

    async fn worth(&self, kind: Kind, id: Uuid, from: Option<IpAddr>) -> Result<Option<(Actor, Timestamp)>, Fault> {
        match kind {
            Kind::InStead => self.in_stead(Age::Recent, AccessTokenId(id), from).await,
            Kind::Service => self.service(Age::Recent, ServiceAccountId(id), from).await,
            Kind::Calendar => Ok(None),
        }
    }

    /// The same actor with what they may by now, from an address; none once their sign-in or token is worth nothing.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn renewed(&self, actor: &Actor, from: Option<IpAddr>) -> Result<Option<Actor>, Fault> {
        self.renewed_within(Age::Current, actor, from).await
    }

    /// The same from what this node knows, as at each request: what others have recorded is felt a second later at the latest, and what
    /// ends with the time at once.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn renewed_lately(&self, actor: &Actor, from: Option<IpAddr>) -> Result<Option<Actor>, Fault> {
        self.renewed_within(Age::Recent, actor, from).await
    }

    async fn renewed_within(&self, age: Age, actor: &Actor, from: Option<IpAddr>) -> Result<Option<Actor>, Fault> {
        match actor {
            Actor::Account { account, sign_in, scopes: None, .. } | Actor::Enrolling { account, sign_in, scopes: None } => {
                self.by_sign_in_within(age, *account, *sign_in, from).await
            }
            Actor::Account { sign_in, scopes: Some(_), .. } | Actor::Enrolling { sign_in, scopes: Some(_), .. } => {
                Ok(self.in_stead(age, AccessTokenId(sign_in.0), from).await?.map(|(actor, _)| actor))
            }
            Actor::Service { service, .. } => Ok(self.service(age, *service, from).await?.map(|(actor, _)| actor)),
            Actor::Anonymous | Actor::System(_) => Ok(Some(actor.clone())),
        }
    }

    async fn in_stead(&self, age: Age, token: AccessTokenId, from: Option<IpAddr>) -> Result<Option<(Actor, Timestamp)>, Fault> {
        let Some(Good { account, grants, scopes, expires_at }) = self.good(age, token).await? else { return Ok(None) };
        let Standing { permissions, elsewhere, second_factor } = self.permitted(age, &grants, from).await?;
        let (sign_in, scopes) = (SignInId(token.0), Some(scopes));
        let actor = if second_factor && !self.has_more_than_a_password(age, account).await? {
            Actor::Enrolling { account, sign_in, scopes }
        } else {
            // What is held within communities is for who comes in person.
            Actor::Account { account, sign_in, permissions, elsewhere, within: BTreeMap::new(), scopes }
        };
        Ok(Some((actor, expires_at)))
    }
}
