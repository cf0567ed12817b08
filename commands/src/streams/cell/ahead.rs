//! Where many want a stream at once, the next decides on what the one before it has queued, and not only once that is on the disk: so they
//! share a flush. If one of them is not written, the journal writes none that was decided after it.

use std::time::Duration;

use domain::Decider;
use journal::Succession;

use super::{Cell, New, State};

/// How long a state is waited for, and how long between two looks where nobody tells.
const PATIENCE: Duration = Duration::from_secs(1);
const LOOKS: u32 = 100;

/// A state after events that are queued, and may yet not be written.
pub(super) struct Ahead<D: Decider> {
    state: State<D>,
    succession: Succession,
}

impl<D: Decider> Cell<D> {
    /// Looks at what to decide on: for who has the turn, the state after what is queued, with the succession that it is of, if there is one;
    /// else the state. `None`: somebody panicked half-way.
    pub(crate) fn look_ahead<R>(&self, has_turn: bool, look: impl FnOnce(&State<D>) -> R) -> Option<(R, Option<Succession>)> {
        if has_turn {
            let version = self.with(|state| state.version)?;
            let ahead = self.ahead.lock().ok()?;
            if let Some(ahead) = ahead.as_ref().filter(|ahead| ahead.state.version > version && !ahead.succession.has_failed()) {
                return Some((look(&ahead.state), Some(ahead.succession.clone())));
            }
        }
        self.with(|state| look(state)).map(|seen| (seen, None))
    }

    /// Whether something is queued that may be decided on.
    pub(crate) fn is_ahead(&self) -> bool {
        self.ahead.lock().is_ok_and(|ahead| ahead.as_ref().is_some_and(|ahead| !ahead.succession.has_failed()))
    }

    /// Takes in what was queued after `expected`, for the next to decide on.
    pub(crate) fn go_ahead(&self, succession: &Succession, expected: i64, events: &New<D>) {
        let Ok(mut ahead) = self.ahead.lock() else { return };
        if !ahead.as_ref().is_some_and(|ahead| ahead.succession.is(succession)) {
            *ahead = self.with(|state| Ahead::of(state, succession));
        }
        // What has come between is not known here.
        let follows = ahead.as_mut().is_some_and(|ahead| ahead.state.version == expected && ahead.state.append(expected, events));
        if !follows {
            *ahead = None;
        }
    }

    /// Forgets what is queued once all of it is there, and has whoever waits look.
    pub(crate) fn catch_up_with_ahead(&self) {
        if let Some(version) = self.with(|state| state.version)
            && let Ok(mut ahead) = self.ahead.lock()
            && ahead.as_ref().is_some_and(|ahead| ahead.state.version <= version)
        {
            *ahead = None;
        }
        self.moved.notify_waiters();
    }

    /// Whether all that was decided on up to a version is written. `false`: it is not, or not in time.
    pub(crate) async fn is_written(&self, version: i64, succession: &Succession) -> bool {
        for _ in 0..LOOKS {
            let moved = self.moved.notified();
            match self.with(|state| state.version >= version) {
                Some(true) => return true,
                Some(false) if !succession.has_failed() => {}
                Some(false) | None => return false,
            }
            // Nobody tells of what is not written.
            let _ = tokio::time::timeout(PATIENCE / LOOKS, moved).await;
        }
        false
    }
}

impl<D: Decider> Ahead<D> {
    fn of(state: &State<D>, succession: &Succession) -> Self {
        Self { state: State::at(state.value.clone(), state.version, state.last), succession: succession.clone() }
    }
}
