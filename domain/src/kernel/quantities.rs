//! Numbers that carry their unit in the type.

use serde::{Deserialize, Serialize};

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident($repr:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $repr);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

quantity! {
    /// Points a learner earns.
    Points(u32)
}
quantity! {
    /// A span of whole seconds.
    Seconds(u32)
}
quantity! {
    /// A span of whole minutes.
    Minutes(u32)
}
quantity! {
    /// Memory or disk, in units of 2^20 bytes.
    Mebibytes(u32)
}

quantity! {
    /// Computing time per time, in thousandths of a core.
    Millicores(u32)
}

impl Points {
    /// Adds without wrapping: a score that large stays at the top.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl From<Minutes> for chrono::TimeDelta {
    fn from(minutes: Minutes) -> Self {
        Self::minutes(minutes.0.into())
    }
}

impl From<Seconds> for chrono::TimeDelta {
    fn from(seconds: Seconds) -> Self {
        Self::seconds(seconds.0.into())
    }
}

impl Mebibytes {
    /// The same amount in bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        (self.0 as u64) << 20
    }
}

#[cfg(test)]
mod tests;
