//! Signing in.

use domain::{
    identity::{
        Email, IdentityRejection as Rejection, Method, UserAgent,
        account::Account,
        email_claim::EmailClaim,
        sign_in::{Device, Proof, SignIn, SignInCommand},
    },
    kernel::{AccountId, Personal, SignInId, Timestamp},
};
use journal::Position;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::{
    Identity, passwords,
    refresh_tokens::RefreshToken,
    second_factor::Code,
    second_step::Begun,
    tokens::{TokenError, Verified},
};
use crate::{
    Accepted, Actor, Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Operation, Transaction},
};

/// What somebody gets who signed in. The tokens are shown once and kept nowhere in the clear.
pub struct SignedIn {
    pub account: AccountId,
    pub sign_in: SignInId,
    pub access_token: SecretString,
    pub access_expires_at: Timestamp,
    pub refresh_token: SecretString,
    pub refresh_expires_at: Timestamp,
}

/// A sign-in that is to be opened.
pub(super) struct Opening {
    pub(super) account: AccountId,
    /// Of before anything was looked at: if everything is signed out meanwhile, so is this.
    pub(super) epoch: u32,
    pub(super) code: Option<Code>,
    pub(super) method: Method,
    /// That it is them, and until when that is good.
    pub(super) proof: Option<Proof>,
}

/// What a password is verified against.
struct Credentials {
    account: AccountId,
    epoch: u32,
    /// The hash as it is kept.
    sealed: Personal<String>,
    hash: SecretString,
}

impl Identity {
    /// Signs in, or asks for a code where there is a second factor. An unknown address and a wrong password are answered alike, after
    /// the same work, and count alike.
    ///
    /// # Errors
    /// A fault; wrong credentials are a rejection.
    pub async fn sign_in(&self, request: &Request, email: &str, password: SecretString) -> Result<Outcome<Begun, Rejection>, Fault> {
        self.sign_in_with(request, email, password, None).await
    }

    /// The same with a code at once, for whoever has a second factor; others need none, and it is not looked at.
    ///
    /// # Errors
    /// As [`Self::sign_in`]; a wrong code is a rejection.
    pub async fn sign_in_with(
        &self,
        request: &Request,
        email: &str,
        password: SecretString,
        code: Option<&str>,
    ) -> Result<Outcome<Begun, Rejection>, Fault> {
        let (mut known, mut a_try) = (None, None);
        if let Ok(email) = Email::try_new(email) {
            let claim = self.claim_of(&email).await?;
            a_try = self.a_try(request, claim).await?;
            if a_try.is_none() {
                return Ok(Outcome::Rejected(Rejection::TooManyTries));
            }
            known = self.credentials(claim).await?;
            if let Some(known) = &known {
                request.traces.about(&known.account);
            }
        }
        let hash = known.as_ref().map(|known| known.hash.clone());
        let matches = self.passwords.verify(password.clone(), hash).await?;
        // Of before the password was looked at: if everything is signed out meanwhile, so is this.
        let Some(Credentials { account, epoch, sealed, hash }) = known.filter(|_| matches) else {
            return Ok(Outcome::Rejected(Rejection::CredentialsWrong));
        };
        if passwords::is_outdated(hash.expose_secret()) {
            self.rehash(request, account, &sealed, password).await;
        }
        // Only the code makes it right: until then it counts.
        let code = match (self.has_second_factor(account).await?, code) {
            (false, _) => None,
            (true, None) => return self.challenge(account, epoch, &Method::Password).await,
            // Nothing was sent to who comes with the password and a code at once.
            (true, Some(code)) => match self.code(account, code, &[]).await? {
                Ok(code) => Some(code),
                Err(rejection) => return Ok(Outcome::Rejected(rejection)),
            },
        };
        let proof = Some(self.proof(code.is_some()));
        let opening = Opening { account, epoch, code, method: Method::Password, proof };
        let Accepted { value, position } = match self.open_sign_in(request, opening).await? {
            Outcome::Accepted(accepted) => accepted,
            Outcome::Rejected(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        if let Some(a_try) = a_try {
            self.succeeded(a_try).await?;
        }
        Ok(Outcome::Accepted(Accepted { value: Begun::SignedIn(value), position }))
    }

    /// Opens a sign-in, and uses a code up in the same append.
    pub(super) async fn open_sign_in(
        &self,
        request: &Request,
        Opening { account, epoch, code, method, proof }: Opening,
    ) -> Result<Outcome<SignedIn, Rejection>, Fault> {
        // Told only to who knows the password.
        if self.is_suspended(account).await? {
            return Ok(Outcome::Rejected(Rejection::Suspended));
        }
        let sign_in = SignInId(Uuid::now_v7());
        let operation = Operation { subject: Some(account), ..Operation::new(acts::SIGN_IN, json!({ "account": account })) };
        let asked = Request { key: None, actor: Actor::person(account, sign_in, [].into()), ..request.clone() };
        let device = Device {
            user_agent: request.user_agent.as_deref().and_then(UserAgent::of).map(|agent| Personal::new(account, agent)),
            address: request.address.clone().map(|address| Personal::new(account, address)),
        };
        let (device, method) = (&device, &method);
        let until = self.dispatcher.now() + self.refresh_tokens.longest;
        let code = &code;
        let open = |transaction: Transaction| async move {
            if let Some(code) = code {
                code.spend(&transaction, account).await?;
            }
            let (device, method) = (device.clone(), Some(method.clone()));
            let open = SignInCommand::Open { account, epoch, device, proof, method, until };
            transaction.decide::<SignIn>(sign_in.into(), open).await.map(drop)
        };
        match self.dispatcher.execute(&asked, operation, open).await? {
            Outcome::Accepted(accepted) => self.hand_out(account, sign_in, accepted.position).await,
            Outcome::Rejected(rejection) => Ok(Outcome::Rejected(rejection)),
        }
    }

    /// Whom an access token stands for. Whether the sign-in is still open is for the caller to look up.
    ///
    /// # Errors
    /// The token is expired or not ours.
    pub fn verify(&self, access_token: &str) -> Result<Verified, TokenError> {
        self.tokens.verify(access_token)
    }

    /// Of the account that has an address.
    async fn credentials(&self, claim: Uuid) -> Result<Option<Credentials>, Fault> {
        let EmailClaim::Held { account } = self.dispatcher.state::<EmailClaim>(claim).await? else { return Ok(None) };
        let Account::Open { password, epoch, .. } = self.dispatcher.state::<Account>(account.into()).await? else { return Ok(None) };
        Ok(self.open_secret(&password).await?.map(|hash| Credentials { account, epoch, sealed: password, hash }))
    }

    /// A pair of tokens, the refresh token the first of its family.
    async fn hand_out(&self, account: AccountId, sign_in: SignInId, position: Position) -> Result<Outcome<SignedIn, Rejection>, Fault> {
        let refresh = self.refresh_tokens.make(sign_in, 1)?;
        let expires_at = self.dispatcher.now() + self.refresh_tokens.lifetime.min(self.refresh_tokens.longest);
        self.dispatcher.vault().refresh_issue(sign_in.into(), &refresh.digest, expires_at).await?;
        let value = self.pair(account, sign_in, refresh, expires_at)?;
        Ok(Outcome::Accepted(Accepted { value, position }))
    }

    pub(super) fn pair(
        &self,
        account: AccountId,
        sign_in: SignInId,
        refresh: RefreshToken,
        refresh_expires_at: Timestamp,
    ) -> Result<SignedIn, Fault> {
        let (access_token, access_expires_at) = self.tokens.access(account, sign_in, self.dispatcher.now())?;
        Ok(SignedIn { account, sign_in, access_token, access_expires_at, refresh_token: refresh.token, refresh_expires_at })
    }
}
