//! Signing in in two steps: the password gives a challenge, and a code for it gives tokens (OWASP ASVS 5.0, 6.5 and 6.6.2).
//!
//! A challenge is the account (16 bytes), its epoch (4), when it ends in seconds (8), random bytes (16), the provider that somebody came
//! by (32: its name and zeroes behind it, nothing but zeroes for a password), and an HMAC-SHA256 (32) over `nalabo challenge v2 ‖ 0 ‖`
//! what precedes it. It is stored nowhere and permits nothing but to show a code.

use chrono::TimeDelta;
use domain::{
    identity::{IdentityRejection as Rejection, Method, ProviderName, account::Account},
    kernel::{AccountId, Timestamp},
};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{Identity, SignedIn, authentic::Authentic, sign_ins::Opening};
use crate::{Accepted, Fault, Outcome, Request};

const PURPOSE: &[u8] = b"nalabo challenge v2\0";
const BODY: usize = 16 + 4 + 8 + 16 + ProviderName::LONGEST;
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
        let Some((account, epoch, method)) = self.read_challenge(challenge).await? else { return refused };
        let Account::Open { email, epoch: current, .. } = self.dispatcher.state::<Account>(account.into()).await? else { return refused };
        let Some(email) = self.open(&email).await?.filter(|_| current == epoch) else { return refused };
        let Some(a_try) = self.a_try(request, self.claim_of(&email).await?).await? else {
            return Ok(Outcome::Rejected(Rejection::TooManyTries));
        };
        let code = match self.code(account, code, challenge.expose_secret().as_bytes()).await? {
            Ok(code) => code,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let proof = Some(self.proof(true));
        let opening = Opening { account, epoch, code: Some(code), method, proof };
        let opened = self.open_sign_in(request, opening).await?;
        if matches!(opened, Outcome::Accepted(_)) {
            self.succeeded(a_try).await?;
        }
        Ok(opened)
    }

    pub(super) async fn challenge(&self, account: AccountId, epoch: u32, method: &Method) -> Result<Outcome<Begun, Rejection>, Fault> {
        let expires_at = self.dispatcher.now() + LIFETIME;
        let random: [u8; 16] = rand::random();
        let mut provider = [0; ProviderName::LONGEST];
        if let Method::Provider(name) = method {
            provider[..name.as_str().len()].copy_from_slice(name.as_str().as_bytes());
        }
        let times = (epoch.to_be_bytes(), expires_at.timestamp().to_be_bytes());
        let body = [account.0.as_bytes().as_slice(), &times.0, &times.1, &random, &provider].concat();
        let token = self.challenges().await?.token(&body)?.into();
        let position = journal::Position(0);
        Ok(Outcome::Accepted(Accepted { value: Begun::Challenged(Challenge { token, expires_at }), position }))
    }

    /// Whose password was right, or who came by a provider, and in which epoch. None if it is not ours, or too old.
    pub(super) async fn read_challenge(&self, token: &SecretString) -> Result<Option<(AccountId, u32, Method)>, Fault> {
        let Some(body) = self.challenges().await?.body::<BODY>(token.expose_secret())? else { return Ok(None) };
        let (account, rest) = body.split_first_chunk::<16>().expect("76 bytes");
        let (epoch, rest) = rest.split_first_chunk::<4>().expect("60 bytes");
        let expires_at = i64::from_be_bytes(*rest.first_chunk::<8>().expect("56 bytes"));
        let provider = body.last_chunk::<{ ProviderName::LONGEST }>().expect("76 bytes");
        let name = std::str::from_utf8(provider).unwrap_or_default().trim_end_matches('\0');
        let method = ProviderName::try_new(name).map_or(Method::Password, Method::Provider);
        let is_good = self.dispatcher.now().timestamp() < expires_at;
        Ok(is_good.then(|| (AccountId(Uuid::from_bytes(*account)), u32::from_be_bytes(*epoch), method)))
    }

    async fn challenges(&self) -> Result<Authentic, Fault> {
        Ok(Authentic::new(self.dispatcher.vault().secret("sign-in-challenges", 32).await?, PURPOSE))
    }
}
