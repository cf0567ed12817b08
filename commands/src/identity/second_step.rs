//! Signing in in two steps: the password gives a challenge, and a code for it gives tokens (OWASP ASVS 5.0, 6.5 and 6.6.2).
//!
//! A challenge is the account (16 bytes), its epoch (4), when it ends in seconds (8), random bytes (16), and an HMAC-SHA256 (32) over
//! `nalabo challenge v1 ‖ 0 ‖` what precedes it. It is stored nowhere and permits nothing but to show a code.

use chrono::TimeDelta;
use domain::{
    identity::{IdentityRejection as Rejection, account::Account},
    kernel::{AccountId, Timestamp},
};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{Identity, SignedIn, authentic::Authentic};
use crate::{Accepted, Fault, Outcome, Request};

const PURPOSE: &[u8] = b"nalabo challenge v1\0";
const BODY: usize = 16 + 4 + 8 + 16;
/// How long somebody may take to type a code.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// What a right password came to.
pub enum Begun {
    SignedIn(SignedIn),
    /// A code is needed.
    Challenged(Challenge),
}

/// What goes with a code.
pub struct Challenge {
    pub token: SecretString,
    pub expires_at: Timestamp,
}

impl Identity {
    /// Completes a sign-in with a code, or a recovery code. Each is good once, however many come with it at the same time.
    ///
    /// # Errors
    /// A fault; a wrong code or an old challenge is a rejection.
    pub async fn complete_sign_in(
        &self,
        request: &Request,
        challenge: &SecretString,
        code: &str,
    ) -> Result<Outcome<SignedIn, Rejection>, Fault> {
        let refused = Ok(Outcome::Rejected(Rejection::ChallengeInvalid));
        let Some((account, epoch)) = self.read_challenge(challenge).await? else { return refused };
        let Account::Open { email, epoch: current, .. } = self.dispatcher.state::<Account>(account.into()).await? else { return refused };
        let Some(email) = self.open(&email).await?.filter(|_| current == epoch) else { return refused };
        let Some(a_try) = self.a_try(request, self.claim_of(&email).await?).await? else {
            return Ok(Outcome::Rejected(Rejection::TooManyTries));
        };
        let code = match self.code(account, code).await? {
            Ok(code) => code,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let opened = self.open_sign_in(request, account, epoch, Some(code)).await?;
        if matches!(opened, Outcome::Accepted(_)) {
            self.succeeded(a_try).await?;
        }
        Ok(opened)
    }

    pub(super) async fn challenge(&self, account: AccountId, epoch: u32) -> Result<Outcome<Begun, Rejection>, Fault> {
        let expires_at = self.dispatcher.now() + LIFETIME;
        let random: [u8; 16] = rand::random();
        let body = [account.0.as_bytes().as_slice(), &epoch.to_be_bytes(), &expires_at.timestamp().to_be_bytes(), &random].concat();
        let token = self.challenges().await?.token(&body)?.into();
        let position = journal::Position(0);
        Ok(Outcome::Accepted(Accepted { value: Begun::Challenged(Challenge { token, expires_at }), position }))
    }

    /// Whose password was right, and in which epoch. None if it is not ours, or too old.
    pub(super) async fn read_challenge(&self, token: &SecretString) -> Result<Option<(AccountId, u32)>, Fault> {
        let Some(body) = self.challenges().await?.body::<BODY>(token.expose_secret())? else { return Ok(None) };
        let (account, rest) = body.split_first_chunk::<16>().expect("44 bytes");
        let (epoch, rest) = rest.split_first_chunk::<4>().expect("28 bytes");
        let expires_at = i64::from_be_bytes(*rest.first_chunk::<8>().expect("24 bytes"));
        let is_good = self.dispatcher.now().timestamp() < expires_at;
        Ok(is_good.then(|| (AccountId(Uuid::from_bytes(*account)), u32::from_be_bytes(*epoch))))
    }

    async fn challenges(&self) -> Result<Authentic, Fault> {
        Ok(Authentic::new(self.dispatcher.vault().secret("sign-in-challenges", 32).await?, PURPOSE))
    }
}
