use serde::{Deserialize, Serialize};

use super::CommunityRejection;
use crate::kernel::is_hidden;

/// What a community is called. It is no name of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommunityName(String);

impl CommunityName {
    /// # Errors
    /// [`CommunityRejection::NameInvalid`] for an empty or long name, or one with characters that change how the text around it is
    /// shown.
    pub fn try_new(text: &str) -> Result<Self, CommunityRejection> {
        let name = text.trim();
        let valid = (1..=80).contains(&name.chars().count()) && !name.contains(is_hidden);
        if valid { Ok(Self(name.to_owned())) } else { Err(CommunityRejection::NameInvalid) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a community is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommunityDescription(String);

impl CommunityDescription {
    /// # Errors
    /// [`CommunityRejection::DescriptionInvalid`].
    pub fn try_new(text: &str) -> Result<Self, CommunityRejection> {
        let text = text.trim();
        let valid = text.chars().count() <= 2000 && !text.contains(|c: char| c != '\n' && is_hidden(c));
        if valid { Ok(Self(text.to_owned())) } else { Err(CommunityRejection::DescriptionInvalid) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests;
