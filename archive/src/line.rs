//! The lines of our own form: JSON, one object a line, from which a journal can be made again byte for byte.
//!
//! ```text
//! {"nalabo":"events","version":1,"journal":"<id>","whole":true}           first
//! {"content":"<digest>","bytes":"<base64>"}                               before the first event that refers to it
//! {"position":1,"event_id":…,"payload":<as stored>,"metadata":<as stored>,"recorded_at":<µs>,"hash":"<hex>"}
//! {"checkpoint":<position>,"note":"<signed note>"}                        after the event at its position, or later
//! {"end":<position>,"events":<how many>}                                  last; without it the file is not complete
//! ```

use std::borrow::Cow;

use journal::{RawEvent, evidence};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What the first line says that it is.
pub(crate) const KIND: &str = "events";
pub(crate) const VERSION: u32 = 1;
/// How a payload refers to bytes that are kept beside the events.
const CONTENT: &str = "\"content\":\"";
const DIGEST: usize = 64;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub(crate) nalabo: String,
    pub(crate) version: u32,
    pub(crate) journal: uuid::Uuid,
    /// All events from the first on, without gaps.
    pub(crate) whole: bool,
}

#[expect(clippy::struct_field_names, reason = "the names of the columns")]
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event<'a> {
    pub(crate) position: i64,
    #[serde(borrow)]
    event_id: Cow<'a, str>,
    #[serde(borrow)]
    aggregate_type: Cow<'a, str>,
    #[serde(borrow)]
    aggregate_id: Cow<'a, str>,
    sequence: i64,
    #[serde(borrow)]
    event_type: Cow<'a, str>,
    #[serde(borrow)]
    event_version: Cow<'a, str>,
    #[serde(borrow)]
    payload: &'a RawValue,
    #[serde(borrow)]
    metadata: &'a RawValue,
    recorded_at: i64,
    #[serde(borrow)]
    hash: Cow<'a, str>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Content<'a> {
    #[serde(borrow)]
    pub(crate) content: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) bytes: Cow<'a, str>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Checkpoint<'a> {
    pub(crate) checkpoint: i64,
    #[serde(borrow)]
    pub(crate) note: Cow<'a, str>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct End {
    /// The last position looked at.
    pub(crate) end: i64,
    pub(crate) events: u64,
}

/// Any line after the first.
#[derive(Debug)]
pub(crate) enum Line<'a> {
    Event(Event<'a>),
    Content(Content<'a>),
    Checkpoint(Checkpoint<'a>),
    End(End),
}

impl<'a> Line<'a> {
    /// The member that a line begins with tells what it is.
    pub(crate) fn parse(text: &'a str) -> Result<Self, String> {
        let wrong = |error: serde_json::Error| format!("not a line of an export: {error}");
        if text.starts_with("{\"position\":") {
            serde_json::from_str(text).map(Self::Event).map_err(wrong)
        } else if text.starts_with("{\"content\":") {
            serde_json::from_str(text).map(Self::Content).map_err(wrong)
        } else if text.starts_with("{\"checkpoint\":") {
            serde_json::from_str(text).map(Self::Checkpoint).map_err(wrong)
        } else if text.starts_with("{\"end\":") {
            serde_json::from_str(text).map(Self::End).map_err(wrong)
        } else {
            Err("not a line of an export: expected an event, a content, a checkpoint or the end".into())
        }
    }
}

impl<'a> Event<'a> {
    /// `None`: its payload or metadata is not the JSON, on one line, that the journal writes.
    pub(crate) fn of(event: &'a RawEvent) -> Option<Self> {
        Some(Self {
            position: event.position,
            event_id: Cow::Borrowed(&event.event_id),
            aggregate_type: Cow::Borrowed(&event.aggregate_type),
            aggregate_id: Cow::Borrowed(&event.aggregate_id),
            sequence: event.sequence,
            event_type: Cow::Borrowed(&event.event_type),
            event_version: Cow::Borrowed(&event.event_version),
            payload: raw(&event.payload)?,
            metadata: raw(&event.metadata)?,
            recorded_at: event.recorded_at,
            hash: Cow::Owned(hex::encode(&event.hash)),
        })
    }

    /// `None`: the hash is not hexadecimal.
    pub(crate) fn into_raw(self) -> Option<RawEvent> {
        Some(RawEvent {
            position: self.position,
            event_id: self.event_id.into_owned(),
            aggregate_type: self.aggregate_type.into_owned(),
            aggregate_id: self.aggregate_id.into_owned(),
            sequence: self.sequence,
            event_type: self.event_type.into_owned(),
            event_version: self.event_version.into_owned(),
            payload: self.payload.get().to_owned(),
            metadata: self.metadata.get().to_owned(),
            recorded_at: self.recorded_at,
            hash: hex::decode(&*self.hash).ok()?,
        })
    }
}

/// JSON text as it is, if it can stand in a line and comes out of it unchanged.
pub(crate) fn raw(text: &str) -> Option<&RawValue> {
    let raw: &RawValue = serde_json::from_str(text).ok()?;
    (raw.get().len() == text.len() && !text.contains('\n')).then_some(raw)
}

/// The digests that a payload refers to.
pub(crate) fn contents(payload: &str) -> impl Iterator<Item = &str> {
    payload.match_indices(CONTENT).filter_map(|(at, _)| {
        let rest = &payload[at + CONTENT.len()..];
        let digest = rest.get(..DIGEST).filter(|_| rest[DIGEST..].starts_with('"'))?;
        digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')).then_some(digest)
    })
}

/// What a note says, as a row of the journal.
pub(crate) fn signed(note: &str) -> Option<journal::SignedCheckpoint> {
    let checkpoint = evidence::parse(note).ok()?;
    Some(journal::SignedCheckpoint { link: checkpoint.link, signed_at: checkpoint.signed_at?, note: note.to_owned() })
}
