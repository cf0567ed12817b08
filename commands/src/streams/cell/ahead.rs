//! Where many want a stream at once, the next decides on what the one before it has queued, and not only once that is on the disk: so they
//! share a flush. If one of them is not written, the journal writes none that was decided after it. After so many, or so long, all is
//! written before the next is decided, so that other nodes have their chance.

use std::time::{Duration, Instant};

use domain::Decider;
use journal::Succession;
use uuid::Uuid;

use super::{Cell, New, State};

/// How long a state is waited for, and how long between two looks where nobody tells.
const PATIENCE: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_millis(10);
/// How many go ahead one after the other, and for how long.
const MEMBERS: u32 = 256;
const LASTS: Duration = Duration::from_millis(50);

/// A state after events that are queued, and may yet not be written.
pub(super) struct Ahead<D: Decider> {
    state: State<D>,
    succession: Succession,
    members: u32,
    begun: Instant,
}

impl<D: Decider> Cell<D> {
    /// Looks at what to decide on: for who may go ahead, the state after what is queued, with the succession that it is of, if there is one;
    /// else the state. `None`: somebody panicked half-way.
    pub(crate) fn look_ahead<R>(&self, may: bool, look: impl FnOnce(&State<D>) -> R) -> Option<(R, Option<Succession>)> {
        if may {
            let version = self.with(|state| state.version)?;
            let ahead = self.ahead.lock().ok()?;
            if let Some(ahead) = ahead.as_ref().filter(|ahead| ahead.is_beyond(version)) {
                return Some((look(&ahead.state), Some(ahead.succession.clone())));
            }
        }
        self.with(|state| look(state)).map(|seen| (seen, None))
    }

    /// Whether something is queued that may be decided on.
    pub(crate) fn is_ahead(&self) -> bool {
        let version = self.with(|state| state.version);
        let ahead = self.ahead.lock();
        version.is_some_and(|version| ahead.is_ok_and(|ahead| ahead.as_ref().is_some_and(|ahead| ahead.is_beyond(version))))
    }

    /// Whether the next may be decided on what is queued after this.
    pub(crate) fn may_go_on(&self) -> bool {
        self.ahead.lock().is_ok_and(|ahead| ahead.as_ref().is_none_or(|ahead| ahead.succession.has_failed() || ahead.may_go_on()))
    }

    /// Takes in what was queued after `expected`, for the next to decide on.
    pub(crate) fn go_ahead(&self, succession: &Succession, expected: i64, events: &New<D>) {
        let Ok(mut ahead) = self.ahead.lock() else { return };
        if !ahead.as_ref().is_some_and(|ahead| ahead.succession.is(succession)) {
            *ahead = self.with(|state| Ahead::of(state, succession));
        }
        // What has come between is not known here.
        let follows = ahead.as_mut().is_some_and(|ahead| {
            ahead.members += 1;
            ahead.state.version == expected && ahead.state.append(expected, events)
        });
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

    /// Waits until all that is queued is written, or some of it is not; not for ever.
    pub(crate) async fn settled(&self) {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let moved = self.moved.notified();
            if !self.is_ahead() {
                return;
            }
            // Nobody tells of what is not written.
            let _ = tokio::time::timeout(LOOK, moved).await;
        }
    }

    /// Whether all that was decided on is written, up to an event at a version. `false`: it is not, or others are there, or not in time.
    pub(crate) async fn is_written(&self, (version, last): (i64, Uuid), succession: &Succession) -> bool {
        let until = Instant::now() + PATIENCE;
        loop {
            let moved = self.moved.notified();
            match self.with(|state| (state.version, state.last)) {
                Some((at, id)) if at == version => return id == last,
                Some((at, _)) if at < version && !succession.has_failed() && Instant::now() < until => {}
                _ => return false,
            }
            let _ = tokio::time::timeout(LOOK, moved).await;
        }
    }
}

impl<D: Decider> Ahead<D> {
    fn of(state: &State<D>, succession: &Succession) -> Self {
        let state = State::at(state.value.clone(), state.version, state.last);
        Self { state, succession: succession.clone(), members: 0, begun: Instant::now() }
    }

    fn is_beyond(&self, version: i64) -> bool {
        self.state.version > version && !self.succession.has_failed()
    }

    fn may_go_on(&self) -> bool {
        self.members < MEMBERS && self.begun.elapsed() < LASTS
    }
}
