//! Pages of events: the next one is read and decoded while the one before is folded and written.

use std::sync::Arc;

use domain::{fact::Fact, kernel::Timestamp};
use journal::{History, JournalError, Position, RawEvent, StreamId};
use tokio::task::{AbortHandle, JoinHandle};
use uuid::Uuid;

use super::{Group, LONGER, Projections, origin, window::Window};
use crate::{blocking::blocking, projector::Incoming, read_model::Recorded};

/// Reads ahead.
pub(super) struct Feed {
    ahead: Option<Ahead>,
    /// Whether pages may be long.
    longer: bool,
    /// What was read and is not written yet.
    pub(super) window: Option<Window>,
    /// Up to here pages are written one by one.
    narrow: Position,
}

impl Default for Feed {
    fn default() -> Self {
        Self { ahead: None, longer: true, window: None, narrow: Position(0) }
    }
}

/// A page that is being read.
struct Ahead {
    after: Position,
    until: Option<Position>,
    room: u32,
    page: JoinHandle<Result<Vec<Incoming>, JournalError>>,
    _abort: Abort,
}

struct Abort(AbortHandle);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Feed {
    /// After a fault pages are short and written one by one, so that what is slow, or refused, comes to an end. What is not
    /// written is forgotten: the database may not be what it was.
    pub(super) fn longer(&mut self, longer: bool) {
        self.longer = longer;
        if !longer {
            self.window = None;
        }
    }

    /// Holds nothing back up to a position, because the database refused what was held back before it.
    pub(super) fn page_by_page(&mut self, until: Option<Position>) {
        self.narrow = until.unwrap_or(self.narrow);
    }

    /// The events after those that a group of read models has taken; begins to read those after them. If they are far from
    /// `head`, and it is given, they are to be held back.
    pub(super) async fn page(&mut self, of: &Projections, group: &Group, head: Option<Position>) -> Result<Vec<Incoming>, JournalError> {
        let (members, until) = (group.members.as_slice(), group.until);
        let begun = self.window.as_ref().and_then(|window| window.goes_on(group.position, members));
        if begun.is_none() {
            let far = head.is_some_and(|head| self.longer && group.position >= self.narrow && of.is_far(group.position, head));
            self.window = far.then(|| of.open_window(group.position, members));
        }
        let after = begun.unwrap_or(group.position);
        let ahead = self.ahead.take().filter(|ahead| (ahead.after, ahead.until) == (after, until));
        let mut ahead = ahead.unwrap_or_else(|| self.begin(of, after, until));
        let page = match (&mut ahead.page).await {
            Ok(page) => page?,
            // A panic goes on where it is seen; nobody else ends the task.
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => return Ok(vec![]),
            },
        };
        let is_full = u32::try_from(page.len()).is_ok_and(|events| events >= ahead.room);
        if let Some(last) = page.last().map(|last| last.event.position).filter(|last| is_full && until.is_none_or(|until| *last < until)) {
            self.ahead = Some(self.begin(of, last, until));
        }
        Ok(page)
    }

    fn begin(&self, of: &Projections, after: Position, until: Option<Position>) -> Ahead {
        let left = until.unwrap_or_else(|| of.head()).0.saturating_sub(after.0);
        let long = of.page.saturating_mul(LONGER);
        let page = if self.longer && left > i64::from(long) { long } else { of.page };
        let room = until.map_or(page, |_| u32::try_from(left).unwrap_or(page).min(page));
        let wanted = of.models.iter().flat_map(|model| model.streams()).copied().collect();
        let page = tokio::spawn(read(Arc::clone(&of.history), wanted, after, room));
        Ahead { after, until, room, _abort: Abort(page.abort_handle()), page }
    }
}

async fn read(history: Arc<dyn History>, wanted: Vec<&'static str>, after: Position, room: u32) -> Result<Vec<Incoming>, JournalError> {
    let page = history.read_raw(after, room).await?;
    let decode = move || page.into_iter().map(|event| incoming(event, &wanted)).collect();
    Ok(blocking(decode).await)
}

/// Decodes an event, if any read model reads streams of its kind.
fn incoming(event: RawEvent, wanted: &[&str]) -> Incoming {
    let kind = event.aggregate_type.as_str();
    let (fact, undecodable) = if wanted.contains(&kind) {
        match decode(&event) {
            Ok(fact) => (fact, None),
            Err(why) => (Fact::Unknown, Some(why)),
        }
    } else {
        (Fact::Unknown, None)
    };
    let origin = origin::read(&event);
    let id = Uuid::try_parse(&event.aggregate_id);
    let at = Timestamp::from_timestamp_micros(event.recorded_at);
    let malformed = if id.is_err() || at.is_none() { Some("its stream or time is malformed".to_owned()) } else { None };
    let stream = StreamId { id: id.unwrap_or_default(), kind: event.aggregate_type.into() };
    Incoming {
        event: Recorded { position: Position(event.position), stream, at: at.unwrap_or_default(), fact, origin },
        hash: event.hash,
        undecodable: undecodable.or(malformed),
    }
}

fn decode(event: &RawEvent) -> Result<Fact, String> {
    let version = event.event_version.parse().map_err(|_| format!("its version is {}: expected a number", event.event_version))?;
    Fact::read(&event.aggregate_type, &event.event_type, version, &event.payload).map_err(|error| error.to_string())
}
