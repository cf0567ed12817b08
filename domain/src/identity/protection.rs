//! What a role asks of those who hold it: a second factor, and a network from which they come.

use std::{collections::BTreeSet, net::IpAddr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{IdentityRejection as Rejection, Permissions};

/// What a role asks of those who hold it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    /// Whether they may do nothing without a second factor; absent: as is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_factor: Option<bool>,
    /// From where alone it permits anything.
    #[serde(default, skip_serializing_if = "Networks::are_all")]
    pub networks: Networks,
}

/// Networks; all there are, where none is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<String>", try_from = "Vec<String>")]
pub struct Networks(BTreeSet<IpNet>);

impl Networks {
    /// How many may be named.
    pub const MOST: usize = 100;

    /// Of texts such as `10.0.0.0/8` and `2001:db8::1`.
    ///
    /// # Errors
    /// [`Rejection::NetworksInvalid`].
    pub fn try_new<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Self, Rejection> {
        let network = |text: &str| text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        let named = texts.into_iter().map(|text| network(text.trim()).map(|network| network.trunc()));
        let networks: Option<BTreeSet<_>> = named.take(Self::MOST + 1).collect();
        networks.filter(|networks| networks.len() <= Self::MOST).map(Self).ok_or(Rejection::NetworksInvalid)
    }

    /// Whether none is named.
    #[must_use]
    pub fn are_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an address is in one of them. One that nobody knows is in none that is named.
    #[must_use]
    pub fn contain(&self, address: Option<IpAddr>) -> bool {
        self.are_all() || address.is_some_and(|address| self.0.iter().any(|network| network.contains(&address.to_canonical())))
    }

    /// In order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

impl From<Networks> for Vec<String> {
    fn from(networks: Networks) -> Self {
        networks.names()
    }
}

impl TryFrom<Vec<String>> for Networks {
    type Error = Rejection;

    fn try_from(texts: Vec<String>) -> Result<Self, Rejection> {
        Self::try_new(texts.iter().map(String::as_str))
    }
}

/// What somebody may do by now, from where they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub permissions: Permissions,
    /// What they would be permitted elsewhere.
    pub elsewhere: Permissions,
    /// Whether they may do nothing of it without a second factor.
    pub second_factor: bool,
}

#[cfg(test)]
mod tests;
