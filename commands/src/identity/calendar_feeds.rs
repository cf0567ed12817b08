//! Private links by which a calendar program follows what somebody is registered for.
//!
//! A link has `nlb_cal_` and 256 random bits in base64url, which are kept and looked up as [tokens in a person's
//! stead](super::access_tokens) are, by a digest of their own kind: such a token opens the calendar and nothing else, and no other token
//! opens the calendar. It has no scope, is listed among the person's tokens, and is revoked as they are.

use chrono::TimeDelta;
use domain::{
    identity::{
        IdentityRejection as Rejection, Scopes, TokenName,
        access_token::{AccessToken, AccessTokenCommand},
        account::Account,
    },
    kernel::{AccessTokenId, AccountId, Personal},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::{CreatedAccessToken, Identity, access_tokens};
use crate::{Accepted, Fault, Outcome, Request, authorization::acts, dispatch::Operation};

const PREFIX: &str = "nlb_cal_";
/// What it is listed by.
const NAME: &str = "Calendar";
/// How long a link is good.
const LIFETIME: TimeDelta = TimeDelta::days(365);

impl Identity {
    /// Makes a private link to the calendar of whoever asks in person. Links that there are stay.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], [`Fault::Forbidden`], or another fault.
    pub async fn create_calendar_feed(&self, request: &Request) -> Result<Outcome<CreatedAccessToken, Rejection>, Fault> {
        let (account, _) = request.in_person()?;
        let name = match TokenName::try_new(NAME) {
            Ok(name) => Personal::new(account, name),
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let (id, token) = (AccessTokenId(Uuid::now_v7()), access_tokens::token(PREFIX));
        let expires_at = self.dispatcher.now() + LIFETIME;
        let Account::Open { epoch, .. } = self.dispatcher.state::<Account>(account.into()).await? else {
            return Err(Fault::Unauthenticated);
        };
        let create = || AccessTokenCommand::Create { account, name: name.clone(), scopes: Scopes::none(), expires_at, epoch };
        // Without a receipt: what is shown once is not answered again.
        let asked = Request { key: None, ..request.clone() };
        let operation = Operation::new(acts::CALENDAR_FEED_CREATE, json!({ "account": account }));
        match self.dispatcher.command::<AccessToken>(&asked, operation, id.into(), create).await? {
            Outcome::Accepted(Accepted { position, .. }) => {
                let digest = self.feed_digest(&token).await?;
                self.dispatcher.vault().refresh_issue(id.into(), &digest, expires_at).await?;
                Ok(Outcome::Accepted(Accepted { value: CreatedAccessToken { id, token }, position }))
            }
            Outcome::Rejected(rejection) => Ok(Outcome::Rejected(rejection)),
        }
    }

    /// Whose calendar a link opens; none if it is good for nothing, or not any more.
    ///
    /// # Errors
    /// The vault or the journal could not be read.
    pub async fn by_calendar_feed(&self, token: &SecretString) -> Result<Option<AccountId>, Fault> {
        if !token.expose_secret().starts_with(PREFIX) {
            return Ok(None);
        }
        let digest = self.feed_digest(token).await?;
        let Some(family) = self.dispatcher.vault().refresh_find(&digest).await? else { return Ok(None) };
        let AccessToken::Live { account, expires_at, epoch, .. } = self.dispatcher.state::<AccessToken>(family.sign_in).await? else {
            return Ok(None);
        };
        let owner = self.dispatcher.state::<Account>(account.into()).await?;
        let Account::Open { suspended: false, .. } = owner else { return Ok(None) };
        let is_good = self.dispatcher.now() < expires_at && epoch.unwrap_or_default() >= owner.programs_since();
        Ok(is_good.then_some(account))
    }

    async fn feed_digest(&self, token: &SecretString) -> Result<[u8; 32], Fault> {
        Ok(self.dispatcher.vault().blind("calendar-feed", token.expose_secret()).await?)
    }
}
