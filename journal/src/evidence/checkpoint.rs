//! What a checkpoint says, after C2SP's tlog-checkpoint.
//!
//! ```text
//! nalabo/<journal id>            the origin
//! <position of the last event>   decimal: how many events there are
//! <hash of the last event>       base64 of 32 bytes
//! time <RFC 3339>                an extension line
//! ```

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

use super::note::{self, NoteError};
use crate::{Link, Position};

const ORIGIN: &str = "nalabo/";
const TIME: &str = "time ";

/// What the head of a journal was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Names the log.
    pub origin: String,
    /// Which journal, if the origin is of this product's form.
    pub journal: Option<Uuid>,
    /// The head.
    pub link: Link,
    /// When it was signed, if it says so.
    pub signed_at: Option<DateTime<Utc>>,
}

/// What a note says, **without** looking at its signature: use [`super::Verifier::open`] wherever there is a key.
///
/// # Errors
/// It is no checkpoint.
pub fn parse(note: &str) -> Result<Checkpoint, NoteError> {
    read(note::split(note)?.0)
}

pub(super) fn origin(journal: Uuid) -> String {
    format!("{ORIGIN}{journal}")
}

pub(super) fn text(journal: Uuid, link: Link, at: DateTime<Utc>) -> String {
    let time = at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    format!("{}\n{}\n{}\n{TIME}{time}\n", origin(journal), link.position, STANDARD.encode(link.hash))
}

pub(super) fn read(text: &str) -> Result<Checkpoint, NoteError> {
    let mut lines = text.lines();
    let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
        return Err(NoteError::Malformed("expected an origin, a size and a hash"));
    };
    if origin.is_empty() {
        return Err(NoteError::Malformed("its origin is empty"));
    }
    // One form for each number.
    let position = size.parse::<i64>().ok().filter(|number| *number >= 0 && number.to_string() == size);
    let position = position.ok_or(NoteError::Malformed("its second line is no decimal size"))?;
    let hash = STANDARD.decode(root).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let hash = hash.ok_or(NoteError::Malformed("its third line is no base64 of 32 bytes"))?;
    let signed_at = lines.find_map(|line| DateTime::parse_from_rfc3339(line.strip_prefix(TIME)?).ok());
    Ok(Checkpoint {
        origin: origin.to_owned(),
        journal: origin.strip_prefix(ORIGIN).and_then(|id| Uuid::try_parse(id).ok()),
        link: Link { position: Position(position), hash },
        signed_at: signed_at.map(|at| at.with_timezone(&Utc)),
    })
}
