//! Access tokens: signed with Ed25519, typed `at+jwt` (RFC 9068), short-lived.

use chrono::{TimeDelta, Utc};
use domain::kernel::{AccountId, SignInId, Timestamp};
use ed25519_dalek::SigningKey;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Fault;

/// How much clocks may differ.
const LEEWAY_SECONDS: u32 = 30;
/// DER of a PKCS #8 Ed25519 private key (RFC 8410, section 7) up to its 32 bytes.
const PKCS8_PREFIX: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
const TYPE: &str = "at+jwt";

/// How tokens are made out.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    pub issuer: String,
    pub audience: String,
    pub access_lifetime: TimeDelta,
    pub refresh_lifetime: TimeDelta,
    /// How long dangerous acts are permitted after it was shown who asks.
    pub step_up_lifetime: TimeDelta,
}

impl Default for TokenSettings {
    fn default() -> Self {
        Self {
            issuer: "nalabo".into(),
            audience: "nalabo-api".into(),
            access_lifetime: TimeDelta::minutes(30),
            refresh_lifetime: TimeDelta::days(7),
            step_up_lifetime: TimeDelta::minutes(10),
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
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
}

impl Tokens {
    pub(super) fn try_new(seed: &SecretSlice<u8>, settings: TokenSettings) -> Result<Self, Fault> {
        let seed: [u8; 32] = seed.expose_secret().try_into().map_err(|_| Fault::Outside("the token signing key is not 32 bytes".into()))?;
        let verifying = SigningKey::from_bytes(&seed).verifying_key();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&settings.issuer]);
        validation.set_audience(&[&settings.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY_SECONDS.into();
        Ok(Self {
            settings,
            signing: EncodingKey::from_ed_der(&[&PKCS8_PREFIX[..], &seed].concat()),
            verifying: DecodingKey::from_ed_der(verifying.as_bytes()),
            validation,
        })
    }

    pub(super) fn issuer(&self) -> &str {
        &self.settings.issuer
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
        let header = Header { typ: Some(TYPE.into()), ..Header::new(Algorithm::EdDSA) };
        let token =
            encode(&header, &claims, &self.signing).map_err(|error| Fault::Outside(format!("a token could not be signed: {error}")))?;
        Ok((token.into(), expires_at))
    }

    pub(super) fn verify(&self, token: &str) -> Result<Verified, TokenError> {
        use jsonwebtoken::errors::ErrorKind;
        let header = decode_header(token).map_err(|_| TokenError::Invalid)?;
        // What a header says is critical must be understood (RFC 7515, section 4.1.11), and nothing is.
        if header.typ.as_deref() != Some(TYPE) || header.crit.is_some() {
            return Err(TokenError::Invalid);
        }
        let claims = decode::<Claims>(token, &self.verifying, &self.validation).map_err(|error| match error.kind() {
            ErrorKind::ExpiredSignature => TokenError::Expired,
            _ => TokenError::Invalid,
        })?;
        let Claims { sub, sid, exp, iat, .. } = claims.claims;
        if iat > Utc::now().timestamp() + i64::from(LEEWAY_SECONDS) {
            return Err(TokenError::Invalid);
        }
        let account = sub.parse().map_err(|_| TokenError::Invalid)?;
        let sign_in = sid.parse().map_err(|_| TokenError::Invalid)?;
        let expires_at = Timestamp::from_timestamp(exp, 0).ok_or(TokenError::Invalid)?;
        Ok(Verified { account, sign_in, expires_at })
    }
}

#[cfg(test)]
mod tests;
