//! What goes into the journal.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{Position, StreamId};

/// One atomic write.
#[derive(Clone, Debug)]
pub struct Append {
    /// At most one write per stream.
    pub writes: Vec<StreamWrite>,
    /// Stored with each event.
    pub metadata: Metadata,
    /// Stored in the same transaction; it alone, if there is no event (a refusal).
    pub receipt: Option<NewReceipt>,
    /// A lease that must still be held.
    pub fence: Option<Fence>,
}

/// New events of one stream.
#[derive(Clone, Debug)]
pub struct StreamWrite {
    /// Which stream.
    pub stream: StreamId,
    /// The sequence of the last event the decision was based on; 0 if the stream must not exist.
    pub expected: i64,
    /// In order; they get the sequences `expected + 1 …`.
    pub events: Vec<NewEvent>,
}

/// A fact, before it has a place.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Unique in the journal.
    pub id: Uuid,
    /// The stored name.
    pub name: String,
    /// The version of the stored form.
    pub version: u16,
    /// JSON; personal values in it are sealed before they are stored.
    pub payload: Value,
}

/// Where an event comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// The command that decided it; the same for all events of an append.
    pub command: Uuid,
    /// The request or the process it belongs to.
    pub correlation: Uuid,
    /// The event a reaction answered to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation: Option<Uuid>,
    /// Who: an account's id in the API's form, `system:<name>` or `anonymous`.
    pub actor: String,
    /// How they came: the sign-in's id in the API's form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// For whom, if not for themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// The network address, as a personal value (`{"$personal":…}`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Value>,
    /// A keyed digest of the network address, by which what came from one place is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_digest: Option<String>,
    /// What was asked for, as the API names it, such as `workshopPublish`. Older events do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// W3C trace context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

/// What a retry of the same request is answered with.
#[derive(Clone, Debug, PartialEq)]
pub struct NewReceipt {
    /// Who asked.
    pub actor: String,
    /// What they asked for, such as `workshopPublish`.
    pub operation: String,
    /// Chosen by the caller.
    pub key: String,
    /// A keyed digest of the input without secrets.
    pub fingerprint: Vec<u8>,
    /// Ids or a refusal; never a secret or a personal value.
    pub outcome: Value,
    /// Absent for reactions: theirs are kept for ever.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A lease as a precondition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The lease's name.
    pub lease: String,
    /// The epoch under which the caller took it.
    pub epoch: i64,
}

/// Where an append ended up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The position of its last event, or the head if it had none.
    pub position: Position,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}
