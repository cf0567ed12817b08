//! What administrators say of a cluster.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Rejection;

const MAX_LABELS: usize = 32;
const MAX_LENGTH: usize = 63;
const MAX_WEIGHT: u32 = 1000;
const MAX_LIMIT: u32 = 100_000;

/// What a cluster is called: a DNS label (RFC 1123), as Kubernetes names things.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClusterName(String);

/// Facts about a cluster that workshops may ask for, such as `region` or `gpu`.
pub type Labels = BTreeMap<String, String>;

/// What administrators say of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub name: ClusterName,
    pub labels: Labels,
    /// How much of what could go anywhere goes here, against other clusters.
    pub weight: u32,
    /// How many environments may have a place at once; none: as many as fit.
    pub limit: Option<u32>,
}

impl ClusterName {
    /// # Errors
    /// [`Rejection::NameInvalid`].
    pub fn try_new(text: &str) -> Result<Self, Rejection> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let valid = (1..=MAX_LENGTH).contains(&text.len())
            && text.bytes().all(|byte| plain(byte) || byte == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-');
        if valid { Ok(Self(text.to_owned())) } else { Err(Rejection::NameInvalid) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Profile {
    /// The weight of a cluster of which nothing is said.
    pub const DEFAULT_WEIGHT: u32 = 100;

    /// # Errors
    /// The first that is not as expected: [`Rejection::NameInvalid`], [`Rejection::LabelInvalid`], [`Rejection::WeightInvalid`] or
    /// [`Rejection::LimitInvalid`].
    pub fn try_new(name: &str, labels: Labels, weight: u32, limit: Option<u32>) -> Result<Self, Rejection> {
        let name = ClusterName::try_new(name)?;
        if let Some(label) = labels.keys().nth(MAX_LABELS).or_else(|| labels.iter().find(|label| !is_label(label)).map(|(key, _)| key)) {
            return Err(Rejection::LabelInvalid { label: label.chars().take(MAX_LENGTH).collect() });
        }
        if !(1..=MAX_WEIGHT).contains(&weight) {
            return Err(Rejection::WeightInvalid);
        }
        if limit.is_some_and(|limit| !(1..=MAX_LIMIT).contains(&limit)) {
            return Err(Rejection::LimitInvalid);
        }
        Ok(Self { name, labels, weight, limit })
    }
}

fn is_label((key, value): &(&String, &String)) -> bool {
    let in_key = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-/".contains(&byte);
    let in_value = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=MAX_LENGTH).contains(&key.len()) && key.bytes().all(in_key) && value.len() <= MAX_LENGTH && value.bytes().all(in_value)
}
