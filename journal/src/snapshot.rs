//! States of long streams and signed statements of the head.

use chrono::{DateTime, Utc};

use crate::{Link, StreamId};

/// The state of a stream after its event at `sequence`. It saves a reader time and decides nothing: whoever cannot use it
/// reads the events.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Which stream.
    pub stream: StreamId,
    /// The version of the state's form; another one is of no use.
    pub version: u32,
    /// The last event in it.
    pub sequence: i64,
    /// JSON; personal values in it are sealed, as they are in events.
    pub state: String,
}

/// What the head was, signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// The head.
    pub link: Link,
    /// When it was signed.
    pub signed_at: DateTime<Utc>,
    /// The signed note, in the C2SP tlog-checkpoint form.
    pub note: String,
}
