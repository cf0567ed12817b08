//! Events as rows, the same in every engine.

use std::borrow::Cow;

use chrono::DateTime;
use serde_json::Value;
use uuid::Uuid;

use crate::{JournalError, Metadata, Payload, Position, Recorded, StreamId, chain::Columns};

/// An event exactly as stored: what its hash covers, and the hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawEvent {
    /// Where in the global order, from 1.
    pub position: i64,
    /// A UUID, lower-case and hyphenated.
    pub event_id: String,
    /// The stream's kind.
    pub aggregate_type: String,
    /// The stream's id: a UUID, lower-case and hyphenated.
    pub aggregate_id: String,
    /// Where in the stream, from 1.
    pub sequence: i64,
    /// The stored name.
    pub event_type: String,
    /// The version of the stored form, a decimal number.
    pub event_version: String,
    /// JSON.
    pub payload: String,
    /// JSON.
    pub metadata: String,
    /// Microseconds since 1970, UTC.
    pub recorded_at: i64,
    /// 32 bytes.
    pub hash: Vec<u8>,
}

/// The columns of [`RawEvent`], for a `SELECT`.
pub(crate) const COLUMNS: &str = "position, event_id, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, \
                                  recorded_at, hash";

impl RawEvent {
    pub(crate) fn columns(&self) -> Columns<'_> {
        Columns {
            position: self.position,
            event_id: &self.event_id,
            aggregate_type: &self.aggregate_type,
            aggregate_id: &self.aggregate_id,
            sequence: self.sequence,
            event_type: &self.event_type,
            event_version: &self.event_version,
            payload: &self.payload,
            metadata: &self.metadata,
            recorded_at: self.recorded_at,
        }
    }

    /// What this event's hash must be in a journal, after an event of hash `previous` (zeros before the first).
    #[must_use]
    pub fn hash_after(&self, journal: Uuid, previous: &[u8; 32]) -> [u8; 32] {
        self.columns().hash(journal, previous)
    }

    pub(crate) fn stored(&self) -> Stored<'_> {
        Stored { columns: self.columns(), hash: &self.hash }
    }

    pub(crate) fn hash(&self) -> Result<[u8; 32], JournalError> {
        self.stored().hash()
    }

    /// The event that these bytes say.
    ///
    /// # Errors
    /// [`JournalError::Corrupt`] if a column is not what the journal writes.
    pub fn into_recorded(self) -> Result<Recorded, JournalError> {
        self.stored().recorded()
    }
}

/// An event as it lies in a row, of which nothing is copied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stored<'a> {
    pub(crate) columns: Columns<'a>,
    pub(crate) hash: &'a [u8],
}

impl Stored<'_> {
    pub(crate) fn raw(&self) -> RawEvent {
        let Self { columns, hash } = *self;
        RawEvent {
            position: columns.position,
            event_id: columns.event_id.to_owned(),
            aggregate_type: columns.aggregate_type.to_owned(),
            aggregate_id: columns.aggregate_id.to_owned(),
            sequence: columns.sequence,
            event_type: columns.event_type.to_owned(),
            event_version: columns.event_version.to_owned(),
            payload: columns.payload.to_owned(),
            metadata: columns.metadata.to_owned(),
            recorded_at: columns.recorded_at,
            hash: hash.to_owned(),
        }
    }

    fn hash(&self) -> Result<[u8; 32], JournalError> {
        self.hash.try_into().map_err(|_| self.corrupt("hash"))
    }

    pub(crate) fn recorded(&self) -> Result<Recorded, JournalError> {
        let columns = &self.columns;
        Ok(Recorded {
            position: Position(columns.position),
            event_id: Uuid::try_parse(columns.event_id).map_err(|_| self.corrupt("event_id"))?,
            stream: StreamId {
                id: Uuid::try_parse(columns.aggregate_id).map_err(|_| self.corrupt("aggregate_id"))?,
                kind: Cow::Owned(columns.aggregate_type.to_owned()),
            },
            sequence: columns.sequence,
            version: columns.event_version.parse().map_err(|_| self.corrupt("event_version"))?,
            payload: Payload::try_new(columns.payload).ok_or_else(|| self.corrupt("payload"))?,
            metadata: metadata(columns.metadata).ok_or_else(|| self.corrupt("metadata"))?,
            recorded_at: DateTime::from_timestamp_micros(columns.recorded_at).ok_or_else(|| self.corrupt("recorded_at"))?,
            hash: self.hash()?,
            name: columns.event_type.to_owned(),
        })
    }

    fn corrupt(&self, column: &str) -> JournalError {
        JournalError::Corrupt { at: format!("position {}", self.columns.position), what: format!("malformed {column}") }
    }
}

/// Metadata as stored. Stock cqrs-es clients read it as a map of text to text, so the address is JSON within text.
pub(crate) fn metadata_text(mut metadata: Metadata) -> Result<String, serde_json::Error> {
    metadata.address = metadata.address.map(|address| Value::String(address.to_string()));
    serde_json::to_string(&metadata)
}

fn metadata(text: &str) -> Option<Metadata> {
    let mut metadata: Metadata = serde_json::from_str(text).ok()?;
    if let Some(address) = metadata.address {
        metadata.address = Some(serde_json::from_str(address.as_str()?).ok()?);
    }
    Some(metadata)
}
