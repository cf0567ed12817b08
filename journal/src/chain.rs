//! What each event's hash covers.
//!
//! ```text
//! hash = SHA-256( "nalabo event v1" ‖ 0x00 ‖ previous hash (32 bytes; zeros before the first event)
//!               ‖ journal id (16 bytes)
//!               ‖ for each column: its length as 8 bytes, big-endian ‖ its bytes )
//! ```
//!
//! The columns, in this order: `position`, `event_id`, `aggregate_type`, `aggregate_id`, `sequence`, `event_type`,
//! `event_version`, `payload`, `metadata`, `recorded_at`. Integers are 8 bytes, big-endian, two's complement; text is
//! UTF-8 as stored; UUIDs are text, lower-case and hyphenated. This form never changes.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Position;

const TAG: &[u8] = b"nalabo event v1\0";

/// A place in the chain of hashes. The default is the one before the first event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Where.
    pub position: Position,
    /// The hash of the event there.
    pub hash: [u8; 32],
}

/// An event as stored, but for its hash.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns<'a> {
    pub(crate) position: i64,
    pub(crate) event_id: &'a str,
    pub(crate) aggregate_type: &'a str,
    pub(crate) aggregate_id: &'a str,
    pub(crate) sequence: i64,
    pub(crate) event_type: &'a str,
    pub(crate) event_version: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) metadata: &'a str,
    /// Microseconds since 1970.
    pub(crate) recorded_at: i64,
}

impl Columns<'_> {
    pub(crate) fn hash(&self, journal: Uuid, previous: &[u8; 32]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(TAG);
        hash.update(previous);
        hash.update(journal.as_bytes());
        let columns: [&[u8]; 10] = [
            &self.position.to_be_bytes(),
            self.event_id.as_bytes(),
            self.aggregate_type.as_bytes(),
            self.aggregate_id.as_bytes(),
            &self.sequence.to_be_bytes(),
            self.event_type.as_bytes(),
            self.event_version.as_bytes(),
            self.payload.as_bytes(),
            self.metadata.as_bytes(),
            &self.recorded_at.to_be_bytes(),
        ];
        for column in columns {
            hash.update((column.len() as u64).to_be_bytes());
            hash.update(column);
        }
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests;
