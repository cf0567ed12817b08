//! Codes by which people are checked in at the door: signed as access tokens are, by the keys that are published, so that a device verifies
//! them without a network. Type and audience are their own: none is taken for another kind of token, and no other token for one.

use std::sync::Arc;

use chrono::Utc;
use domain::kernel::{RegistrationId, RunId, Timestamp};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::tokens::{LEEWAY, Tokens};
use crate::Fault;

const TYPE: &str = "check-in+jwt";
const AUDIENCE: &str = "nalabo-check-in";

/// What a code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entrance {
    pub(crate) run: RunId,
    pub(crate) registration: RegistrationId,
    /// Another one once somebody else comes instead. It says nothing of them.
    pub(crate) holder: Uuid,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The registration.
    sub: String,
    run: String,
    holder: Uuid,
    exp: i64,
    iat: i64,
}

/// Makes and verifies codes.
#[derive(Clone)]
pub(crate) struct CheckInCodes(Arc<Tokens>);

impl CheckInCodes {
    pub(super) const fn new(tokens: Arc<Tokens>) -> Self {
        Self(tokens)
    }

    pub(crate) fn make(&self, entrance: Entrance, until: Timestamp, now: Timestamp) -> Result<SecretString, Fault> {
        let claims = Claims {
            iss: self.0.issuer().to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: entrance.registration.to_string(),
            run: entrance.run.to_string(),
            holder: entrance.holder,
            exp: until.timestamp(),
            iat: now.timestamp(),
        };
        let ring = self.0.ring();
        let key = ring.signing(now).ok_or_else(|| Fault::Outside("no key signs tokens yet; is the clock right?".into()))?;
        let header = Header { typ: Some(TYPE.into()), kid: Some(key.id.clone()), ..Header::new(Algorithm::EdDSA) };
        let code = encode(&header, &claims, &key.signing);
        Ok(code.map_err(|error| Fault::Outside(format!("a code could not be signed: {error}")))?.into())
    }

    /// What a code says; none if nobody here made it, or its time is over.
    pub(crate) fn read(&self, code: &SecretString) -> Option<Entrance> {
        // Who types or scans one adds blanks.
        let code = code.expose_secret().trim();
        let header = decode_header(code).ok()?;
        if header.typ.as_deref() != Some(TYPE) || header.crit.is_some() {
            return None;
        }
        let ring = self.0.ring();
        // All codes name their key: there were none before keys had names.
        let key = ring.named(Some(header.kid.as_deref()?), Utc::now())?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[self.0.issuer()]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        validation.leeway = LEEWAY.num_seconds().unsigned_abs();
        let Claims { sub, run, holder, .. } = decode::<Claims>(code, &key.verifying, &validation).ok()?.claims;
        Some(Entrance { run: run.parse().ok()?, registration: sub.parse().ok()?, holder })
    }
}

#[cfg(test)]
mod tests;
