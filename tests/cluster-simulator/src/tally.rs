//! What was asked, counted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Requests to the API.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Requests {
    /// By what they were, such as `create pods` or `get /version`.
    pub by_kind: BTreeMap<String, u64>,
    /// By the status of their answers; 0 for those that had none.
    pub by_status: BTreeMap<u16, u64>,
    /// How many were under way at once at most, watches and terminals aside.
    pub peak: u64,
}

impl Requests {
    /// How often this was asked, such as `create pods`.
    #[must_use]
    pub fn of(&self, kind: &str) -> u64 {
        self.by_kind.get(kind).copied().unwrap_or_default()
    }

    /// All together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.by_kind.values().sum()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Tally {
    requests: Requests,
    under_way: u64,
}

impl Tally {
    pub(crate) fn begin(&mut self, kind: String) {
        *self.requests.by_kind.entry(kind).or_default() += 1;
        self.under_way += 1;
        self.requests.peak = self.requests.peak.max(self.under_way);
    }

    pub(crate) fn end(&mut self, status: u16) {
        *self.requests.by_status.entry(status).or_default() += 1;
        self.under_way = self.under_way.saturating_sub(1);
    }

    pub(crate) fn requests(&self) -> Requests {
        self.requests.clone()
    }

    pub(crate) fn forget(&mut self) {
        self.requests = Requests { peak: self.under_way, ..Requests::default() };
    }
}
