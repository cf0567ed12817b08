//! What comes out of the journal.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use uuid::Uuid;

use crate::Metadata;

/// A place in the one global order; the first event is at 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub i64);

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Names a stream: its kind and which one of that kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StreamId {
    /// Such as `workshop`.
    pub kind: Cow<'static, str>,
    /// Which.
    pub id: Uuid,
}

impl StreamId {
    /// A stream of a kind known when this was compiled.
    #[must_use]
    pub const fn new(kind: &'static str, id: Uuid) -> Self {
        Self { kind: Cow::Borrowed(kind), id }
    }
}

impl std::fmt::Display for StreamId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind, self.id)
    }
}

/// JSON as it is stored, read into what it means by whoever needs it: most readers go on to something of their own, and a tree
/// in between costs more than all else that reading an event takes.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Payload(Box<RawValue>);

impl Payload {
    /// None if it is not JSON.
    pub(crate) fn try_new(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// As it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// As a tree.
    ///
    /// # Errors
    /// It is deeper than a tree may be.
    pub fn to_value(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_str(self.as_str())
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

/// An event in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Where in the global order.
    pub position: Position,
    /// Unique in the journal.
    pub event_id: Uuid,
    /// Which stream it belongs to.
    pub stream: StreamId,
    /// Where in the stream, from 1.
    pub sequence: i64,
    /// The stored name.
    pub name: String,
    /// The version of the stored form.
    pub version: u16,
    /// JSON; personal values are sealed: `{"$personal":{"subject":…,"sealed":"…"}}`.
    pub payload: Payload,
    /// Where it comes from; the address is sealed.
    pub metadata: Metadata,
    /// Never earlier than that of the event before.
    pub recorded_at: DateTime<Utc>,
    /// SHA-256 over the previous hash, the journal's id and the stored bytes.
    pub hash: [u8; 32],
}

/// The stored answer to a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    /// Must equal the retry's, or the key was used for something else.
    pub fingerprint: Vec<u8>,
    /// Ids or a refusal.
    pub outcome: Value,
    /// What a reader must have seen to see the request's effect.
    pub position: Position,
}
