//! Which events are exported.

use journal::{Position, RawEvent};

/// Which events; the default is all there are when the export begins.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only later ones.
    pub after: Position,
    /// Only up to here; `None`: up to the head.
    pub until: Option<Position>,
    /// Only events of this name.
    pub name: Option<String>,
    /// Only streams of this kind, or this stream: `session`, or `session/<id>`.
    pub stream: Option<String>,
}

impl Selection {
    /// Whether it leaves no gaps and begins at the beginning, so that an import can follow the hashes.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.after == Position(0) && self.name.is_none() && self.stream.is_none()
    }

    /// Whether an event between the ends is wanted.
    pub(crate) fn takes(&self, event: &RawEvent) -> bool {
        let named = self.name.as_ref().is_none_or(|name| *name == event.event_type);
        let there = self.stream.as_ref().is_none_or(|stream| match stream.split_once('/') {
            Some((kind, id)) => kind == event.aggregate_type && id == event.aggregate_id,
            None => *stream == event.aggregate_type,
        });
        named && there
    }
}
