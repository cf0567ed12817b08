//! What accounts are entitled to, as far as every context has to know it.

use serde::{Deserialize, Serialize};

/// What an account is on. How much it allows, administrators say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// Whatever was never assigned another.
    #[default]
    Free,
    Team,
    Enterprise,
}

impl Plan {
    /// All there are, from the one that allows least.
    pub const ALL: [Self; 3] = [Self::Free, Self::Team, Self::Enterprise];

    /// The stored name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Team => "team",
            Self::Enterprise => "enterprise",
        }
    }
}

impl std::fmt::Display for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
