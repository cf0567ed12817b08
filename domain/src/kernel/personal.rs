//! Values about a person, which must be forgettable.

use serde::{Deserialize, Serialize};

use super::AccountId;

/// A value about a person. It is written in the clear only inside this process: the journal seals it under the
/// subject's key before it is stored, and it stays sealed in read models until a query opens it.
///
/// As JSON: `{"$personal":{"subject":…,"value":…}}` before sealing, `{"$personal":{"subject":…,"sealed":"…"}}` after.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personal<T> {
    #[serde(rename = "$personal")]
    inner: Inner<T>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Inner<T> {
    Open { subject: AccountId, value: T },
    Sealed { subject: AccountId, sealed: String },
}

impl<T> Personal<T> {
    /// A value in the clear, on its way into the journal.
    #[must_use]
    pub const fn new(subject: AccountId, value: T) -> Self {
        Self { inner: Inner::Open { subject, value } }
    }

    /// A value as the journal stored it.
    #[must_use]
    pub const fn sealed(subject: AccountId, sealed: String) -> Self {
        Self { inner: Inner::Sealed { subject, sealed } }
    }

    /// Whose value it is.
    pub const fn subject(&self) -> AccountId {
        match &self.inner {
            Inner::Open { subject, .. } | Inner::Sealed { subject, .. } => *subject,
        }
    }

    /// The value, if it has not been sealed yet.
    pub const fn as_open(&self) -> Option<&T> {
        match &self.inner {
            Inner::Open { value, .. } => Some(value),
            Inner::Sealed { .. } => None,
        }
    }

    /// The sealed text, which the key store can open.
    pub fn as_sealed(&self) -> Option<&str> {
        match &self.inner {
            Inner::Open { .. } => None,
            Inner::Sealed { sealed, .. } => Some(sealed),
        }
    }
}

/// Shows whose value it is, never the value.
impl<T> std::fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Personal({})", self.subject())
    }
}

#[cfg(test)]
mod tests;
