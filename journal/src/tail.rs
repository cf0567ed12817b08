//! All events, those to come included.

use std::{sync::Arc, time::Duration};

use futures_util::Stream;
use tokio::time::{Instant, sleep_until};

use crate::{Journal, JournalError, Position, Recorded};

const PAGE: u32 = 1000;
/// From one look at the journal to the next: what comes meanwhile is read together. What comes after a pause is read at once.
const REST: Duration = Duration::from_millis(5);

/// Every event after `after` in order, without gaps, then each new one as it is recorded. Ends when the journal is closed, or
/// with the first error; start again after the last event seen.
pub fn tail(journal: Arc<dyn Journal>, after: Position) -> impl Stream<Item = Result<Arc<Recorded>, JournalError>> + Send {
    async_stream::try_stream! {
        let mut seen = after;
        let mut head = journal.watch_head();
        loop {
            // Marked as seen before it is read: an event recorded in between wakes the wait below.
            let (known, looked) = (*head.borrow_and_update(), Instant::now());
            loop {
                let page = match journal.follow(seen, PAGE).await {
                    Err(JournalError::Closed) => return,
                    page => page?,
                };
                let (is_empty, is_full) = (page.is_empty(), page.len() >= PAGE as usize);
                for event in page {
                    seen = event.position;
                    yield event;
                }
                if is_empty || (!is_full && seen >= known) {
                    break;
                }
            }
            if head.changed().await.is_err() {
                break;
            }
            sleep_until(looked + REST).await;
        }
    }
}
