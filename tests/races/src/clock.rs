//! The time of races: that of the host, and as far ahead as it was moved.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::TimeDelta;
use commands::system_clock;
use domain::kernel::Timestamp;

/// Seconds. All races of a process share them, so that none has its time to itself: it only ever goes forward.
static AHEAD: AtomicI64 = AtomicI64::new(0);

/// What time it is.
#[must_use]
pub fn now() -> Timestamp {
    system_clock() + TimeDelta::seconds(AHEAD.load(Ordering::Relaxed))
}

/// Moves time on.
pub(crate) fn pass(time: TimeDelta) {
    AHEAD.fetch_add(time.num_seconds(), Ordering::Relaxed);
}
