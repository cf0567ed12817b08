//! Which events are looked for.

use async_graphql::InputObject;
use domain::kernel::Timestamp;
use journal::{Recorded, StreamId};
use uuid::Uuid;

use crate::failure::{Failure, Result};

/// Which events are looked for; what is left out does not restrict.
#[derive(InputObject, Default)]
pub(crate) struct EventFilter {
    /// Such as `session`.
    stream_kind: Option<String>,
    /// A UUID, or an id as the API gives it (`ses_…`).
    stream_id: Option<String>,
    /// Such as `StepCompleted`.
    types: Option<Vec<String>>,
    /// Who: an account's id, `system:` and a name, or `anonymous`.
    actor: Option<String>,
    /// Recorded then or later.
    from: Option<Timestamp>,
    /// Recorded then or earlier.
    to: Option<Timestamp>,
}

/// A filter that was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    kind: Option<String>,
    id: Option<Uuid>,
    types: Option<Vec<String>>,
    actor: Option<String>,
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
}

impl EventFilter {
    /// # Errors
    /// A stream id that is none.
    pub(super) fn read(self) -> Result<Filter> {
        let Self { stream_kind, stream_id, types, actor, from, to } = self;
        let id = stream_id.as_deref().map(read_id).transpose()?;
        Ok(Filter { kind: stream_kind, id, types, actor, from, to })
    }
}

impl Filter {
    pub(super) fn matches(&self, event: &Recorded) -> bool {
        self.kind.as_ref().is_none_or(|kind| event.stream.kind == *kind)
            && self.id.is_none_or(|id| event.stream.id == id)
            && self.types.as_ref().is_none_or(|types| types.contains(&event.name))
            && self.actor.as_ref().is_none_or(|actor| event.metadata.actor == *actor)
            && self.from.is_none_or(|from| event.recorded_at >= from)
            && self.to.is_none_or(|to| event.recorded_at <= to)
    }

    /// The one stream that is looked in, if it is one.
    pub(super) fn stream(&self) -> Option<StreamId> {
        let (kind, id) = self.kind.clone().zip(self.id)?;
        Some(StreamId { kind: kind.into(), id })
    }
}

fn read_id(text: &str) -> Result<Uuid> {
    let digits = match text.split_once('_') {
        Some((prefix, digits)) if prefix.len() == 3 => digits,
        _ => text,
    };
    Uuid::try_parse(digits).map_err(|_| Failure::expected("filter.streamId", "a UUID, or an id as the API gives it"))
}
