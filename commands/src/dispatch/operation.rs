//! What is asked for, apart from who asks, and how it is decided.

use domain::kernel::{AccountId, CommunityId};
use serde_json::Value;

use crate::authorization::Act;

/// What is asked for, apart from who asks.
pub struct Operation {
    pub act: Act,
    /// The input without secrets; a retry under the same key must have the same.
    pub input: Value,
    /// Whose the network address is, where the actor is not signed in yet.
    pub subject: Option<AccountId>,
    /// The community that it is asked for in, if it is in one.
    pub within: Option<CommunityId>,
    /// Whether it may be decided on what others have queued and that is not written yet. What it reads of a stream once it has decided on
    /// that would be older than what it decided on: only who reads nothing may go ahead.
    pub ahead: bool,
    /// Whether what was turned down is decided anew when it comes again, and not answered as it was.
    pub anew: bool,
}

impl Operation {
    /// An operation with its input.
    pub fn new(act: Act, input: impl Into<Value>) -> Self {
        Self { act, input: input.into(), subject: None, within: None, ahead: false, anew: false }
    }

    /// The same, going ahead where many want one stream. Its work must read no stream after it has decided on it.
    #[must_use]
    pub(crate) fn going_ahead(self) -> Self {
        Self { ahead: true, ..self }
    }

    /// The same, decided anew when it comes again after it was turned down.
    #[must_use]
    pub(crate) fn anew_if_rejected(self) -> Self {
        Self { anew: true, ..self }
    }
}
