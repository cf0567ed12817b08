//! Follows the journal: reads pages, has the read models fold them, and moves their checkpoints.

mod advance;
mod start;
mod wait;

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::Utc;
use chrono_tz::Tz;
use journal::{Journal, JournalError, Position};
use sea_orm::{DatabaseConnection, DbErr};
use tokio::sync::watch;

use crate::{
    ProjectionError,
    checkpoints::Checkpoint,
    projector::{Incoming, Projector},
    store::{self, Store},
};

/// Events in a page.
pub(crate) const PAGE: u32 = 1000;

/// What read models are opened with.
#[derive(Clone, Debug)]
pub struct ProjectionOptions {
    /// The directory of the generations' files.
    pub directory: PathBuf,
    /// In which days, weeks and months of the leaderboard begin.
    pub time_zone: Tz,
    /// Connections that answer queries.
    pub readers: u32,
}

/// Where a read model stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadModelStatus {
    /// Its name.
    pub name: &'static str,
    /// The version of its fold.
    pub version: u32,
    /// The last event it took.
    pub position: Position,
    /// Why it does not go on, if it does not.
    pub parked: Option<String>,
}

/// The read models of this process: one runner that writes, any number of queries that read.
pub struct Projections {
    journal: Arc<dyn Journal>,
    models: Vec<Box<dyn Projector>>,
    path: PathBuf,
    time_zone: Tz,
    store: Store,
    checkpoints: Mutex<Vec<Checkpoint>>,
    level: watch::Sender<Position>,
    running: tokio::sync::Mutex<()>,
    alive: AtomicBool,
    page: u32,
}

/// Why a round did not come to its end; the next one tries again.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("cannot read the journal: {0}")]
    Journal(#[from] JournalError),
    #[error("cannot write the read models: {0}")]
    Database(#[from] DbErr),
}

impl From<Fault> for ProjectionError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Journal(error) => Self::Journal(error),
            Fault::Database(error) => Self::Database(error),
        }
    }
}

impl Projections {
    /// Follows the journal until `shutdown`. A fault is tried again, later each time; a page is never left half-way.
    pub async fn run(self: Arc<Self>, shutdown: impl Future<Output = ()> + Send) {
        let _only = self.running.lock().await;
        let _alive = Alive::new(&self.alive);
        let mut head = self.journal.watch_head();
        let mut pause = wait::Backoff::default();
        let (mut known, mut tidy) = (false, false);
        tokio::pin!(shutdown);
        loop {
            head.mark_unchanged();
            let round = self.round(known).await;
            known = round.is_ok();
            let next = match round {
                Ok(more) => {
                    pause = wait::Backoff::default();
                    if more { wait::Next::AtOnce } else { wait::Next::Head }
                }
                Err(fault) => {
                    tracing::warn!(%fault, "read models fall behind; trying again");
                    wait::Next::Pause(pause.longer())
                }
            };
            if !tidy && self.is_level() {
                self.remove_other_generations();
                tidy = true;
            }
            if wait::until(next, &mut head, shutdown.as_mut()).await.is_break() {
                return;
            }
        }
    }

    /// One page for each group of read models at the same position, the furthest first; whether there may be more.
    /// Checkpoints are read again first if they are not `known`: a commit may have been cut off from its answer.
    async fn round(&self, known: bool) -> Result<bool, Fault> {
        if !known {
            self.reload().await?;
        }
        let head = *self.journal.watch_head().borrow();
        let mut more = false;
        for group in self.groups() {
            let events = self.page(group.position, group.until).await?;
            if let Some(last) = events.last() {
                more = true;
                self.take(&group.members, &events).await?;
                self.publish(head.max(last.event.position), Utc::now());
            }
        }
        self.publish(head, Utc::now());
        Ok(more)
    }

    /// Folds up to `until` and no further.
    pub(crate) async fn fill(&self, until: Position) -> Result<(), ProjectionError> {
        while let Some(group) = self.groups().into_iter().find(|group| group.position < until) {
            let events = self.page(group.position, Some(until)).await?;
            if events.is_empty() {
                break;
            }
            self.take(&group.members, &events).await?;
        }
        match self.status().into_iter().find_map(|status| Some((status.name, status.position, status.parked?))) {
            Some((name, position, reason)) => Err(ProjectionError::Parked { name, position, reason }),
            None => Ok(()),
        }
    }

    /// Read models that go on, by position; each group reads no further than to where the next one stands.
    fn groups(&self) -> Vec<Group> {
        let mut groups: std::collections::BTreeMap<Position, Vec<usize>> = std::collections::BTreeMap::new();
        for (model, checkpoint) in self.checkpoints().iter().enumerate().filter(|(_, checkpoint)| checkpoint.parked.is_none()) {
            groups.entry(checkpoint.position).or_default().push(model);
        }
        let mut until = None;
        let from_the_front = groups.into_iter().rev();
        from_the_front.map(|(position, members)| Group { position, members, until: until.replace(position) }).collect()
    }

    async fn page(&self, after: Position, until: Option<Position>) -> Result<Vec<Incoming>, JournalError> {
        let room = until.map_or(self.page, |until| u32::try_from(until.0 - after.0).unwrap_or(u32::MAX).min(self.page));
        let page = self.journal.read(after, room).await?;
        Ok(page.into_iter().map(Incoming::from).collect())
    }

    fn checkpoints(&self) -> std::sync::MutexGuard<'_, Vec<Checkpoint>> {
        self.checkpoints.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remove_other_generations(&self) {
        match store::remove_others(&self.path) {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "removed read models of other generations"),
            Err(error) => tracing::warn!(%error, "read models of other generations stay on disk"),
        }
    }

    /// For queries; nothing can be written through it.
    #[must_use]
    pub const fn db(&self) -> &DatabaseConnection {
        &self.store.reader
    }

    /// In which days, weeks and months of the leaderboard begin.
    #[must_use]
    pub const fn time_zone(&self) -> Tz {
        self.time_zone
    }

    /// Whether the runner runs.
    #[must_use]
    pub fn alive(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }

    /// Closes the file. Stop the runner first.
    pub async fn close(&self) {
        self.store.close().await;
    }
}

/// Read models at the same position.
struct Group {
    position: Position,
    members: Vec<usize>,
    until: Option<Position>,
}

/// Says that the runner runs, for as long as it does.
struct Alive<'a>(&'a AtomicBool);

impl<'a> Alive<'a> {
    fn new(flag: &'a AtomicBool) -> Self {
        flag.store(true, Ordering::Release);
        Self(flag)
    }
}

impl Drop for Alive<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests;
