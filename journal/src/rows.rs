//! What the tables beside the events, and the head, say: the same in every engine.

use chrono::DateTime;
use uuid::Uuid;

use crate::{
    JournalError, Link, Parked, Position, RawEvent, Receipt, Recorded, SignedCheckpoint, Snapshot, StreamId, Timer, stored::Stored,
};

/// Events hashed between two looks at the database.
const VERIFY_PAGE: u32 = 2000;
/// How many of the latest events are verified when a journal is opened.
pub(crate) const VERIFIED_AT_START: i64 = 256;

/// The last event, as the next one needs it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Tip {
    pub(crate) position: i64,
    #[sqlx(try_from = "Vec<u8>")]
    pub(crate) hash: Hash,
    pub(crate) recorded_at: i64,
}

pub(crate) const TIP: &str = "SELECT position, hash, recorded_at FROM events ORDER BY position DESC LIMIT 1";

/// A hash as stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hash(pub(crate) [u8; 32]);

impl TryFrom<Vec<u8>> for Hash {
    type Error = String;

    fn try_from(bytes: Vec<u8>) -> Result<Self, String> {
        bytes.try_into().map(Self).map_err(|bytes: Vec<u8>| format!("a hash of {} bytes", bytes.len()))
    }
}

/// How many events to hash next, if so many are left.
pub(crate) fn verify_page(left: i64) -> u32 {
    u32::try_from(left).unwrap_or(u32::MAX).min(VERIFY_PAGE)
}

/// The link at a position whose hash was looked up.
pub(crate) fn link(position: Position, hash: Option<Vec<u8>>) -> Result<Link, JournalError> {
    match hash.map(<[u8; 32]>::try_from) {
        Some(Ok(hash)) => Ok(Link { position, hash }),
        Some(Err(_)) => Err(corrupt(position.0, "malformed hash")),
        None => Err(missing(position.0)),
    }
}

pub(crate) fn missing(position: i64) -> JournalError {
    corrupt(position, "the event is missing")
}

fn corrupt(position: i64, what: &str) -> JournalError {
    JournalError::Corrupt { at: format!("position {position}"), what: what.to_owned() }
}

pub(crate) fn recorded(event: &Stored<'_>) -> Result<Recorded, JournalError> {
    event.recorded()
}

#[expect(clippy::unnecessary_wraps, reason = "another way to take an event may fail")]
pub(crate) fn raw(event: &Stored<'_>) -> Result<RawEvent, JournalError> {
    Ok(event.raw())
}

pub(crate) fn timer((key, due): (String, i64)) -> Result<Timer, JournalError> {
    match DateTime::from_timestamp_micros(due) {
        Some(due) => Ok(Timer { key, due }),
        None => Err(JournalError::Corrupt { at: format!("timer {key}"), what: "no such time".into() }),
    }
}

pub(crate) type ParkedRow = (String, String, i64, String, i64, i64);

pub(crate) fn parked((kind, id, position, reason, attempts, at): ParkedRow) -> Result<Parked, JournalError> {
    let corrupt = |what: &str| JournalError::Corrupt { at: format!("parked {kind}/{id}"), what: what.to_owned() };
    Ok(Parked {
        stream: StreamId { id: Uuid::try_parse(&id).map_err(|_| corrupt("malformed aggregate_id"))?, kind: kind.clone().into() },
        position: Position(position),
        reason,
        attempts: u32::try_from(attempts).map_err(|_| corrupt("malformed attempts"))?,
        at: DateTime::from_timestamp_micros(at).ok_or_else(|| corrupt("malformed parked_at"))?,
    })
}

pub(crate) type SignedCheckpointRow = (i64, Vec<u8>, i64, String);

pub(crate) fn signed_checkpoint((position, hash, at, note): SignedCheckpointRow) -> Result<SignedCheckpoint, JournalError> {
    let corrupt = |what: &str| JournalError::Corrupt { at: format!("signed checkpoint {position}"), what: what.to_owned() };
    let hash = <[u8; 32]>::try_from(hash).map_err(|_| corrupt("malformed hash"))?;
    let signed_at = DateTime::from_timestamp_micros(at).ok_or_else(|| corrupt("malformed signed_at"))?;
    Ok(SignedCheckpoint { link: Link { position: Position(position), hash }, signed_at, note })
}

pub(crate) fn snapshot(stream: &StreamId, version: u32, (sequence, state): (i64, String)) -> Snapshot {
    Snapshot { stream: stream.clone(), version, sequence, state }
}

pub(crate) type ReceiptRow = (Vec<u8>, String, i64);

pub(crate) fn receipt((fingerprint, outcome, position): ReceiptRow) -> Result<Receipt, JournalError> {
    let outcome = serde_json::from_str(&outcome)
        .map_err(|_| JournalError::Corrupt { at: "receipts".into(), what: "an outcome is not JSON".into() })?;
    Ok(Receipt { fingerprint, outcome, position: Position(position) })
}

/// Whether bytes are those kept under a digest.
pub(crate) fn content(digest: &str, bytes: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, JournalError> {
    use sha2::{Digest, Sha256};
    match bytes {
        Some(bytes) if hex::encode(Sha256::digest(&bytes)) != digest => {
            Err(JournalError::Corrupt { at: format!("content {digest}"), what: "the bytes have another digest".into() })
        }
        bytes => Ok(bytes),
    }
}
