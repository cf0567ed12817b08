//! The state of one stream, shared by the tasks that decide on it.

mod ahead;
mod turns;

use std::{
    any::Any,
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use domain::{Decider, kernel::Timestamp};
use journal::Recorded;
use tokio::sync::{Notify, OwnedSemaphorePermit};
use uuid::Uuid;

use self::ahead::Ahead;
pub(crate) use self::turns::Turns;
use crate::{Fault, stored};

/// Events with their ids.
pub(crate) type New<D> = Arc<Vec<(Uuid, <D as Decider>::Event)>>;

/// What a stream's events add up to.
pub(crate) struct State<D: Decider> {
    pub(crate) value: D,
    /// The sequence of the last event in it; 0: none.
    pub(crate) version: i64,
    /// Its id.
    pub(crate) last: Uuid,
    /// The version of the last snapshot.
    pub(super) snapshot: i64,
    /// A version that the stream is known to have.
    found: i64,
    /// What was appended after a version that is not there yet: who appended what comes before has not said so.
    early: BTreeMap<i64, New<D>>,
}

impl<D: Decider> Default for State<D> {
    fn default() -> Self {
        Self { value: D::default(), version: 0, last: Uuid::nil(), snapshot: 0, found: 0, early: BTreeMap::new() }
    }
}

impl<D: Decider> State<D> {
    /// A state out of a snapshot.
    pub(super) const fn at(value: D, version: i64, last: Uuid) -> Self {
        Self { value, version, last, snapshot: version, found: version, early: BTreeMap::new() }
    }

    /// Takes stored events in; those that it has are passed over.
    pub(super) fn extend(&mut self, events: &[Recorded]) -> Result<(), Fault> {
        for recorded in events.iter().filter(|recorded| recorded.sequence > self.version).collect::<Vec<_>>() {
            self.value.evolve(&stored::read::<D>(recorded)?);
            (self.version, self.last) = (recorded.sequence, recorded.event_id);
        }
        Ok(())
    }

    /// Takes in what was appended after `expected`. `false`: it is not the state that this was decided on.
    pub(super) fn append(&mut self, expected: i64, events: &[(Uuid, D::Event)]) -> bool {
        if self.version < expected {
            return false;
        }
        for (sequence, (id, event)) in (expected + 1..).zip(events) {
            if sequence > self.version {
                self.value.evolve(event);
                (self.version, self.last) = (sequence, *id);
            }
        }
        true
    }

    /// The same of a succession, in which who comes later may say so earlier.
    pub(super) fn append_in_order(&mut self, expected: i64, events: New<D>) {
        self.found = self.found.max(expected);
        self.early.insert(expected, events);
        while self.early.first_key_value().is_some_and(|(at, _)| *at <= self.version) {
            if let Some((expected, events)) = self.early.pop_first() {
                self.append(expected, &events);
            }
        }
    }
}

/// A state that only goes forward along its stream: whoever looks at it sees it after some event, never between two.
pub(crate) struct Cell<D: Decider> {
    state: Mutex<State<D>>,
    /// When the journal was asked last for what is missing, in milliseconds since 1970.
    read_at: AtomicI64,
    ahead: Mutex<Option<Ahead<D>>>,
    /// Told whenever the state has moved on.
    moved: Notify,
    turns: Arc<Turns>,
}

impl<D: Decider> Cell<D> {
    pub(super) fn new(state: State<D>) -> Self {
        Self {
            state: Mutex::new(state),
            read_at: AtomicI64::new(i64::MIN),
            ahead: Mutex::default(),
            moved: Notify::new(),
            turns: Arc::default(),
        }
    }

    /// Waits in line until nobody else has a turn; `None`: that took too long.
    pub(super) async fn turn(&self, patience: Duration) -> Option<OwnedSemaphorePermit> {
        self.turns.take(patience).await
    }

    /// Whether somebody waits for a turn.
    pub(crate) fn is_wanted(&self) -> bool {
        self.turns.are_wanted()
    }

    /// From which version on it is known to lack something, if it does.
    pub(super) fn behind(&self) -> Option<i64> {
        self.with(|state| (state.version < state.found).then_some(state.version)).flatten()
    }

    /// It has all that the journal had at an instant.
    pub(super) fn was_read(&self, at: Timestamp) {
        self.read_at.fetch_max(at.timestamp_millis(), Ordering::Relaxed);
    }

    /// Whether it has all that the journal had at some instant so shortly ago. A clock that was set back knows nothing of that.
    pub(super) fn was_read_within(&self, time: TimeDelta, now: Timestamp) -> bool {
        let age = now.timestamp_millis().saturating_sub(self.read_at.load(Ordering::Relaxed));
        (0..time.num_milliseconds()).contains(&age)
    }

    /// Looks at the state, or moves it on. `None`: somebody panicked half-way, and it is of no use any more.
    pub(crate) fn with<R>(&self, look: impl FnOnce(&mut State<D>) -> R) -> Option<R> {
        self.state.lock().ok().map(|mut state| look(&mut state))
    }
}

/// A cell of whatever kind.
pub(super) trait AnyCell: Send + Sync {
    /// How far it is; `None`: it is of no use any more.
    fn version(&self) -> Option<i64>;
    /// Takes note of the stream's version; `false`: it is of no use any more.
    fn found_at(&self, version: i64) -> bool;
    /// The line for a turn.
    fn turns(&self) -> Arc<Turns>;
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<D: Decider> AnyCell for Cell<D> {
    fn version(&self) -> Option<i64> {
        self.with(|state| state.version)
    }

    fn found_at(&self, version: i64) -> bool {
        let is_of_use = self.with(|state| {
            state.found = state.found.max(version);
            state.version <= version
        });
        is_of_use.unwrap_or_default()
    }

    fn turns(&self) -> Arc<Turns> {
        Arc::clone(&self.turns)
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
