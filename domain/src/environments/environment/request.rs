//! What an environment is for, be it asked for by a session or made ahead of one.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::{AccountId, Digest, SessionId, Timestamp, WorkshopId};

/// What an environment is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub session: SessionId,
    pub learner: AccountId,
    pub workshop: WorkshopId,
    /// The workshop's content, which says what is needed.
    pub content: Digest,
    pub expires_at: Timestamp,
}

/// What an environment is for that is made ahead of its session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preparation {
    /// The session that will claim it begins under this id, which names and labels of what is made have in them.
    pub session: SessionId,
    pub workshop: WorkshopId,
    /// The workshop's content, which says what is needed.
    pub content: Digest,
    /// Until when it is kept for a session.
    pub expires_at: Timestamp,
}

impl Request {
    /// Whose environments are that are made ahead.
    pub const NOBODY: AccountId = AccountId(Uuid::nil());

    /// Of one that is made ahead: it is nobody's.
    #[must_use]
    pub fn nobodys(Preparation { session, workshop, content, expires_at }: Preparation) -> Self {
        Self { session, learner: Self::NOBODY, workshop, content, expires_at }
    }

    /// Whether it is made ahead, and no learner has it yet.
    #[must_use]
    pub fn is_nobodys(&self) -> bool {
        self.learner == Self::NOBODY
    }

    /// Whether this takes what was made ahead: for the same session, from the same content.
    pub(super) fn takes(&self, ahead: &Self) -> bool {
        ahead.is_nobodys() && !self.is_nobodys() && (self.session, &self.content) == (ahead.session, &ahead.content)
    }
}
