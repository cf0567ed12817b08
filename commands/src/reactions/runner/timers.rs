//! Timers that are due.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use journal::{Advance, TimerChange};
use tokio::time::Instant;

use super::{Follower, Turn, attempt::is_passing, backoff};
use crate::Fault;

impl Follower {
    /// Does what due timers are for; whether any was. One that fails keeps no other waiting, and is tried again.
    ///
    /// # Errors
    /// What is no timer's fault.
    pub(super) async fn timers(&self, turn: &mut Turn, page: u32) -> Result<bool, Fault> {
        // Those that wait to be tried again take no other's place.
        let limit = page.saturating_add(u32::try_from(turn.timers.len()).unwrap_or(u32::MAX));
        let due = self.journal.due_timers(self.reaction.name(), (self.clock)(), limit).await?;
        turn.timers.retain(|key, _| due.iter().any(|timer| timer.key == *key));
        let mut done = false;
        for timer in due {
            let failures = match turn.timers.get(&timer.key) {
                Some((at, _)) if Instant::now() < *at => continue,
                Some((_, failures)) => failures + 1,
                None => 1,
            };
            let ended = AssertUnwindSafe(self.reaction.due(&timer, &self.commands)).catch_unwind().await;
            match ended.unwrap_or_else(|_| Err(Fault::Outside("the reaction panicked".into()))) {
                Ok(()) => {
                    let timers = vec![TimerChange::Cancel(timer.key.clone())];
                    self.advance(turn, Advance { timers, ..Advance::default() }).await?;
                    turn.timers.remove(&timer.key);
                    done = true;
                }
                Err(fault) if is_passing(&fault) => return Err(fault),
                Err(fault) => {
                    self.failed(&fault, failures, "a reaction's timer failed and will be tried again");
                    turn.timers.insert(timer.key, (Instant::now() + backoff(failures), failures));
                }
            }
        }
        Ok(done)
    }
}
