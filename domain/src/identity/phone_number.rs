use serde::{Deserialize, Serialize};

use super::IdentityRejection;

/// A telephone's number, as all the world dials it (E.164): a plus and 8 to 15 digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Blanks, dashes, dots and parentheses are left out.
    ///
    /// # Errors
    /// [`IdentityRejection::PhoneInvalid`].
    pub fn try_new(text: &str) -> Result<Self, IdentityRejection> {
        let number: String = text.chars().filter(|c| !" -.()".contains(*c)).collect();
        let digits = number.strip_prefix('+').unwrap_or_default();
        let valid = (8..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0');
        if valid { Ok(Self(number)) } else { Err(IdentityRejection::PhoneInvalid) }
    }

    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its last two digits, for whoever knows it.
    #[must_use]
    pub fn hint(&self) -> String {
        format!("…{}", &self.0[self.0.len() - 2..])
    }
}

impl std::fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.hint())
    }
}

#[cfg(test)]
mod tests;
