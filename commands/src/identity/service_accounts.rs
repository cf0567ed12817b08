//! Programs that do something by themselves: `nlb_svc_` and 256 random bits in base64url, made and kept as
//! [all tokens of programs](super::program_tokens) are.

use std::net::IpAddr;

use domain::{
    identity::{
        IdentityRejection as Rejection, Permissions, Scopes, Standing, TokenName,
        account::Account,
        service_account::{ServiceAccount, ServiceAccountCommand},
    },
    kernel::{ServiceAccountId, Timestamp},
};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::{Identity, NewAccessToken, program_tokens::Kind};
use crate::{Accepted, Actor, Fault, Outcome, Request, authorization::acts, dispatch::Operation, streams::Age};

/// A service account, whose token is shown once.
pub struct CreatedServiceAccount {
    pub id: ServiceAccountId,
    pub token: SecretString,
}

impl Identity {
    /// Makes a service account that may no more than whoever asks in person, and has shown who they are.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`], [`Fault::StepUpRequired`], or another fault.
    pub async fn create_service_account(
        &self,
        request: &Request,
        new: NewAccessToken,
    ) -> Result<Outcome<CreatedServiceAccount, Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::SERVICE_ACCOUNT_CREATE).await?;
        let (creator, _) = request.in_person()?;
        let (name, scopes) = match (TokenName::try_new(&new.name), Scopes::try_new(new.scopes.iter().map(String::as_str))) {
            (Ok(name), Ok(scopes)) => (name, scopes),
            (Err(rejection), _) | (_, Err(rejection)) => return Ok(Outcome::Rejected(rejection)),
        };
        let (id, expires_at) = (ServiceAccountId(Uuid::now_v7()), new.expires_at);
        let held = request.actor.held();
        let create = |epoch| ServiceAccountCommand::Create {
            creator,
            name: name.clone(),
            scopes: scopes.clone(),
            expires_at,
            held: held.clone(),
            epoch,
        };
        let operation = Operation::new(acts::SERVICE_ACCOUNT_CREATE, json!({ "creator": creator }));
        Ok(match self.issue::<ServiceAccount>(request, operation, (Kind::Service, id.into(), expires_at), create).await? {
            Outcome::Accepted(Accepted { value: token, position }) => {
                Outcome::Accepted(Accepted { value: CreatedServiceAccount { id, token }, position })
            }
            Outcome::Rejected(rejection) => Outcome::Rejected(rejection),
        })
    }

    /// Makes a service account's token worth nothing, whoever made it.
    ///
    /// # Errors
    /// A fault, such as a missing permission; one that may more than whoever asks is a rejection.
    pub async fn revoke_service_account(&self, request: &Request, id: ServiceAccountId) -> Result<Outcome<(), Rejection>, Fault> {
        self.dispatcher.permits(request, &acts::SERVICE_ACCOUNT_REVOKE).await?;
        let (by, held) = (request.actor.account(), request.actor.held());
        let operation = Operation::new(acts::SERVICE_ACCOUNT_REVOKE, json!({ "serviceAccount": id }));
        let revoke = || ServiceAccountCommand::Revoke { by, held: held.clone() };
        let outcome = self.dispatcher.command::<ServiceAccount>(request, operation, id.into(), revoke).await?;
        if matches!(outcome, Outcome::Accepted(_)) {
            self.dispatcher.vault().refresh_revoke(id.into()).await?;
        }
        Ok(outcome)
    }

    /// A service account with what it may by now from an address, and until when it is good; none if it is good for nothing. It may what
    /// its creator may by then, as far as that is among its scopes; nothing, if whoever read their address has ended what was made before.
    pub(super) async fn service(&self, age: Age, id: ServiceAccountId, from: Option<IpAddr>) -> Result<Option<(Actor, Timestamp)>, Fault> {
        let live = self.dispatcher.look_within(age, id.into(), ServiceAccount::clone).await?;
        let ServiceAccount::Live { creator, scopes, expires_at, epoch } = live else { return Ok(None) };
        let owner = self.dispatcher.look_within(age, creator.into(), Account::clone).await?;
        let is_good = self.dispatcher.now() < expires_at && epoch.unwrap_or_default() >= owner.programs_since();
        let Account::Open { grants, suspended: false, .. } = owner else { return Ok(None) };
        let Standing { permissions, elsewhere, second_factor } = self.permitted(age, &grants, from).await?;
        if !is_good || (second_factor && !self.has_more_than_a_password(age, creator).await?) {
            return Ok(None);
        }
        let among = |all: Permissions| all.into_iter().filter(|permission| scopes.permit(*permission)).collect();
        let actor = Actor::Service { service: id, creator, permissions: among(permissions), elsewhere: among(elsewhere) };
        Ok(Some((actor, expires_at)))
    }
}
