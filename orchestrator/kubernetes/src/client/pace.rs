//! A steady rate of requests, with room for a burst of a second's worth.

use std::{
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

pub(super) struct Pace {
    every: Duration,
    burst: Duration,
    /// When the last request that was let through would have been due at a steady rate.
    due: Mutex<Option<Instant>>,
}

impl Pace {
    pub(super) fn new(per_second: NonZeroU32) -> Self {
        Self { every: Duration::from_secs(1) / per_second.get(), burst: Duration::from_secs(1), due: Mutex::default() }
    }

    /// Returns when the next request may begin.
    pub(super) async fn turn(&self) {
        let now = Instant::now();
        let due = {
            let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
            let next = due.map_or(now, |due| (due + self.every).max(now));
            *due = Some(next);
            next
        };
        if let Some(start) = due.checked_sub(self.burst).filter(|start| *start > now) {
            sleep_until(start).await;
        }
    }
}
