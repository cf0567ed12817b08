//! States of streams: read from events, with a snapshot where a stream is long, and kept in memory while they are in use.
//!
//! Neither is trusted over events. What is written is checked against the stream's version by the journal, and what is
//! refused on a state from memory is decided again on the current one; a snapshot counts only if the event it was taken
//! after is in the stream. States here come from events as they are stored, or from new ones without personal values: they hold
//! none in the clear.

mod cell;
mod content;
mod snapshots;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use domain::{Decider, kernel::Timestamp};
use journal::{Journal, StreamId};
use moka::sync::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use cell::AnyCell;
pub(crate) use cell::{Cell, New, State};
pub(crate) use content::is_personal;
use content::weight;

use crate::{Clock, Fault};

/// What a cached state counts at least, in bytes; by this the number of streams is a limit of memory too.
const LEAST: u32 = 4096;
/// Snapshots that are written at once; more are left out, for they can be taken later.
const SNAPSHOTS_AT_ONCE: usize = 4;
/// Streams whose id is not older than this, when a command on them begins, are taken for new.
const JUST_NAMED: TimeDelta = TimeDelta::seconds(1);
/// How old a look may be that is good enough for those who ask again and again.
const RECENT: TimeDelta = TimeDelta::seconds(1);
/// Counts of writes: who looks at a stream that is not written to seldom shares one with a stream that is.
const WRITES: usize = 1024;
/// How long a command waits for its turn on a stream before it goes ahead without.
const PATIENCE: Duration = Duration::from_secs(1);

/// How streams are kept at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamOptions {
    /// Streams whose state is kept in memory, at 4 KiB each; larger states count for several. 0: none.
    pub cached: u32,
    /// Events of a stream between two snapshots, at least. 0: no snapshots, and those there are go unread.
    pub snapshot_every: u32,
}

impl Default for StreamOptions {
    fn default() -> Self {
        Self { cached: 10_000, snapshot_every: 100 }
    }
}

/// How old a state may be that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    /// As the journal has it.
    Current,
    /// As the journal had it within the last second, with all that was decided here since. What other nodes have recorded in that time may
    /// be missing.
    Recent,
}

/// What a command is decided on.
pub(crate) struct Ground<D: Decider> {
    pub(crate) cell: Arc<Cell<D>>,
    /// It was at hand, and may be behind.
    pub(crate) kept: bool,
    /// Until it is dropped, other commands of this node wait before they decide on it.
    pub(crate) turn: Option<OwnedSemaphorePermit>,
}

/// States of streams.
pub(crate) struct Streams {
    journal: Arc<dyn Journal>,
    clock: Clock,
    every: i64,
    cache: Option<Cache<StreamId, Entry>>,
    snapshots: Arc<Semaphore>,
    /// How often this node has written, by the last digits of streams' ids.
    writes: [AtomicU64; WRITES],
}

#[derive(Clone)]
struct Entry {
    cell: Arc<dyn AnyCell>,
    weight: u32,
}

impl Streams {
    pub(crate) fn new(journal: Arc<dyn Journal>, clock: Clock, options: StreamOptions) -> Self {
        let cache = (options.cached > 0).then(|| {
            Cache::builder()
                .weigher(|_, entry: &Entry| entry.weight.max(LEAST))
                .max_capacity(u64::from(options.cached) * u64::from(LEAST))
                .build()
        });
        let snapshots = Arc::new(Semaphore::new(SNAPSHOTS_AT_ONCE));
        let writes = std::array::from_fn(|_| AtomicU64::new(0));
        Self { journal, clock, every: options.snapshot_every.into(), cache, snapshots, writes }
    }

    pub(crate) const fn journal(&self) -> &Arc<dyn Journal> {
        &self.journal
    }

    /// The state of a stream as the journal has it now: what is at hand, with what has come since.
    ///
    /// # Errors
    /// The journal could not be read, or holds what this build cannot read.
    pub(crate) async fn current<D: Decider>(&self, stream: &StreamId) -> Result<D, Fault> {
        self.look(stream, D::clone).await
    }

    /// Looks at the current state of a stream, without a copy of it.
    ///
    /// # Errors
    /// As [`Self::current`].
    pub(crate) async fn look<D: Decider, R>(&self, stream: &StreamId, look: impl Fn(&D) -> R + Send) -> Result<R, Fault> {
        self.look_at(stream, move |state: &State<D>| look(&state.value)).await
    }

    /// The same, with how far the stream is.
    ///
    /// # Errors
    /// As [`Self::current`].
    pub(crate) async fn look_at<D: Decider, R>(&self, stream: &StreamId, look: impl Fn(&State<D>) -> R + Send) -> Result<R, Fault> {
        let (now, written) = ((self.clock)(), self.written(stream));
        if let Some(cell) = self.cached::<D>(stream)
            && let Some(version) = cell.version()
        {
            self.catch_up(stream, &cell, version).await?;
            self.was_read(stream, &cell, now, written);
            if let Some(seen) = cell.with(|state| look(state)) {
                return Ok(seen);
            }
        }
        let state = self.load::<D>(stream).await?;
        let seen = look(&state);
        let cell = Arc::new(Cell::new(state));
        self.put(stream, &cell);
        self.was_read(stream, &cell, now, written);
        Ok(seen)
    }

    /// How often this node has written to streams that share a count with this one.
    fn written(&self, stream: &StreamId) -> u64 {
        self.writes[count_of(stream)].load(Ordering::SeqCst)
    }

    /// A state was read at an instant, before which this node had written so often: what it has written since may be in another one.
    fn was_read<D: Decider>(&self, stream: &StreamId, cell: &Cell<D>, at: Timestamp, written: u64) {
        if self.written(stream) == written {
            cell.was_read(at);
        }
    }

    /// Looks at the state of a stream that may be so old.
    ///
    /// # Errors
    /// As [`Self::current`].
    pub(crate) async fn look_within<D: Decider, R>(&self, age: Age, stream: &StreamId, look: impl Fn(&D) -> R + Send) -> Result<R, Fault> {
        if age == Age::Current {
            return self.look(stream, look).await;
        }
        let now = (self.clock)();
        let cell = self.cached::<D>(stream).filter(|cell| cell.behind().is_none() && cell.was_read_within(RECENT, now));
        match cell.and_then(|cell| cell.with(|state| look(&state.value))) {
            Some(seen) => Ok(seen),
            None => self.look(stream, look).await,
        }
    }

    /// Looks at the state of a stream as this node knows it, with at least its first `events` events in it: what other nodes have
    /// recorded since may be missing. Not at hand, it is as [`Self::current`] has it.
    ///
    /// # Errors
    /// As [`Self::current`].
    pub(crate) async fn known<D: Decider, R>(&self, stream: &StreamId, events: i64, look: impl Fn(&D) -> R + Send) -> Result<R, Fault> {
        let known = self.cached::<D>(stream).and_then(|cell| cell.with(|state| (state.version >= events).then(|| look(&state.value))));
        match known.flatten() {
            Some(seen) => Ok(seen),
            None => self.current(stream).await.map(|state| look(&state)),
        }
    }

    /// The same, from the events.
    ///
    /// # Errors
    /// As [`Self::current`].
    async fn load<D: Decider>(&self, stream: &StreamId) -> Result<State<D>, Fault> {
        if let Some(state) = self.load_snapshot(stream).await? {
            return Ok(state);
        }
        let mut state = State::default();
        state.extend(&self.journal.load(stream, 0).await?)?;
        if let Some(due) = self.due_snapshot(&mut state, false) {
            self.keep_snapshot(stream, due, None);
        }
        Ok(state)
    }

    /// What to decide on: the state kept of a stream, or one that is loaded and kept. A stream that was named only when the command
    /// began, at `begun`, is not looked for: a state that has nothing in it is kept, and may be behind as any other. However long the
    /// command waited for a turn on another stream meanwhile, whoever waits behind it does not wait for that look.
    ///
    /// Commands on a state at hand take turns, because only the first of those that go ahead at once can be written. That is a
    /// courtesy and no lock. Who has a turn on another stream does not wait for this one, so that nobody waits in a circle.
    ///
    /// # Errors
    /// As [`Self::current`].
    pub(crate) async fn ground<D: Decider>(&self, stream: &StreamId, begun: Option<Timestamp>, wait: bool) -> Result<Ground<D>, Fault> {
        while let Some(cell) = self.cached::<D>(stream) {
            metrics::counter!("nalabo_stream_cache_hits_total").increment(1);
            let turn = cell.turn(if wait { PATIENCE } else { Duration::ZERO }).await;
            // Whoever had it before may have found that it is of no use.
            if turn.is_none() || self.cached(stream).is_some_and(|current| Arc::ptr_eq(&current, &cell)) {
                // Of what is known to be behind, the rest is read.
                if let Some(version) = cell.behind().filter(|_| turn.is_none() || !cell.is_ahead()) {
                    self.catch_up(stream, &cell, version).await?;
                }
                return Ok(Ground { cell, kept: true, turn });
            }
        }
        metrics::counter!("nalabo_stream_cache_misses_total").increment(1);
        let kept = begun.is_some_and(|begun| is_named_after(stream.id, begun - JUST_NAMED));
        let state = if kept { State::default() } else { self.load::<D>(stream).await? };
        let cell = Arc::new(Cell::new(state));
        let turn = cell.turn(Duration::ZERO).await;
        self.put(stream, &cell);
        Ok(Ground { cell, kept, turn })
    }

    /// A turn on a stream for who was late there, held while all is decided again; `None`: that took too long, or it is not at hand.
    pub(crate) async fn turn(&self, stream: &StreamId) -> Option<OwnedSemaphorePermit> {
        let turns = self.cache.as_ref()?.get(stream)?.cell.turns();
        turns.take(PATIENCE).await
    }

    fn cached<D: Decider>(&self, stream: &StreamId) -> Option<Arc<Cell<D>>> {
        let entry = self.cache.as_ref()?.get(stream)?;
        entry.cell.into_any().downcast::<Cell<D>>().ok().filter(|cell| cell.version().is_some())
    }

    /// Keeps a state, unless another task has kept a later one meanwhile.
    fn put<D: Decider>(&self, stream: &StreamId, cell: &Arc<Cell<D>>) {
        let Some(cache) = &self.cache else { return };
        let Some(weight) = cell.with(|state| weight(&state.value)) else { return };
        let entry = Entry { cell: Arc::clone(cell) as Arc<dyn AnyCell>, weight };
        let version = cell.version();
        let put = cache.entry_by_ref(stream).and_upsert_with(|kept| match kept {
            // Of two that are as far, the one is kept that others may be about to move.
            Some(kept) if kept.value().cell.version() >= version && !is_same(&kept.value().cell, &entry.cell) => kept.into_value(),
            _ => entry,
        });
        drop(put);
    }

    /// Takes in what has come to a stream since `version`; whether there was anything.
    ///
    /// # Errors
    /// As [`Self::current`].
    pub(crate) async fn catch_up<D: Decider>(&self, stream: &StreamId, cell: &Cell<D>, version: i64) -> Result<bool, Fault> {
        let newer = self.journal.load(stream, version).await?;
        if !newer.is_empty() && cell.with(|state| state.extend(&newer)).transpose()?.is_none() {
            self.forget(stream);
        }
        Ok(!newer.is_empty())
    }

    /// Takes in what was just appended after `expected`. A state that is not there does not get it, but for one of a succession, which
    /// gets there.
    pub(crate) fn appended<D: Decider>(&self, stream: &StreamId, cell: &Arc<Cell<D>>, expected: i64, events: &New<D>, succeeds: bool) {
        self.writes[count_of(stream)].fetch_add(1, Ordering::SeqCst);
        let is_wanted = cell.is_wanted();
        let grown = cell.with(|state| {
            if succeeds {
                state.append_in_order(expected, Arc::clone(events));
            }
            let taken = succeeds || state.append(expected, events);
            (taken, self.due_snapshot(state, is_wanted))
        });
        cell.catch_up_with_ahead();
        let (taken, due) = grown.unwrap_or((false, None));
        if !taken {
            self.forget(stream);
        }
        if let Some(due) = due {
            self.keep_snapshot(stream, due, Some(Arc::clone(cell)));
        }
        // Where another is kept by now, it lacks what was written here.
        self.found_at_least(stream, expected + i64::try_from(events.len()).unwrap_or_default());
    }

    /// Drops what is kept of a stream.
    pub(crate) fn forget(&self, stream: &StreamId) {
        self.writes[count_of(stream)].fetch_add(1, Ordering::SeqCst);
        if let Some(cache) = &self.cache {
            cache.invalidate(stream);
        }
    }

    /// Somebody has found a stream at a version. What is kept of it is dropped if it is beyond that, and read on from where it is,
    /// before anything else is decided on it, if it is behind.
    pub(crate) fn found_at(&self, stream: &StreamId, expected: i64, version: i64) {
        let Some(entry) = self.cache.as_ref().and_then(|cache| cache.get(stream)) else { return };
        // Where more was found than was expected, others may have brought what is kept further since.
        if !entry.cell.found_at(version) && version < expected {
            self.forget(stream);
        }
    }

    /// A stream has come to a version here. What is kept of it is read on before it is looked at, if it is behind.
    fn found_at_least(&self, stream: &StreamId, version: i64) {
        if let Some(entry) = self.cache.as_ref().and_then(|cache| cache.get(stream)) {
            entry.cell.found_at(version);
        }
    }
}

/// Which count a stream has its writes in.
fn count_of(stream: &StreamId) -> usize {
    usize::try_from(stream.id.as_u128() % WRITES as u128).unwrap_or_default()
}

fn is_same(one: &Arc<dyn AnyCell>, other: &Arc<dyn AnyCell>) -> bool {
    std::ptr::addr_eq(Arc::as_ptr(one), Arc::as_ptr(other))
}

/// Whether an id was made after an instant, as far as ids tell: in whole seconds.
fn is_named_after(id: Uuid, instant: Timestamp) -> bool {
    let made = id.get_timestamp().and_then(|at| i64::try_from(at.to_unix().0).ok());
    made.is_some_and(|seconds| seconds > instant.timestamp())
}

#[cfg(test)]
mod tests;
