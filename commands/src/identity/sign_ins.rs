//! Signing in and out, and refreshing tokens.

use domain::{
    identity::{
        Email, IdentityRejection as Rejection,
        account::Account,
        email_claim::EmailClaim,
        sign_in::{SignIn, SignInCommand},
    },
    kernel::{AccountId, SignInId, Timestamp},
};
use journal::Position;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::{
    Identity,
    tokens::{self, TokenError, Verified},
};
use crate::{Accepted, Actor, Fault, Outcome, Request, dispatch::Operation};

/// What somebody gets who signed in. The tokens are shown once and kept nowhere in the clear.
pub struct SignedIn {
    pub account: AccountId,
    pub sign_in: SignInId,
    pub access_token: SecretString,
    pub access_expires_at: Timestamp,
    pub refresh_token: SecretString,
    pub refresh_expires_at: Timestamp,
}

impl Identity {
    /// Signs in. An unknown address and a wrong password are answered alike, after the same work.
    ///
    /// # Errors
    /// A fault; wrong credentials are a rejection.
    pub async fn sign_in(&self, request: &Request, email: &str, password: SecretString) -> Result<Outcome<SignedIn, Rejection>, Fault> {
        let known = match Email::try_new(email) {
            Ok(email) => self.credentials(&email).await?,
            Err(_) => None,
        };
        let (account, hash) = known.unzip();
        let matches = self.passwords.verify(password, hash).await?;
        let Some(account) = account.filter(|_| matches) else {
            return Ok(Outcome::Rejected(Rejection::CredentialsWrong));
        };
        let sign_in = SignInId(Uuid::now_v7());
        let operation = Operation { subject: Some(account), ..Operation::new("signIn", json!({ "account": account })) };
        let asked = Request { key: None, actor: Actor::Account { account, sign_in, roles: [].into() }, ..request.clone() };
        match self.dispatcher.command::<SignIn>(&asked, operation, sign_in.into(), || SignInCommand::Open { account }).await? {
            Outcome::Accepted(accepted) => self.hand_out(account, sign_in, accepted.position).await,
            Outcome::Rejected(rejection) => Ok(Outcome::Rejected(rejection)),
        }
    }

    /// Trades a refresh token for a new pair. The old one is used up.
    ///
    /// # Errors
    /// A fault; a token that is unknown, used or expired is a rejection.
    pub async fn refresh(&self, token: &SecretString) -> Result<Outcome<SignedIn, Rejection>, Fault> {
        let refused = Ok(Outcome::Rejected(Rejection::RefreshTokenInvalid));
        let (used, now) = (tokens::digest(token.expose_secret()), self.dispatcher.now());
        let Some((sign_in, expires_at)) = self.dispatcher.vault().refresh_find(&used).await? else { return refused };
        let SignIn::Open { account } = self.dispatcher.state::<SignIn>(sign_in).await? else { return refused };
        // Who was erased has open sign-ins that are worth nothing.
        let Account::Open { .. } = self.dispatcher.state::<Account>(account.into()).await? else { return refused };
        if expires_at <= now {
            return refused;
        }
        let (fresh, refresh_expires_at) = self.tokens.refresh(now);
        if !self.dispatcher.vault().refresh_rotate(sign_in, &used, &fresh.digest, refresh_expires_at).await? {
            return refused; // Somebody else used it just now.
        }
        let sign_in = SignInId(sign_in);
        let (access_token, access_expires_at) = self.tokens.access(account, sign_in, now)?;
        let value = SignedIn { account, sign_in, access_token, access_expires_at, refresh_token: fresh.token, refresh_expires_at };
        Ok(Outcome::Accepted(Accepted { value, position: Position(0) }))
    }

    /// Ends the sign-in the request came by: its tokens are worth nothing from now on.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], or another fault.
    pub async fn sign_out(&self, request: &Request) -> Result<Outcome<(), Rejection>, Fault> {
        let Actor::Account { sign_in, .. } = request.actor else { return Err(Fault::Unauthenticated) };
        self.dispatcher.vault().refresh_revoke(sign_in.into()).await?;
        let operation = Operation::new("signOut", json!({ "signIn": sign_in }));
        self.dispatcher.command::<SignIn>(request, operation, sign_in.into(), || SignInCommand::Close).await
    }

    /// Whom an access token stands for. Whether the sign-in is still open is for the caller to look up.
    ///
    /// # Errors
    /// The token is expired or not ours.
    pub fn verify(&self, access_token: &str) -> Result<Verified, TokenError> {
        self.tokens.verify(access_token)
    }

    async fn credentials(&self, email: &Email) -> Result<Option<(AccountId, String)>, Fault> {
        let EmailClaim::Held { account } = self.dispatcher.state::<EmailClaim>(self.claim_of(email).await?).await? else { return Ok(None) };
        let Account::Open { password, .. } = self.dispatcher.state::<Account>(account.into()).await? else { return Ok(None) };
        Ok(self.open(&password).await?.map(|hash| (account, hash)))
    }

    async fn hand_out(&self, account: AccountId, sign_in: SignInId, position: Position) -> Result<Outcome<SignedIn, Rejection>, Fault> {
        let now = self.dispatcher.now();
        let (access_token, access_expires_at) = self.tokens.access(account, sign_in, now)?;
        let (refresh, refresh_expires_at) = self.tokens.refresh(now);
        self.dispatcher.vault().refresh_issue(sign_in.into(), &refresh.digest, refresh_expires_at).await?;
        let value = SignedIn { account, sign_in, access_token, access_expires_at, refresh_token: refresh.token, refresh_expires_at };
        Ok(Outcome::Accepted(Accepted { value, position }))
    }
}
