//! Providers that people sign in with, and how somebody signed in.

use serde::{Deserialize, Serialize};

use super::IdentityRejection;

/// What a provider goes by, as its operator has configured it. Stored with what came of it: never another's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ProviderName(String);

impl ProviderName {
    /// Characters at the most.
    pub const LONGEST: usize = 32;

    /// # Errors
    /// [`IdentityRejection::ProviderNotFound`], unless it is made of 1 to 32 small letters, digits and hyphens.
    pub fn try_new(text: &str) -> Result<Self, IdentityRejection> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let valid = (1..=Self::LONGEST).contains(&text.len()) && text.chars().all(plain);
        if valid { Ok(Self(text.to_owned())) } else { Err(IdentityRejection::ProviderNotFound) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<ProviderName> for String {
    fn from(name: ProviderName) -> Self {
        name.0
    }
}

impl TryFrom<String> for ProviderName {
    type Error = IdentityRejection;

    fn try_from(text: String) -> Result<Self, IdentityRejection> {
        Self::try_new(&text)
    }
}

/// By what somebody signed in, apart from a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Password,
    /// With this provider.
    Provider(ProviderName),
    /// By a key that is on a device, whose owner it asked for a PIN or a finger: both factors at once.
    Passkey,
}

#[cfg(test)]
mod tests;
