//! What a provider says of a person, and what that is worth here.

use std::collections::BTreeSet;

use commands::identity::Person;
use domain::identity::AnyRole;
use openidconnect::{AdditionalClaims, IdTokenClaims, UserInfoClaims, core::CoreGenderClaim};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Refusal;
use crate::config::Party;

/// Claims that the library has no names for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Claims(Map<String, Value>);

impl AdditionalClaims for Claims {}

/// All claims about a person.
pub(super) struct Facts(Map<String, Value>);

impl Facts {
    /// # Errors
    /// They are no object.
    pub(super) fn of_token(claims: &IdTokenClaims<Claims, CoreGenderClaim>) -> Result<Self, Refusal> {
        Self::of(claims)
    }

    /// # Errors
    /// They are no object.
    pub(super) fn of_user_info(claims: &UserInfoClaims<Claims, CoreGenderClaim>) -> Result<Self, Refusal> {
        Self::of(claims)
    }

    fn of(claims: &impl Serialize) -> Result<Self, Refusal> {
        match serde_json::to_value(claims) {
            Ok(Value::Object(claims)) => Ok(Self(claims)),
            Ok(_) | Err(_) => Err(Refusal::Untrusted("its claims are none".into())),
        }
    }

    /// Takes in what was said elsewhere. What is signed is not changed by what is not, and whether an address is somebody's own is said
    /// where the address is.
    pub(super) fn add(&mut self, mut others: Self) {
        if self.0.contains_key("email") {
            others.0.remove("email_verified");
        } else {
            self.0.remove("email_verified");
        }
        for (name, value) in others.0 {
            self.0.entry(name).or_insert(value);
        }
    }

    /// Who that is, to us.
    pub(super) fn person(&self, party: &Party) -> Person {
        let text = |name: &str| self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        let factors = self.0.get("amr").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let shown_at = self.0.get("auth_time").and_then(Value::as_i64).and_then(|at| chrono::DateTime::from_timestamp(at, 0));
        Person {
            provider: party.name.clone(),
            issuer: party.issuer.clone(),
            subject: text("sub").unwrap_or_default(),
            email: text("email"),
            email_verified: self.0.get("email_verified") == Some(&Value::Bool(true)),
            name: text("name").or_else(|| text("preferred_username")),
            shown_at,
            second_factor: factors.into_iter().any(|factor| party.second_factor.contains(factor)),
            roles: self.roles(party),
        }
    }

    fn roles(&self, party: &Party) -> BTreeSet<AnyRole> {
        let is = |claim: &str, value: &str| match self.claim(claim) {
            Some(Value::String(found)) => found == value,
            Some(Value::Array(found)) => found.iter().any(|found| found == value),
            _ => false,
        };
        party.roles.iter().filter(|(claim, value, _)| is(claim, value)).map(|(.., role)| *role).collect()
    }

    /// A claim by its name, or by a path: some names have dots in them.
    fn claim(&self, name: &str) -> Option<&Value> {
        let (first, rest) = name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
        let within = || rest?.split('.').try_fold(self.0.get(first)?, |value, key| value.get(key));
        self.0.get(name).or_else(within)
    }
}

#[cfg(test)]
mod tests;
