//! Snapshots of long streams: what they have in them, when one is due, and who writes it.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::Decider;
use journal::{Snapshot, StreamId};
use moka::{ops::compute::Op, sync::Cache};
use serde::{Deserialize, Serialize};
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use super::{Cell, Entry, State, Streams, cell::AnyCell, is_named_after, is_same};
use crate::Fault;

/// Of a long stream, a snapshot is due only once this part of it is new: each is the whole state, and to write it every so many events
/// would come to more, the longer the stream, than all else that is done about it.
const NEW_PART: i64 = 2;
/// So many times as long has a stream become by the next snapshot for as long as many want it: each costs them time, and is of use only to
/// who reads the stream later.
const WHILE_WANTED: i64 = 10;
/// Streams whose id is not older than this have no snapshot worth asking for.
const YOUNG: TimeDelta = TimeDelta::minutes(1);

/// A snapshot's content: the event it was taken after, and the state.
#[derive(Serialize, Deserialize)]
struct Kept<D> {
    event: Uuid,
    state: D,
}

/// A snapshot that is to be written.
pub(super) struct DueSnapshot<D> {
    sequence: i64,
    kept: Kept<D>,
    permit: OwnedSemaphorePermit,
}

impl Streams {
    pub(super) async fn load_snapshot<D: Decider>(&self, stream: &StreamId) -> Result<Option<State<D>>, Fault> {
        if self.every == 0 || self.is_younger(stream.id, YOUNG) {
            return Ok(None);
        }
        // One that cannot be read is not needed either.
        let Ok(Some(Snapshot { sequence, state, .. })) = self.journal.snapshot(stream, D::STATE_VERSION).await else { return Ok(None) };
        let Ok(Kept { event, state }) = serde_json::from_str::<Kept<D>>(&state) else { return Ok(None) };
        let events = self.journal.load(stream, sequence - 1).await?;
        let Some((anchor, later)) = events.split_first() else { return Ok(None) };
        if (anchor.sequence, anchor.event_id) != (sequence, event) {
            return Ok(None);
        }
        let mut state = State::at(state, sequence, event);
        state.extend(later)?;
        if let Some(due) = self.due_snapshot(&mut state, false) {
            self.keep_snapshot(stream, due, None);
        }
        Ok(Some(state))
    }

    fn is_younger(&self, id: Uuid, than: TimeDelta) -> bool {
        is_named_after(id, (self.clock)() - than)
    }

    /// A snapshot, if one is due and not too many are being written. `is_wanted`: somebody waits for the stream.
    pub(super) fn due_snapshot<D: Decider>(&self, state: &mut State<D>, is_wanted: bool) -> Option<DueSnapshot<D>> {
        if !is_due(self.every, state.snapshot, state.version, is_wanted) {
            return None;
        }
        let permit = Arc::clone(&self.snapshots).try_acquire_owned().ok()?;
        state.snapshot = state.version;
        Some(DueSnapshot { sequence: state.version, kept: Kept { event: state.last, state: state.value.clone() }, permit })
    }

    /// Has a snapshot written in the background. What a `cell` with that state counts is known by then, too.
    pub(super) fn keep_snapshot<D: Decider>(&self, stream: &StreamId, due: DueSnapshot<D>, cell: Option<Arc<Cell<D>>>) {
        let (journal, cache, stream) = (Arc::clone(&self.journal), self.cache.clone(), stream.clone());
        let DueSnapshot { sequence, kept, permit } = due;
        tokio::spawn(async move {
            // Of a long stream it is megabytes, for which nobody who decides on it should wait.
            let Ok(Ok(state)) = tokio::task::spawn_blocking(move || serde_json::to_string(&kept)).await else { return };
            if let Some((cache, cell)) = cache.zip(cell) {
                let weight = u32::try_from(state.len()).unwrap_or(u32::MAX);
                weigh(&cache, &stream, Entry { cell: cell as Arc<dyn AnyCell>, weight });
            }
            if let Err(error) = journal.put_snapshot(Snapshot { stream, version: D::STATE_VERSION, sequence, state }).await {
                tracing::debug!(%error, "a snapshot was not kept");
            }
            drop(permit);
        });
    }
}

/// Has a state that is still kept count for what it has become.
fn weigh(cache: &Cache<StreamId, Entry>, stream: &StreamId, entry: Entry) {
    let weighed = cache.entry_by_ref(stream).and_compute_with(|kept| match kept {
        Some(kept) if is_same(&kept.value().cell, &entry.cell) => Op::Put(entry),
        _ => Op::Nop,
    });
    drop(weighed);
}

/// Whether a snapshot is due, the last one having been taken at a version.
pub(super) const fn is_due(every: i64, last: i64, version: i64, is_wanted: bool) -> bool {
    let part = if is_wanted { last.saturating_mul(WHILE_WANTED - 1) } else { last / NEW_PART };
    every > 0 && version - last >= if every > part { every } else { part }
}
