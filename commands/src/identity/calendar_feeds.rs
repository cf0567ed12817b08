//! Private links by which a calendar program follows what somebody is registered for.
//!
//! A link has `nlb_cal_` and 256 random bits in base64url, made and kept as [all tokens of programs](super::program_tokens) are, with a
//! digest of its own kind: such a token opens the calendar and nothing else, and no other token opens the calendar. It has no scope, is
//! listed among the person's tokens, and is revoked and judged as they are.

use chrono::TimeDelta;
use domain::{
    identity::{IdentityRejection as Rejection, Scopes, TokenName},
    kernel::{AccessTokenId, AccountId, Personal},
};
use secrecy::{ExposeSecret, SecretString};

use super::{
    CreatedAccessToken, Identity,
    program_tokens::{InStead, Kind},
};
use crate::{Fault, Outcome, Request, authorization::acts, streams::Age};

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
        let new = InStead { account, name, scopes: Scopes::none(), expires_at: self.dispatcher.now() + LIFETIME };
        self.issue_in_stead(request, acts::CALENDAR_FEED_CREATE, Kind::Calendar, new).await
    }

    /// Whose calendar a link opens; none if it is good for nothing, or not any more.
    ///
    /// # Errors
    /// The vault or the journal could not be read.
    pub async fn by_calendar_feed(&self, token: &SecretString) -> Result<Option<AccountId>, Fault> {
        if Kind::of(token.expose_secret()) != Some(Kind::Calendar) {
            return Ok(None);
        }
        let digest = self.digest_of(Kind::Calendar, token).await?;
        let Some(family) = self.dispatcher.vault().refresh_find(&digest).await? else { return Ok(None) };
        Ok(self.good(Age::Current, AccessTokenId(family.sign_in)).await?.map(|good| good.account))
    }
}
