//! The events that were read last at the journal's end: whoever else follows the journal comes to them next.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::{JournalError, Position, Recorded};

/// Bytes of payloads that are kept.
const KEPT: usize = 4 << 20;

#[derive(Debug, Default)]
pub(crate) struct Front(Mutex<Page>);

#[derive(Debug, Default)]
struct Page {
    after: Position,
    events: Vec<Arc<Recorded>>,
}

impl Front {
    /// Some of the events after a position, at most `limit`: those at hand, or what `read` brings. One reads, the others wait for it.
    pub(crate) async fn read(
        &self,
        after: Position,
        limit: u32,
        head: Position,
        read: impl Future<Output = Result<Vec<Recorded>, JournalError>> + Send,
    ) -> Result<Vec<Arc<Recorded>>, JournalError> {
        // Whoever is far behind keeps nobody waiting.
        if head.0.saturating_sub(after.0) > i64::from(limit) {
            return Ok(shared(read.await?));
        }
        let mut page = self.0.lock().await;
        let end = page.events.last().map_or(page.after, |event| event.position);
        if (page.after..end).contains(&after) {
            let first = page.events.partition_point(|event| event.position <= after);
            return Ok(page.events[first..].iter().take(limit as usize).cloned().collect());
        }
        let events = shared(read.await?);
        let bytes: usize = events.iter().map(|event| event.payload.as_str().len()).sum();
        if !events.is_empty() && bytes <= KEPT {
            *page = Page { after, events: events.clone() };
        }
        Ok(events)
    }
}

pub(crate) fn shared(events: Vec<Recorded>) -> Vec<Arc<Recorded>> {
    events.into_iter().map(Arc::new).collect()
}
