//! Reads an export of our own form back, and believes none of it: every hash is made again.

use std::{collections::HashSet, io::BufRead};

use base64::{Engine, engine::general_purpose::STANDARD};
use journal::{Import, JournalError, Link, Position, RawEvent};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    ArchiveError,
    line::{self, Header, KIND, Line, VERSION},
};

/// Rows that are written at once.
const BATCH: usize = 1000;

/// What was taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The journal's id.
    pub journal: Uuid,
    /// Its head.
    pub head: Link,
    /// How many contents came with it.
    pub contents: u64,
}

/// Makes a journal of what `from` holds, all or nothing. `into` is asked for an import under the id in the first line.
///
/// # Errors
/// A line that is not what an export writes, an event that does not follow the one before, an end that is missing, or what
/// `into` says. Then nothing was imported.
pub async fn import<I, B>(mut from: impl BufRead + Send, into: I) -> Result<Imported, ArchiveError>
where
    I: AsyncFnOnce(Uuid) -> Result<B, JournalError>,
    B: Import + 'static,
{
    let mut text = String::new();
    let mut number = 1;
    read_line(&mut from, &mut text, number)?;
    let journal = header(&text)?.journal;
    let mut import = into(journal).await?;
    let mut reading = Reading { journal, head: Link::default(), events: 0, batch: Vec::with_capacity(BATCH), there: HashSet::new() };
    loop {
        number += 1;
        if !read_line(&mut from, &mut text, number)? {
            let what = format!("the file ends after position {}, before its end is told: it is not complete", reading.head.position);
            return Err(ArchiveError::Line { line: number, what });
        }
        if reading.take(&mut import, text.trim_end_matches('\n'), number).await? {
            break;
        }
    }
    if read_line(&mut from, &mut text, number + 1)? {
        return Err(ArchiveError::Line { line: number + 1, what: "there is more after the end".into() });
    }
    Box::new(import).finish().await?;
    Ok(Imported { journal, head: reading.head, contents: reading.there.len() as u64 })
}

/// `false`: there are no more.
fn read_line(from: &mut impl BufRead, text: &mut String, line: u64) -> Result<bool, ArchiveError> {
    text.clear();
    match from.read_line(text) {
        Ok(bytes) => Ok(bytes > 0),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Err(ArchiveError::Line { line, what: "it is not UTF-8".into() }),
        Err(error) => Err(ArchiveError::Read(error)),
    }
}

fn header(text: &str) -> Result<Header, ArchiveError> {
    let wrong = |what: String| ArchiveError::Line { line: 1, what };
    let header: Header =
        serde_json::from_str(text).map_err(|_| wrong("expected the first line of an export in the format ndjson".into()))?;
    if header.nalabo != KIND || header.version != VERSION {
        return Err(wrong(format!("expected {KIND} of version {VERSION}, found {} of version {}", header.nalabo, header.version)));
    }
    if !header.whole {
        return Err(wrong("this is an export of some events; only one of all from the first on can be imported".into()));
    }
    Ok(header)
}

struct Reading {
    journal: Uuid,
    head: Link,
    events: u64,
    batch: Vec<RawEvent>,
    /// Contents that have come.
    there: HashSet<String>,
}

impl Reading {
    /// `true`: it was the last line.
    async fn take(&mut self, import: &mut impl Import, text: &str, line: u64) -> Result<bool, ArchiveError> {
        let wrong = |what: String| ArchiveError::Line { line, what };
        match Line::parse(text).map_err(wrong)? {
            Line::Event(event) => {
                let event = event.into_raw().ok_or_else(|| wrong("the hash is not hexadecimal".into()))?;
                self.follow(&event, line)?;
                self.batch.push(event);
                if self.batch.len() >= BATCH {
                    import.take(std::mem::take(&mut self.batch)).await?;
                }
            }
            Line::Content(content) => {
                let bytes = STANDARD.decode(&*content.bytes).map_err(|_| wrong("the content is not base64".into()))?;
                if hex::encode(Sha256::digest(&bytes)) != content.content {
                    return Err(wrong(format!("the content {} has another digest", content.content)));
                }
                self.there.insert(content.content.into_owned());
                import.content(bytes).await?;
            }
            Line::Checkpoint(checkpoint) => {
                let signed = line::signed(&checkpoint.note).filter(|signed| signed.link.position.0 == checkpoint.checkpoint);
                import.signed_checkpoint(signed.ok_or_else(|| wrong("the note is no checkpoint of this position".into()))?).await?;
            }
            Line::End(end) => {
                if end.events != self.events || end.end != self.head.position.0 {
                    let what = format!("expected {} events up to position {}, found {}", end.events, end.end, self.events);
                    return Err(wrong(what));
                }
                import.take(std::mem::take(&mut self.batch)).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn follow(&mut self, event: &RawEvent, line: u64) -> Result<(), ArchiveError> {
        let expected = Position(self.head.position.0 + 1);
        let wrong = |what: String| Err(ArchiveError::Event { line, position: expected, what });
        if event.position != expected.0 {
            return wrong(format!("the event is missing; found position {}", event.position));
        }
        let hash = event.hash_after(self.journal, &self.head.hash);
        if hash.as_slice() != event.hash {
            return wrong("the event is not as it was written".into());
        }
        self.head = Link { position: expected, hash };
        self.events += 1;
        Ok(())
    }
}
