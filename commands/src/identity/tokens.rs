//! Access tokens: signed with Ed25519, typed `at+jwt` (RFC 9068), short-lived. Each names the key that it is signed with.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{TimeDelta, Utc};
use domain::kernel::{AccountId, SignInId, Timestamp};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use moka::sync::Cache;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::signing_keys::Ring;
use crate::Fault;

/// How much clocks may differ.
pub(super) const LEEWAY: TimeDelta = TimeDelta::seconds(30);
const TYPE: &str = "at+jwt";
/// How many tokens are known.
const KNOWN: u64 = 10_000;

/// How tokens are made out.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    pub issuer: String,
    pub audience: String,
    pub access_lifetime: TimeDelta,
    pub refresh_lifetime: TimeDelta,
    /// How long a sign-in is refreshed at the longest; then who they are is to be shown anew.
    pub longest_sign_in: TimeDelta,
    /// How long dangerous acts are permitted after it was shown who asks.
    pub step_up_lifetime: TimeDelta,
    /// How long an address that was changed can be taken back.
    pub email_revert_lifetime: TimeDelta,
}

impl Default for TokenSettings {
    fn default() -> Self {
        Self {
            issuer: "nalabo".into(),
            audience: "nalabo-api".into(),
            access_lifetime: TimeDelta::minutes(30),
            refresh_lifetime: TimeDelta::days(7),
            longest_sign_in: TimeDelta::days(90),
            step_up_lifetime: TimeDelta::minutes(10),
            email_revert_lifetime: TimeDelta::days(7),
        }
    }
}

/// A token that does not let anybody in. It does not say what is wrong with it: that would help nobody but a forger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("the access token has expired; refresh it")]
    Expired,
    #[error("the access token is not valid")]
    Invalid,
}

/// Whom a valid token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    pub account: AccountId,
    pub sign_in: SignInId,
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    exp: i64,
    iat: i64,
    /// Never made out here; one that is there must be a number, and is kept to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    jti: String,
    sid: String,
}

pub(super) struct Tokens {
    settings: TokenSettings,
    /// As they were read last.
    ring: RwLock<Arc<Ring>>,
    validation: Validation,
    /// By their digests, tokens whose signature was found good, so that it is checked once and not with each request.
    known: Cache<[u8; 32], Known>,
}

/// A token that was found good, and the key that says so.
#[derive(Clone)]
struct Known {
    verified: Verified,
    key: Option<String>,
}

impl Tokens {
    pub(super) fn new(settings: TokenSettings) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&settings.issuer]);
        validation.set_audience(&[&settings.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY.num_seconds().unsigned_abs();
        Self { settings, ring: RwLock::default(), validation, known: Cache::new(KNOWN) }
    }

    /// Uses these keys from now on.
    pub(super) fn follow(&self, ring: Ring) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }

    pub(super) fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn access_lifetime(&self) -> TimeDelta {
        self.settings.access_lifetime
    }

    pub(super) fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    pub(super) const fn email_revert_lifetime(&self) -> TimeDelta {
        self.settings.email_revert_lifetime
    }

    pub(super) fn step_up_lifetime(&self) -> TimeDelta {
        self.settings.step_up_lifetime
    }

    pub(super) fn access(&self, account: AccountId, sign_in: SignInId, now: Timestamp) -> Result<(SecretString, Timestamp), Fault> {
        let expires_at = now + self.settings.access_lifetime;
        let claims = Claims {
            iss: self.settings.issuer.clone(),
            aud: self.settings.audience.clone(),
            sub: account.to_string(),
            exp: expires_at.timestamp(),
            iat: now.timestamp(),
            nbf: None,
            jti: Uuid::new_v4().to_string(),
            sid: sign_in.to_string(),
        };
        let ring = self.ring();
        let key = ring.signing(now).ok_or_else(|| Fault::Outside("no key signs tokens yet; is the clock right?".into()))?;
        let header = Header { typ: Some(TYPE.into()), kid: Some(key.id.clone()), ..Header::new(Algorithm::EdDSA) };
        let token =
            encode(&header, &claims, &key.signing).map_err(|error| Fault::Outside(format!("a token could not be signed: {error}")))?;
        Ok((token.into(), expires_at))
    }

    /// Whom a token stands for. That its signature is good is kept; that its key is still one, and its time not over, is looked at each time.
    pub(super) fn verify(&self, token: &str) -> Result<Verified, TokenError> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        let now = Utc::now();
        if let Some(Known { verified, key }) = self.known.get(&digest)
            && self.ring().named(key.as_deref(), now).is_some()
            && now < verified.expires_at
        {
            return Ok(verified);
        }
        let known = self.verify_anew(token)?;
        let verified = known.verified;
        self.known.insert(digest, known);
        Ok(verified)
    }

    fn verify_anew(&self, token: &str) -> Result<Known, TokenError> {
        use jsonwebtoken::errors::ErrorKind;
        let header = decode_header(token).map_err(|_| TokenError::Invalid)?;
        // What a header says is critical must be understood (RFC 7515, section 4.1.11), and nothing is.
        if header.typ.as_deref() != Some(TYPE) || header.crit.is_some() {
            return Err(TokenError::Invalid);
        }
        // Which of our keys, and no more, is the header's to say: what it brings or points to is not looked at.
        let ring = self.ring();
        let key = ring.named(header.kid.as_deref(), Utc::now()).ok_or(TokenError::Invalid)?;
        let claims = decode::<Claims>(token, &key.verifying, &self.validation).map_err(|error| match error.kind() {
            ErrorKind::ExpiredSignature => TokenError::Expired,
            _ => TokenError::Invalid,
        })?;
        let Claims { sub, sid, exp, iat, .. } = claims.claims;
        if iat > Utc::now().timestamp() + LEEWAY.num_seconds() {
            return Err(TokenError::Invalid);
        }
        let account = sub.parse().map_err(|_| TokenError::Invalid)?;
        let sign_in = sid.parse().map_err(|_| TokenError::Invalid)?;
        let expires_at = Timestamp::from_timestamp(exp, 0).ok_or(TokenError::Invalid)?;
        Ok(Known { verified: Verified { account, sign_in, expires_at }, key: header.kid })
    }
}

#[cfg(test)]
mod tests;
