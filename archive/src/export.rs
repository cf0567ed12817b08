//! Streams the history out.

use std::{collections::HashSet, io::Write, str::FromStr, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use journal::{History, JournalError, Position, RawEvent};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::{
    ArchiveError, Selection, cloudevents,
    line::{self, Checkpoint, Content, End, Event, Header, KIND, VERSION},
};

const PAGE: u32 = 2000;
/// Pages read ahead.
const AHEAD: usize = 2;
/// Bytes that are written at once.
const BUFFER: usize = 256 * 1024;

/// What an export looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Our own, from which [`crate::import`] makes the same journal again.
    Ndjson,
    /// `CloudEvents` 1.0 in JSON, one a line.
    CloudEvents,
    /// Apache Parquet; row groups do not span two days (UTC).
    Parquet,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "ndjson" => Ok(Self::Ndjson),
            "cloudevents" => Ok(Self::CloudEvents),
            "parquet" => Ok(Self::Parquet),
            _ => Err(format!("unknown format `{text}`: expected ndjson, cloudevents or parquet")),
        }
    }
}

/// What to export.
#[derive(Clone, Debug)]
pub struct Export {
    /// In which form.
    pub format: Format,
    /// Which events.
    pub selection: Selection,
    /// Also the contents that events refer to; always, if the selection is whole. Our own form alone has a place for them.
    pub contents: bool,
}

/// Writes the selected events to `out` and returns the last position looked at.
///
/// # Errors
/// The journal cannot be read, `out` not written, an event not be expressed, or this build lacks the format.
pub async fn export<W: Write + Send + 'static>(history: &Arc<dyn History>, export: &Export, out: W) -> Result<Position, ArchiveError> {
    let head = history.head().await?;
    let until = export.selection.until.map_or(head, |until| until.min(head)).max(export.selection.after);
    let mut stream = Stream { sink: Sink::begin(history.id(), export, out)?, exported: HashSet::new() };
    stream = stream.pages(history, export, export.selection.after, until).await?;
    stream.end(history, export, until).await?;
    Ok(until)
}

/// As [`export`], and goes on with events as they are recorded, looked for every `poll`, until `stop`.
///
/// # Errors
/// As [`export`].
pub async fn follow<W: Write + Send + 'static>(
    history: &Arc<dyn History>,
    export: &Export,
    out: W,
    poll: Duration,
    stop: impl Future<Output = ()>,
) -> Result<Position, ArchiveError> {
    let mut stream = Stream { sink: Sink::begin(history.id(), export, out)?, exported: HashSet::new() };
    let mut after = export.selection.after;
    tokio::pin!(stop);
    loop {
        let head = history.head().await?.max(after);
        stream = stream.pages(history, export, after, head).await?;
        stream.sink.flush()?;
        after = head;
        tokio::select! {
            () = &mut stop => break,
            () = tokio::time::sleep(poll) => {}
        }
    }
    stream.end(history, export, after).await?;
    Ok(after)
}

/// An export on its way.
struct Stream<W: Write + Send> {
    sink: Sink<W>,
    /// Contents that have been written.
    exported: HashSet<String>,
}

impl<W: Write + Send + 'static> Stream<W> {
    async fn pages(mut self, history: &Arc<dyn History>, export: &Export, after: Position, until: Position) -> Result<Self, ArchiveError> {
        let with_contents = export.format == Format::Ndjson && (export.contents || export.selection.is_whole());
        let mut pages = read_ahead(history, after, until);
        while let Some(page) = pages.recv().await {
            let page: Vec<RawEvent> = page?.into_iter().filter(|event| export.selection.takes(event)).collect();
            if with_contents {
                for digest in page.iter().flat_map(|event| line::contents(&event.payload)) {
                    if self.exported.insert(digest.to_owned())
                        && let Some(bytes) = history.content(digest).await?
                    {
                        self.sink.content(digest, &bytes)?;
                    }
                }
            }
            // Formatting and writing block.
            let step = tokio::task::spawn_blocking(move || {
                let outcome = self.sink.events(&page);
                (self, outcome)
            });
            let outcome;
            (self, outcome) = step.await.map_err(|_| JournalError::Closed)?;
            outcome?;
        }
        Ok(self)
    }

    async fn end(mut self, history: &Arc<dyn History>, export: &Export, until: Position) -> Result<(), ArchiveError> {
        if export.format == Format::Ndjson && export.selection.is_whole() {
            for (position, note) in checkpoints(&**history, until).await? {
                self.sink.checkpoint(position, &note)?;
            }
        }
        self.sink.end(until)
    }
}

/// Signed checkpoints up to a position, the earliest first.
async fn checkpoints(history: &dyn History, until: Position) -> Result<Vec<(i64, String)>, JournalError> {
    let mut found = Vec::new();
    let mut at = until;
    while let Some(checkpoint) = history.signed_checkpoint(at).await? {
        at = Position(checkpoint.link.position.0 - 1);
        found.push((checkpoint.link.position.0, checkpoint.note));
    }
    found.reverse();
    Ok(found)
}

fn read_ahead(history: &Arc<dyn History>, mut after: Position, until: Position) -> mpsc::Receiver<Result<Vec<RawEvent>, JournalError>> {
    let (sender, pages) = mpsc::channel(AHEAD);
    let history = Arc::clone(history);
    tokio::spawn(async move {
        while after < until {
            let limit = u32::try_from(until.0 - after.0).unwrap_or(u32::MAX).min(PAGE);
            let page = history.read_raw(after, limit).await;
            let next = match &page {
                Ok(events) => events.last().map(|event| Position(event.position)),
                Err(_) => None,
            };
            // Nobody waits for more if the export has failed.
            if sender.send(page).await.is_err() {
                return;
            }
            let Some(next) = next else { return };
            after = next;
        }
    });
    pages
}

/// Where it goes, in one of the forms.
enum Sink<W: Write + Send> {
    Ndjson(Lines<W>),
    CloudEvents(Lines<W>, uuid::Uuid),
    #[cfg(feature = "parquet")]
    Parquet(Box<crate::parquet::Table<W>>),
}

impl<W: Write + Send> Sink<W> {
    fn begin(journal: uuid::Uuid, export: &Export, out: W) -> Result<Self, ArchiveError> {
        match export.format {
            Format::Ndjson => {
                let mut lines = Lines::new(out);
                lines.line(&Header { nalabo: KIND.into(), version: VERSION, journal, whole: export.selection.is_whole() })?;
                Ok(Self::Ndjson(lines))
            }
            Format::CloudEvents => Ok(Self::CloudEvents(Lines::new(out), journal)),
            #[cfg(feature = "parquet")]
            Format::Parquet => Ok(Self::Parquet(Box::new(crate::parquet::Table::begin(journal, out)?))),
            #[cfg(not(feature = "parquet"))]
            Format::Parquet => {
                Err(ArchiveError::Unsupported("this build has no Parquet: build it with `--features parquet`, or take a release".into()))
            }
        }
    }

    fn events(&mut self, events: &[RawEvent]) -> Result<(), ArchiveError> {
        match self {
            Self::Ndjson(lines) => events.iter().try_for_each(|event| {
                let line = Event::of(event).ok_or_else(|| unfit(event, "its payload or metadata is not JSON on one line"))?;
                lines.events += 1;
                lines.line(&line)
            }),
            Self::CloudEvents(lines, journal) => events.iter().try_for_each(|event| {
                let event =
                    cloudevents::CloudEvent::of(event, *journal).ok_or_else(|| unfit(event, "it is not what the journal writes"))?;
                lines.line(&event)
            }),
            #[cfg(feature = "parquet")]
            Self::Parquet(table) => table.take(events),
        }
    }

    fn content(&mut self, digest: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        match self {
            Self::Ndjson(lines) => lines.line(&Content { content: digest.into(), bytes: STANDARD.encode(bytes).into() }),
            // The other forms have no place for it.
            Self::CloudEvents(..) => Ok(()),
            #[cfg(feature = "parquet")]
            Self::Parquet(_) => Ok(()),
        }
    }

    fn checkpoint(&mut self, checkpoint: i64, note: &str) -> Result<(), ArchiveError> {
        match self {
            Self::Ndjson(lines) => lines.line(&Checkpoint { checkpoint, note: note.into() }),
            // The other forms have no place for it.
            Self::CloudEvents(..) => Ok(()),
            #[cfg(feature = "parquet")]
            Self::Parquet(_) => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<(), ArchiveError> {
        match self {
            Self::Ndjson(lines) | Self::CloudEvents(lines, _) => lines.flush(),
            // It has nothing to show before its end.
            #[cfg(feature = "parquet")]
            Self::Parquet(_) => Ok(()),
        }
    }

    fn end(self, at: Position) -> Result<(), ArchiveError> {
        match self {
            Self::Ndjson(mut lines) => {
                let events = lines.events;
                lines.line(&End { end: at.0, events })?;
                lines.flush()
            }
            Self::CloudEvents(mut lines, _) => lines.flush(),
            #[cfg(feature = "parquet")]
            Self::Parquet(table) => table.end(),
        }
    }
}

pub(crate) fn unfit(event: &RawEvent, what: &str) -> ArchiveError {
    ArchiveError::Unfit { position: Position(event.position), what: what.to_owned() }
}

struct Lines<W> {
    out: W,
    buffer: Vec<u8>,
    events: u64,
}

impl<W: Write> Lines<W> {
    fn new(out: W) -> Self {
        Self { out, buffer: Vec::with_capacity(BUFFER + 64 * 1024), events: 0 }
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), ArchiveError> {
        serde_json::to_writer(&mut self.buffer, line).map_err(|error| ArchiveError::Write(error.into()))?;
        self.buffer.push(b'\n');
        if self.buffer.len() >= BUFFER {
            self.out.write_all(&self.buffer).map_err(ArchiveError::Write)?;
            self.buffer.clear();
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ArchiveError> {
        self.out.write_all(&self.buffer).and_then(|()| self.out.flush()).map_err(ArchiveError::Write)?;
        self.buffer.clear();
        Ok(())
    }
}
