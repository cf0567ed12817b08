//! Walks the chain, in any engine: one task reads the next page while another hashes the last.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::mpsc;
use uuid::Uuid;

use crate::{History, JournalError, Link, Position, RawEvent, stored::Stored};

/// Rows between two looks at the database.
const PAGE: u32 = 2000;
/// Pages read ahead.
const AHEAD: usize = 2;

/// The first thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("position {position}: {what}")]
pub struct Finding {
    /// Where.
    pub position: Position,
    /// How.
    pub what: String,
}

impl Finding {
    /// Something that is wrong at a position.
    #[must_use]
    pub fn new(position: Position, what: impl Into<String>) -> Self {
        Self { position, what: what.into() }
    }
}

/// Why a walk ended early.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// History is not what was written.
    #[error(transparent)]
    Wrong(#[from] Finding),
    /// It could not be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl From<WalkError> for JournalError {
    fn from(error: WalkError) -> Self {
        match error {
            WalkError::Wrong(finding) => Self::Corrupt { at: format!("position {}", finding.position), what: finding.what },
            WalkError::Journal(error) => error,
        }
    }
}

/// What to walk. The default is everything, held against nothing but itself.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    /// Where the walk begins; the hash there is taken as given.
    pub from: Link,
    /// At most so many events.
    pub limit: Option<u64>,
    /// Hashes that are known from elsewhere, and from where.
    pub known: Vec<(Link, String)>,
}

/// Hashes events again, each from the one before, and returns the link reached. `progress` is told after each page.
///
/// # Errors
/// [`WalkError::Wrong`] at the first position whose event is missing or not as it was written, or whose hash is not the known
/// one; or a fault.
pub async fn walk(history: &Arc<dyn History>, walk: Walk, mut progress: impl FnMut(Link) + Send) -> Result<Link, WalkError> {
    let mut chain = Chain::new(history.id(), walk.from, walk.known);
    chain.hold()?;
    let (pages, mut read) = mpsc::channel(AHEAD);
    let reader = Ahead { history: Arc::clone(history), after: walk.from.position, left: walk.limit.unwrap_or(u64::MAX) };
    let reader = tokio::spawn(reader.run(pages));
    let walked = async {
        while let Some(page) = read.recv().await {
            let page = page?;
            let step = tokio::task::spawn_blocking(move || {
                let outcome = chain.take(&page);
                (chain, outcome)
            });
            let outcome;
            // Nothing aborts it, and it does not panic.
            (chain, outcome) = step.await.map_err(|_| JournalError::Closed)?;
            outcome?;
            progress(chain.reached);
        }
        Ok::<_, WalkError>(chain)
    };
    let walked = walked.await;
    drop(read);
    let _ = reader.await; // It ends once nobody takes its pages.
    let chain = walked?;
    chain.end(walk.limit.is_some())
}

/// The task that reads.
struct Ahead {
    history: Arc<dyn History>,
    after: Position,
    left: u64,
}

impl Ahead {
    async fn run(mut self, pages: mpsc::Sender<Result<Vec<RawEvent>, JournalError>>) {
        while self.left > 0 {
            let limit = u32::try_from(self.left).unwrap_or(u32::MAX).min(PAGE);
            let page = self.history.read_raw(self.after, limit).await;
            match &page {
                Ok(events) => {
                    let Some(last) = events.last() else { return };
                    self.after = Position(last.position);
                    self.left -= events.len() as u64;
                }
                Err(_) => self.left = 0,
            }
            if pages.send(page).await.is_err() {
                return;
            }
        }
    }
}

/// The link of an event that should be the next after another.
pub(crate) fn follow(journal: Uuid, reached: &Link, event: &Stored<'_>) -> Result<Link, Finding> {
    let position = Position(reached.position.0 + 1);
    if event.columns.position != position.0 {
        return Err(Finding::new(position, "the event is missing"));
    }
    let hash = event.columns.hash(journal, &reached.hash);
    if hash.as_slice() != event.hash {
        return Err(Finding::new(position, "the event is not as it was written"));
    }
    Ok(Link { position, hash })
}

/// Where the walk is.
struct Chain {
    journal: Uuid,
    reached: Link,
    /// By position, those that are still ahead.
    known: BTreeMap<i64, Vec<(Link, String)>>,
}

impl Chain {
    fn new(journal: Uuid, from: Link, links: Vec<(Link, String)>) -> Self {
        let mut known: BTreeMap<i64, Vec<(Link, String)>> = BTreeMap::new();
        for link in links.into_iter().filter(|(link, _)| link.position >= from.position) {
            known.entry(link.0.position.0).or_default().push(link);
        }
        Self { journal, reached: from, known }
    }

    fn take(&mut self, page: &[RawEvent]) -> Result<(), WalkError> {
        for event in page {
            self.reached = follow(self.journal, &self.reached, &event.stored())?;
            self.hold()?;
        }
        Ok(())
    }

    /// Holds the link reached against what is known of it.
    fn hold(&mut self) -> Result<(), Finding> {
        // Most events have nothing to be held against.
        if self.known.first_key_value().is_none_or(|(position, _)| *position != self.reached.position.0) {
            return Ok(());
        }
        let known = self.known.pop_first().map(|(_, known)| known).unwrap_or_default();
        match known.iter().find(|(link, _)| *link != self.reached) {
            Some((_, from)) => {
                Err(Finding::new(self.reached.position, format!("its hash is not the one of {from}: history was rewritten up to here")))
            }
            None => Ok(()),
        }
    }

    fn end(mut self, limited: bool) -> Result<Link, WalkError> {
        match self.known.pop_first().and_then(|(_, known)| known.into_iter().next()) {
            Some((link, from)) if !limited => {
                let missing = Position(self.reached.position.0 + 1);
                let what = format!("the event is missing: {from} says that there were {} events", link.position);
                Err(Finding::new(missing, what).into())
            }
            _ => Ok(self.reached),
        }
    }
}
