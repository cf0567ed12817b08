//! The state of one stream, shared by the tasks that decide on it.

use std::{
    any::Any,
    sync::{Arc, Mutex},
    time::Duration,
};

use domain::Decider;
use journal::Recorded;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::{Fault, stored};

/// What a stream's events add up to.
#[derive(Default)]
pub(crate) struct State<D> {
    pub(crate) value: D,
    /// The sequence of the last event in it; 0: none.
    pub(crate) version: i64,
    /// Its id.
    pub(super) last: Uuid,
    /// The version of the last snapshot.
    pub(super) snapshot: i64,
    /// A version that the stream is known to have.
    found: i64,
}

impl<D: Decider> State<D> {
    /// A state out of a snapshot.
    pub(super) const fn at(value: D, version: i64, last: Uuid) -> Self {
        Self { value, version, last, snapshot: version, found: version }
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
}

/// A state that only goes forward along its stream: whoever looks at it sees it after some event, never between two.
pub(crate) struct Cell<D> {
    state: Mutex<State<D>>,
    turns: Arc<Semaphore>,
}

impl<D: Decider> Cell<D> {
    pub(super) fn new(state: State<D>) -> Self {
        Self { state: Mutex::new(state), turns: Arc::new(Semaphore::new(1)) }
    }

    /// Waits in line until nobody else has a turn; `None`: that took too long.
    pub(super) async fn turn(&self, patience: Duration) -> Option<OwnedSemaphorePermit> {
        if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            return Some(turn);
        }
        if patience.is_zero() {
            return None;
        }
        tokio::time::timeout(patience, Arc::clone(&self.turns).acquire_owned()).await.ok()?.ok()
    }

    /// From which version on it is known to lack something, if it does.
    pub(super) fn behind(&self) -> Option<i64> {
        self.with(|state| (state.version < state.found).then_some(state.version)).flatten()
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
    fn turns(&self) -> Arc<Semaphore>;
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

    fn turns(&self) -> Arc<Semaphore> {
        Arc::clone(&self.turns)
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
