use serde::{Deserialize, Serialize};

use super::IdentityRejection;
use crate::kernel::is_hidden;

/// An e-mail address in the form under which it is claimed: trimmed and in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Checks the shape only; whether the mailbox exists, a mail tells. Bounds are those of RFC 5321, section 4.5.3.1.
    ///
    /// # Errors
    /// [`IdentityRejection::EmailInvalid`].
    pub fn try_new(text: &str) -> Result<Self, IdentityRejection> {
        let address = text.trim().to_lowercase();
        let (local, domain) = address.rsplit_once('@').ok_or(IdentityRejection::EmailInvalid)?;
        let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c));
        let labels = domain.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        });
        let dots = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
        let valid = address.len() <= 254 && local.len() <= 64 && plain(local) && dots && labels;
        if valid { Ok(Self(address)) } else { Err(IdentityRejection::EmailInvalid) }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What others see of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DisplayName(String);

impl DisplayName {
    /// # Errors
    /// [`IdentityRejection::DisplayNameInvalid`] for an empty or long name, or one with characters that change how the
    /// text around it is shown (controls, directional overrides, invisible marks).
    pub fn try_new(text: &str) -> Result<Self, IdentityRejection> {
        let name = text.trim();
        let valid = (1..=80).contains(&name.chars().count()) && !name.contains(is_hidden);
        if valid { Ok(Self(name.to_owned())) } else { Err(IdentityRejection::DisplayNameInvalid) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What somebody calls an access token of theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenName(String);

impl TokenName {
    /// # Errors
    /// [`IdentityRejection::TokenNameInvalid`].
    pub fn try_new(text: &str) -> Result<Self, IdentityRejection> {
        let name = text.trim();
        let valid = (1..=80).contains(&name.chars().count()) && !name.contains(is_hidden);
        if valid { Ok(Self(name.to_owned())) } else { Err(IdentityRejection::TokenNameInvalid) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why somebody was erased, in words that are kept for ever: whoever gives it must not name the person in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErasureReason(String);

impl ErasureReason {
    /// # Errors
    /// [`IdentityRejection::ReasonInvalid`].
    pub fn try_new(text: &str) -> Result<Self, IdentityRejection> {
        let reason = text.trim();
        let valid = (1..=500).contains(&reason.chars().count()) && !reason.contains(is_hidden);
        if valid { Ok(Self(reason.to_owned())) } else { Err(IdentityRejection::ReasonInvalid) }
    }
}

/// What a program calls itself in the header `User-Agent`. It is shown to the person it came from, so nothing in it is hidden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserAgent(String);

impl UserAgent {
    /// Characters kept.
    const LONGEST: usize = 256;

    /// The first 256 characters that are seen; none if there are none.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let seen: String = text.trim().chars().filter(|c| !is_hidden(*c)).take(Self::LONGEST).collect();
        Some(Self(seen)).filter(|agent| !agent.0.is_empty())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests;
